import { Badge, Group, Stack, Text, Title } from "@mantine/core";
import type { ImportPreview } from "@/client/types";
import { count, formatName } from "@/lib/format";
import { DataTable } from "@/ui/DataTable";
import { EmptyState } from "@/ui/EmptyState";
import { OperationName } from "@/ui/OperationName";

const SHOWN = 25;

export function Preview({ preview }: { preview: ImportPreview }) {
  const { operations, security_schemes } = preview;
  return (
    <Stack gap="sm" component="section" aria-label="What was read">
      <Group justify="space-between">
        <Title order={2} size="h3">
          {count(operations.length)} {operations.length === 1 ? "operation" : "operations"}
        </Title>
        <Group gap={6}>
          <Badge color="gray">{formatName(preview.format)}</Badge>
          <Badge color="gray">version {preview.version}</Badge>
          {security_schemes.map((scheme) => (
            <Badge key={scheme.name} color="gray">
              {scheme.kind}
            </Badge>
          ))}
        </Group>
      </Group>
      <DataTable
        caption="Operations of the definition"
        rows={operations.slice(0, SHOWN)}
        rowKey={(row) => `${row.method} ${row.path}`}
        empty={
          <EmptyState title="No operations">
            The definition has no paths; there would be nothing to call.
          </EmptyState>
        }
        columns={[
          {
            title: "Operation",
            render: (row) => <OperationName method={row.method}>{row.path}</OperationName>,
          },
          { title: "What it does", render: (row) => row.summary || row.operation_id },
        ]}
      />
      {operations.length > SHOWN && (
        <Text size="sm" c="dimmed">
          and {count(operations.length - SHOWN)} more
        </Text>
      )}
    </Stack>
  );
}
