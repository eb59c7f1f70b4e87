import { Badge, Group, Text } from "@mantine/core";
import { api } from "@/client/http";
import { DataTable } from "@/ui/DataTable";
import { EmptyState } from "@/ui/EmptyState";
import { Loaded } from "@/ui/Loaded";
import { MethodBadge } from "@/ui/StatusBadge";

export function VersionOperations({ versionId }: { versionId: string }) {
  const operations = api.useQuery("get", "/api/v1/versions/{version_id}/operations", {
    params: { path: { version_id: versionId }, query: { limit: 200 } },
  });
  return (
    <Loaded query={operations}>
      {({ items }) => (
        <DataTable
          caption="Operations of this version"
          rows={items}
          rowKey={(row) => row.id}
          empty={<EmptyState title="No operations">Import a definition that has paths.</EmptyState>}
          columns={[
            { title: "Method", width: 92, render: (row) => <MethodBadge method={row.method} /> },
            {
              title: "Path",
              render: (row) => (
                <Text ff="monospace" size="sm" style={{ overflowWrap: "anywhere" }}>
                  {row.path}
                </Text>
              ),
            },
            { title: "What it does", render: (row) => row.summary || row.operation_id },
            {
              title: "Marks",
              hideTitle: true,
              right: true,
              render: (row) => (
                <Group gap={4} justify="flex-end">
                  {row.deprecated && <Badge color="yellow">Deprecated</Badge>}
                  {row.has_mock && <Badge color="gray">Example</Badge>}
                </Group>
              ),
            },
          ]}
        />
      )}
    </Loaded>
  );
}
