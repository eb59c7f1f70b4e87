import { Badge, Box, Button, Group, Menu, Paper, Stack, Text, Title } from "@mantine/core";
import { IconLock, IconPlus, IconShield } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api } from "@/client/http";
import type { EffectivePolicy, PolicyKind } from "@/client/types";
import { words } from "@/lib/format";
import { EmptyState } from "@/ui/EmptyState";
import { Loaded } from "@/ui/Loaded";
import { Said } from "@/ui/Said";
import { ConfigView } from "./ConfigView";
import { originOf } from "./origins";
import { PolicyEditor } from "./PolicyEditor";
import { effectiveAt, type Spot } from "./spots";

interface Props {
  spot: Spot;
  editable: boolean;
  /** The level of the headings of the policies. */
  order: 2 | 3;
}

/** The policies at one place, in the order in which they are asked: what holds, where it comes from, how to change it. */
export function PolicySet({ spot, editable, order }: Props) {
  const kinds = api.useQuery("get", "/api/v1/policy-kinds", {}, { staleTime: Number.POSITIVE_INFINITY });
  // The key begins like the client's own, so that every change asks anew.
  const effective = useQuery({
    queryKey: ["get", "effective-policies", spot],
    queryFn: () => effectiveAt(spot),
  });
  return (
    <Loaded query={kinds}>
      {(known) => (
        <Loaded query={effective}>
          {(found) => (
            <Policies spot={spot} editable={editable} order={order} kinds={known.items} effective={found} />
          )}
        </Loaded>
      )}
    </Loaded>
  );
}

interface SetProps extends Props {
  kinds: PolicyKind[];
  effective: EffectivePolicy[];
}

function Policies({ spot, editable, order, kinds, effective }: SetProps) {
  const [editing, setEditing] = useState<string | null>(null);
  const byKind = new Map(effective.map((one) => [one.kind, one]));
  const shown = kinds.filter((kind) => byKind.has(kind.kind));
  const free = kinds.filter((kind) => kind.levels.includes(spot.level) && !byKind.has(kind.kind));
  const edited = kinds.find((kind) => kind.kind === editing);
  const add = editable && free.length > 0 && <AddPolicy kinds={free} onChoose={setEditing} />;
  return (
    <Stack>
      {shown.length === 0 ? (
        <Paper p={0}>
          <EmptyState title="Nothing is set here" icon={IconShield} action={add}>
            {NOTHING[spot.level] ?? "What wider places say holds here too."}
          </EmptyState>
        </Paper>
      ) : (
        <>
          {add && <Group justify="flex-end">{add}</Group>}
          {shown.map((kind) => {
            const policy = byKind.get(kind.kind);
            return (
              policy && (
                <PolicyCard
                  key={kind.kind}
                  kind={kind}
                  policy={policy}
                  spot={spot}
                  order={order}
                  onEdit={editable ? () => setEditing(kind.kind) : undefined}
                />
              )
            );
          })}
        </>
      )}
      {edited && (
        <PolicyEditor
          key={edited.kind}
          kind={edited}
          spot={spot}
          inherited={byKind.get(edited.kind)}
          onClose={() => setEditing(null)}
        />
      )}
    </Stack>
  );
}

const NOTHING: Record<string, string> = {
  hub: "What is set here holds for every API of every team, unless a nearer place says otherwise; a lock forbids that.",
  team: "What is set here holds for every API of this team, unless a nearer place says otherwise; a lock forbids that.",
  plan: "What is set here holds for whoever calls on this plan, beside its terms.",
};

/** The stages that a call passes, as the question that each asks. */
const STAGES: Record<string, string> = {
  preflight: "From which pages?",
  gate: "Is it open?",
  route: "What is called?",
  who: "Who calls?",
  may: "May they?",
  "how much": "How much?",
  answer: "Who answers?",
  edit: "What is changed on the way?",
  upstream: "How long may it take?",
};

const stageTitle = (stage: string): string => STAGES[stage] ?? words(stage);

function AddPolicy({ kinds, onChoose }: { kinds: PolicyKind[]; onChoose: (kind: string) => void }) {
  const stages = [...new Set(kinds.map((kind) => kind.stage))];
  return (
    <Menu position="bottom-end" width={280}>
      <Menu.Target>
        <Button variant="default" leftSection={<IconPlus size={16} />}>
          Add a policy
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Box
          role="group"
          aria-label="Kinds"
          tabIndex={0}
          mah="min(70vh, 620px)"
          style={{ overflowY: "auto" }}
        >
          {stages.map((stage) => (
            <Box key={stage} role="group" aria-label={stageTitle(stage)}>
              <Menu.Label aria-hidden>{stageTitle(stage)}</Menu.Label>
              {kinds
                .filter((kind) => kind.stage === stage)
                .map((kind) => (
                  <Menu.Item key={kind.kind} onClick={() => onChoose(kind.kind)}>
                    {kind.title}
                  </Menu.Item>
                ))}
            </Box>
          ))}
        </Box>
      </Menu.Dropdown>
    </Menu>
  );
}

interface CardProps {
  kind: PolicyKind;
  policy: EffectivePolicy;
  spot: Spot;
  order: 2 | 3;
  onEdit: (() => void) | undefined;
}

function PolicyCard({ kind, policy, spot, order, onEdit }: CardProps) {
  const here = policy.from.level === spot.level;
  const closed = policy.locked && !here;
  const allowed = kind.levels.includes(spot.level) && !closed;
  return (
    <Paper p="md" component="section" aria-label={kind.title}>
      <Group justify="space-between" align="flex-start" wrap="nowrap">
        <div style={{ minWidth: 0 }}>
          <Group gap="xs">
            <Title order={order} size="h3">
              {kind.title}
            </Title>
            <Badge color={here ? "brand" : "gray"}>{originOf(policy.from, spot)}</Badge>
            {policy.locked && (
              <Badge color="yellow" leftSection={<IconLock size={11} aria-hidden />}>
                Locked
              </Badge>
            )}
          </Group>
          <Text size="sm" c="dimmed">
            <Said>{String(kind.schema.description ?? "")}</Said>
          </Text>
        </div>
        {onEdit && allowed && (
          <Button variant="default" size="compact-sm" style={{ flex: "none" }} onClick={onEdit}>
            {here ? "Change" : "Set here"}
          </Button>
        )}
      </Group>
      <ConfigView schema={kind.schema} policy={policy} spot={spot} />
    </Paper>
  );
}
