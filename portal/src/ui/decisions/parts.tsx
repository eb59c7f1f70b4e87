import { Alert, Badge, Group, List, Paper, Stack, Table, Text, Title } from "@mantine/core";
import { IconBulb, IconLock } from "@tabler/icons-react";
import { placeInWords } from "@/client/problem";
import type { DecidedBy, Fact } from "@/client/types";
import { capability } from "@/lib/capabilities";
import { ago, words } from "@/lib/format";
import { inWords } from "@/lib/values";
import { CodeBlock } from "@/ui/Code";
import { Said } from "@/ui/Said";

const LEVELS: Record<string, string> = {
  default: "by default",
  hub: "at the hub",
  team: "at the team",
  api: "at the API",
  version: "at version",
  operation: "at the operation",
  plan: "at the plan",
};

/** The policy that decided, where it stands, and which part of it. */
export function DecidedByCard({ by }: { by: DecidedBy }) {
  const named = by.place.level !== "hub" && by.place.level !== "default" ? ` ${by.place.name}` : "";
  const said = [
    by.part && `Its part ${placeInWords(by.part)}`,
    by.attached_at && `set ${ago(by.attached_at)}${by.attached_by ? ` by ${by.attached_by.name}` : ""}`,
    by.revision && `revision ${by.revision}`,
  ].filter(Boolean);
  return (
    <Paper p="lg" component="section" aria-label="Decided by">
      <Stack gap="sm">
        <Text size="xs" c="dimmed" fw={550}>
          Decided by
        </Text>
        <Group gap="xs">
          <Title order={2} size="h3">
            {by.title}
          </Title>
          <Badge color="gray">
            {LEVELS[by.place.level] ?? by.place.level}
            {named}
          </Badge>
          {by.locked && (
            <Badge color="yellow" leftSection={<IconLock size={11} aria-hidden />}>
              Locked
            </Badge>
          )}
          {by.changed_since && <Badge color="yellow">Changed since</Badge>}
        </Group>
        {said.length > 0 && (
          <Text size="sm" c="dimmed">
            {said.join(", ")}
          </Text>
        )}
        {by.config && (
          <CodeBlock code={JSON.stringify(by.config, null, 2)} language="json" label="As it is now" />
        )}
      </Stack>
    </Paper>
  );
}

/** The ways to say who calls, as a person calls them, then and now; everything else as it is. */
const named = ({ name, value }: Fact): unknown =>
  name.replace(/^now_/, "") === "accepted" && Array.isArray(value) ? value.map(wayInWords) : value;

const wayInWords = (way: unknown): string => (way === "key_auth" ? "API key" : capability(String(way)));

export function Facts({ facts, caption }: { facts: readonly Fact[]; caption: string }) {
  if (facts.length === 0) return null;
  return (
    <Table fz="sm" variant="vertical" layout="auto" mt={6}>
      <caption style={{ display: "none" }}>{caption}</caption>
      <Table.Tbody>
        {facts.map((fact) => (
          <Table.Tr key={fact.name}>
            <Table.Th scope="row" w={{ base: 120, sm: 190 }}>
              {words(fact.name)}
            </Table.Th>
            <Table.Td style={{ overflowWrap: "anywhere" }}>{inWords(named(fact))}</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}

export function WayOut({ steps }: { steps: readonly string[] }) {
  if (steps.length === 0) return null;
  return (
    <Alert icon={<IconBulb />} title="What you can do" color="brand">
      <List size="sm" spacing={4}>
        {steps.map((step) => (
          <List.Item key={step}>
            <Said>{step}</Said>
          </List.Item>
        ))}
      </List>
    </Alert>
  );
}

const COLORS = { allowed: "green", refused: "red", unknown: "gray" };

export function ResultBadge({ result }: { result: "allowed" | "refused" | "unknown" }) {
  return <Badge color={COLORS[result]}>{words(result)}</Badge>;
}
