import { Badge, Group, Text, Title } from "@mantine/core";
import { api } from "@/client/http";
import type { Operation } from "@/client/types";
import { DataTable } from "@/ui/DataTable";
import { Loaded } from "@/ui/Loaded";
import { TextLink } from "@/ui/links";
import { MethodBadge } from "@/ui/StatusBadge";

const SHOWN = 12;

/** The first operations at a glance; the reference has them all. */
export function OperationList({ slug, versionId }: { slug: string; versionId: string }) {
  const operations = api.useQuery("get", "/api/v1/versions/{version_id}/operations", {
    params: { path: { version_id: versionId }, query: { limit: SHOWN } },
  });
  return (
    <section>
      <Group justify="space-between" mb="sm">
        <Title order={2}>Operations</Title>
        <TextLink to="/apis/$slug/reference" params={{ slug }} search size="sm">
          Read and try them
        </TextLink>
      </Group>
      <Loaded query={operations}>
        {({ items }) => (
          <DataTable
            caption="Operations"
            rows={items}
            rowKey={(row) => row.id}
            columns={[
              { title: "Method", width: 92, render: (row) => <MethodBadge method={row.method} /> },
              { title: "Path", render: (row) => <Path operation={row} /> },
              { title: "What it does", render: (row) => row.summary || row.operation_id || "" },
            ]}
          />
        )}
      </Loaded>
    </section>
  );
}

function Path({ operation }: { operation: Operation }) {
  return (
    <Group gap="xs" justify="inherit">
      <Text ff="monospace" size="sm" style={{ overflowWrap: "anywhere" }}>
        {operation.path}
      </Text>
      {operation.deprecated && <Badge color="yellow">Deprecated</Badge>}
    </Group>
  );
}
