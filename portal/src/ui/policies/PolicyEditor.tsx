import { Alert, Button, Drawer, Group, Stack, Switch, Text } from "@mantine/core";
import { IconLock } from "@tabler/icons-react";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useChanged } from "@/client/changed";
import { asProblem } from "@/client/problem";
import type { EffectivePolicy, Policy, PolicyKind } from "@/client/types";
import { ErrorState } from "@/ui/ErrorState";
import { Loaded } from "@/ui/Loaded";
import { notifyDone } from "@/ui/notify";
import { startOf } from "@/ui/schema/fields";
import { type FormErrors, SchemaForm } from "@/ui/schema/SchemaForm";
import { type Config, canLock, readPolicy, removePolicy, type Spot, writePolicy } from "./spots";

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
    <Drawer
      opened
      onClose={onClose}
      position="right"
      size="lg"
      title={kind.title}
      closeButtonProps={{ "aria-label": "Close" }}
    >
      <Loaded query={policy}>
        {(data) => (
          <PolicyForm kind={kind} spot={spot} policy={data} inherited={inherited} onClose={onClose} />
        )}
      </Loaded>
    </Drawer>
  );
}

function PolicyForm({ kind, spot, policy, inherited, onClose }: Props & { policy: Policy | null }) {
  const [config, setConfig] = useState<Config>(
    () =>
      policy?.config ?? (kind.merge === "replace" ? inherited?.config : undefined) ?? startOf(kind.schema),
  );
  const [locked, setLocked] = useState(policy?.locked ?? false);
  const changed = useChanged();
  const done = async (title: string) => {
    await changed();
    notifyDone(title);
    onClose();
  };
  const save = useMutation({
    mutationFn: () => writePolicy(spot, kind.kind, policy, { config, locked }),
    onSuccess: () => done(`${kind.title}: set`),
  });
  const clear = useMutation({
    mutationFn: async () => policy && removePolicy(spot, kind.kind, policy),
    onSuccess: () => done(`${kind.title}: taken away`),
  });
  const failure = save.error ?? clear.error;
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate();
      }}
    >
      <Stack>
        <Text size="sm" c="dimmed">
          {String(kind.schema.description ?? "")} {kind.merge === "merge" && MERGES}
        </Text>
        {failure && <ErrorState error={failure} />}
        <SchemaForm
          schema={kind.schema}
          value={config}
          onChange={setConfig}
          errors={fieldErrors(save.error)}
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
            <Button variant="default" loading={clear.isPending} onClick={() => clear.mutate()}>
              Take it away
            </Button>
          ) : (
            <span />
          )}
          <Group>
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={save.isPending}>
              Set it
            </Button>
          </Group>
        </Group>
      </Stack>
    </form>
  );
}

const MERGES = "Its lists are built from all places together.";

/** The server points into its body, the form into the configuration. */
function fieldErrors(error: unknown): FormErrors {
  if (!error) return {};
  const said = asProblem(error).errors.map(
    ({ pointer, message, hint }) =>
      [pointer.replace(/^\/(body\/)?config/, ""), [message, hint].filter(Boolean).join(" ")] as const,
  );
  return Object.fromEntries(said.reverse());
}
