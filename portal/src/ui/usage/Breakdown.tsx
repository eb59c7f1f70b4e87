import { Box, Group, Paper, SegmentedControl, Text } from "@mantine/core";
import { useState } from "react";
import type { BreakdownItem } from "@/client/types";
import { count, duration, plural, share } from "@/lib/format";
import { DataTable } from "../DataTable";
import { EmptyState } from "../EmptyState";
import { Loaded } from "../Loaded";
import { type Dimension, type UsageScope, useBreakdown } from "./queries";
import type { Range } from "./ranges";

const TITLES: Record<Dimension, string> = {
  operation: "Operation",
  app: "App",
  api: "API",
  status: "Status",
  version: "Version",
  plan: "Plan",
  code: "Reason",
};

const inline = (title: string): string => (title === "API" ? title : title.toLowerCase());

interface Props {
  scope: UsageScope;
  range: Range;
  by: readonly Dimension[];
}

/** The same calls split by one dimension, most first. */
export function Breakdown({ scope, range, by }: Props) {
  const [chosen, setChosen] = useState<Dimension>(by[0] ?? "operation");
  const found = useBreakdown(scope, range, chosen);
  return (
    <Paper p="md" component="section" aria-label="Calls split up">
      <Group justify="space-between" mb="sm">
        <Text fw={600} size="sm" component="h2">
          By {inline(TITLES[chosen])}
        </Text>
        <SegmentedControl
          size="xs"
          aria-label="Split by"
          value={chosen}
          onChange={(value) => setChosen(value as Dimension)}
          data={by.map((value) => ({ value, label: TITLES[value] }))}
        />
      </Group>
      <Loaded query={found}>{({ items }) => <Items title={TITLES[chosen]} items={items} />}</Loaded>
    </Paper>
  );
}

function Items({ title, items }: { title: string; items: BreakdownItem[] }) {
  const most = Math.max(1, ...items.map((item) => item.calls));
  return (
    <DataTable
      caption={`Calls by ${inline(title)}`}
      rows={items}
      rowKey={(row) => row.key}
      empty={<EmptyState title="No calls in this time" />}
      columns={[
        { title, render: (row) => <Label item={row} most={most} /> },
        { title: "Calls", right: true, render: (row) => count(row.calls) },
        { title: "Errors", right: true, render: (row) => share(row.error_rate) },
        { title: "p50", right: true, render: (row) => duration(row.p50_us) },
        { title: "p95", right: true, render: (row) => duration(row.p95_us) },
        { title: "p99", right: true, render: (row) => duration(row.p99_us) },
      ]}
      phone={(row) => (
        <>
          <Label item={row} most={most} />
          <Text size="xs" c="dimmed" mt={4}>
            {plural(row.calls, "call")} · {share(row.error_rate)} errors · p50 {duration(row.p50_us)} · p95{" "}
            {duration(row.p95_us)} · p99 {duration(row.p99_us)}
          </Text>
        </>
      )}
    />
  );
}

function Label({ item, most }: { item: BreakdownItem; most: number }) {
  return (
    <Box miw={140}>
      <Text size="sm" fw={500} style={{ overflowWrap: "anywhere" }}>
        {item.label || "None"}
      </Text>
      <Box
        h={3}
        mt={3}
        w={`${Math.max(2, (item.calls / most) * 100)}%`}
        maw="100%"
        bg="brand"
        style={{ borderRadius: 2 }}
        aria-hidden
      />
    </Box>
  );
}
