import { Badge, Button, Group, Modal, Paper, Stack, Table, Text } from "@mantine/core";
import { IconActivity, IconHelpHexagon } from "@tabler/icons-react";
import { useState } from "react";
import type { Call } from "@/client/types";
import { bytes, dateTime, duration, time, words, zone } from "@/lib/format";
import { CopyField } from "../CopyField";
import { DataTable } from "../DataTable";
import { EmptyState } from "../EmptyState";
import { Loaded } from "../Loaded";
import { ButtonLink, TextLink } from "../links";
import { OperationName } from "../OperationName";
import { statusColor } from "../StatusBadge";
import { type UsageScope, useRecentCalls } from "./queries";
import type { Range } from "./ranges";

/** Single calls, newest first, each with the id under which its decision is kept. */
export function RecentCalls({ scope, range }: { scope: UsageScope; range: Range }) {
  const calls = useRecentCalls(scope, range);
  const [opened, setOpened] = useState<Call | null>(null);
  return (
    <Paper p="md" component="section" aria-label="Recent calls">
      <Group justify="space-between" mb="sm">
        <Text fw={600} size="sm" component="h2">
          Recent calls
        </Text>
        <TextLink to="/decisions" size="xs">
          Ask why a call was refused
        </TextLink>
      </Group>
      <Loaded query={calls}>{({ items }) => <CallTable calls={items} onOpen={setOpened} />}</Loaded>
      <Modal opened={opened !== null} onClose={() => setOpened(null)} title="One call" size="lg">
        {opened && <CallDetail call={opened} />}
      </Modal>
    </Paper>
  );
}

function CallTable({ calls, onOpen }: { calls: Call[]; onOpen: (call: Call) => void }) {
  return (
    <DataTable
      caption="Recent calls"
      rows={calls}
      rowKey={(row) => row.decision_id}
      empty={
        <EmptyState title="No calls in this time" icon={IconActivity}>
          Send one, from the reference or with a snippet: it appears here within seconds.
        </EmptyState>
      }
      columns={[
        { title: `Time (${zone()})`, render: (row) => time(row.at) },
        { title: "Status", render: (row) => <Status call={row} /> },
        { title: "Call", render: (row) => <Line call={row} /> },
        { title: "App", render: (row) => row.app?.name ?? "–" },
        { title: "Took", right: true, render: (row) => duration(row.duration_us) },
        {
          title: "Decision",
          right: true,
          render: (row) => <Decision call={row} onOpen={onOpen} />,
        },
      ]}
      phone={(row) => (
        <>
          <Group gap="xs" justify="space-between" wrap="nowrap">
            <Line call={row} />
            <Status call={row} />
          </Group>
          <Group gap="xs" justify="space-between" wrap="nowrap" mt={4}>
            <Text size="xs" c="dimmed">
              {[time(row.at), row.app?.name, duration(row.duration_us)].filter(Boolean).join(" · ")}
            </Text>
            <Decision call={row} onOpen={onOpen} />
          </Group>
        </>
      )}
    />
  );
}

function Decision({ call, onOpen }: { call: Call; onOpen: (call: Call) => void }) {
  return (
    <Button variant="subtle" size="compact-xs" ff="monospace" flex="none" onClick={() => onOpen(call)}>
      {call.decision_id.slice(-10)}
    </Button>
  );
}

function Status({ call }: { call: Call }) {
  return (
    <Badge color={statusColor(call.status)} ff="monospace">
      {call.status}
    </Badge>
  );
}

function Line({ call }: { call: Call }) {
  return (
    <OperationName method={call.method} size="xs">
      {call.path}
    </OperationName>
  );
}

function took({ duration_us, upstream_us }: Call): string {
  const there = upstream_us ? `of it ${duration(upstream_us)} at the provider's` : "all of it at the gateway";
  return `${duration(duration_us)}, ${there}`;
}

function CallDetail({ call }: { call: Call }) {
  const rows: [string, string][] = [
    ["When", dateTime(call.at)],
    ["Call", `${call.method} ${call.path}`],
    ["Answer", call.code ? `${call.status}, ${words(call.code)}` : String(call.status)],
    ["API", call.api?.name ?? "–"],
    ["Operation", call.operation?.label ?? "–"],
    ["App", call.app?.name ?? "–"],
    ["Gateway", call.gateway?.name ?? "–"],
    ["Took", took(call)],
    ["Size", `${bytes(call.bytes_in)} in, ${bytes(call.bytes_out)} out`],
    ...(call.client_ip ? ([["From", call.client_ip]] as [string, string][]) : []),
    ["Program", call.user_agent || "–"],
  ];
  return (
    <Stack>
      <CopyField value={call.decision_id} label="decision id" />
      <ButtonLink
        to="/decisions/$decisionId"
        params={{ decisionId: call.decision_id }}
        variant="default"
        leftSection={<IconHelpHexagon size={16} />}
      >
        {call.code ? "Why was it refused?" : "Why was it let through?"}
      </ButtonLink>
      <Table fz="sm" variant="vertical">
        <Table.Tbody>
          {rows.map(([name, value]) => (
            <Table.Tr key={name}>
              <Table.Th scope="row" w={110}>
                {name}
              </Table.Th>
              <Table.Td style={{ overflowWrap: "anywhere" }}>{value}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Stack>
  );
}
