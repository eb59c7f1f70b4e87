import { Alert, Button, Drawer, Group, Stack, Switch, Text, Title } from "@mantine/core";
import { IconLock } from "@tabler/icons-react";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { useChanged } from "@/client/changed";
import { asProblem, plainly } from "@/client/problem";
import type { ChangePlan, EffectivePolicy, Policy, PolicyKind } from "@/client/types";
import { DANGER } from "@/lib/theme";
import { ErrorState } from "@/ui/ErrorState";
import { FormError } from "@/ui/FormError";
import { Loaded } from "@/ui/Loaded";
import { notifyDone } from "@/ui/notify";
import { Said } from "@/ui/Said";
import { startOf } from "@/ui/schema/fields";
import { type FormErrors, SchemaForm } from "@/ui/schema/SchemaForm";
import { ChangePlanView } from "./ChangePlanView";
import {
  type Config,
  canLock,
  planPolicy,
  readPolicy,
  removePolicy,
  type Spot,
  type Wanted,
  writePolicy,
} from "./spots";

interface Props {
  kind: PolicyKind;
  spot: Spot;
  /** What holds here so far, to begin with where nothing is set at this very place. */
  inherited: EffectivePolicy | undefined;
  onClose: () => void;
}

/** One kind of policy at one place: a form from the kind's own schema. */
export function PolicyEditor({ kind, spot, inherited, onClose }: Props) {
  const policy = useQuery({
    queryKey: ["policy", spot, kind.kind],
    queryFn: () => readPolicy(spot, kind.kind),
    staleTime: 0,
    gcTime: 0,
  });
  return (
    <Drawer opened onClose={onClose} position="right" size="lg" title={kind.title}>
      <Loaded query={policy}>
        {(data) => (
          <PolicyForm kind={kind} spot={spot} policy={data} inherited={inherited} onClose={onClose} />
        )}
      </Loaded>
    </Drawer>
  );
}

type Draft = Wanted | "remove";

function PolicyForm({ kind, spot, policy, inherited, onClose }: Props & { policy: Policy | null }) {
  const [config, setConfig] = useState<Config>(
    () =>
      policy?.config ?? (kind.merge === "replace" ? inherited?.config : undefined) ?? startOf(kind.schema),
  );
  const [locked, setLocked] = useState(policy?.locked ?? false);
  const look = useMutation({ mutationFn: (draft: Draft) => planPolicy(spot, kind.kind, draft) });
  if (look.data && look.variables) {
    const place = { kind, spot, policy, onClose };
    return <Review {...place} plan={look.data} draft={look.variables} onBack={look.reset} />;
  }
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        look.mutate({ config, locked });
      }}
    >
      <Stack>
        <Text size="sm" c="dimmed">
          <Said>{String(kind.schema.description ?? "")}</Said> {kind.merge === "merge" && MERGES}
        </Text>
        <FormError error={look.error} />
        <SchemaForm
          schema={kind.schema}
          value={config}
          onChange={setConfig}
          errors={fieldErrors(look.error)}
        />
        {canLock(spot) && (
          <Alert color="gray" icon={<IconLock />}>
            <Switch
              label="Locked: nearer places cannot say otherwise"
              checked={locked}
              onChange={(event) => setLocked(event.currentTarget.checked)}
            />
          </Alert>
        )}
        <Group justify="space-between">
          {policy ? (
            <Button variant="default" loading={look.isPending} onClick={() => look.mutate("remove")}>
              Take it away…
            </Button>
          ) : (
            <span />
          )}
          <Group>
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={look.isPending}>
              See what it changes
            </Button>
          </Group>
        </Group>
      </Stack>
    </form>
  );
}

const MERGES = "Its lists are built from all places together.";

interface ReviewProps extends Omit<Props, "inherited"> {
  policy: Policy | null;
  draft: Draft;
  plan: ChangePlan;
  onBack: () => void;
}

/** The second step: what the change touches, and only then the change. */
function Review({ kind, spot, policy, draft, plan, onBack, onClose }: ReviewProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  const changed = useChanged();
  const taking = draft === "remove";
  const make = useMutation({
    mutationFn: async () => {
      if (draft !== "remove") await writePolicy(spot, kind.kind, policy, draft);
      else if (policy) await removePolicy(spot, kind.kind, policy);
    },
    onSuccess: async () => {
      await changed();
      notifyDone(`${kind.title}: ${taking ? "taken away" : "set"}`);
      onClose();
    },
  });
  return (
    <Stack>
      <Title order={2} size="h3" ref={heading} tabIndex={-1} style={{ outline: "none" }}>
        {taking ? "Taking it away touches" : "This change touches"}
      </Title>
      <ChangePlanView plan={plan} />
      {make.isError && <ErrorState error={make.error} />}
      <Group justify="flex-end">
        <Button variant="default" onClick={onBack}>
          Back
        </Button>
        <Button color={taking ? DANGER : undefined} loading={make.isPending} onClick={() => make.mutate()}>
          {taking ? "Take it away" : "Set it"}
        </Button>
      </Group>
    </Stack>
  );
}

/** The server points into its body, the form into the configuration. */
function fieldErrors(error: unknown): FormErrors {
  if (!error) return {};
  const said = asProblem(error).errors.map(
    ({ pointer, message, hint }) =>
      [pointer.replace(/^\/(body\/)?config/, ""), plainly({ message, hint })] as const,
  );
  return Object.fromEntries(said.reverse());
}
