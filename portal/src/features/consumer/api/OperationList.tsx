import { Badge, Group, Title } from "@mantine/core";
import { api } from "@/client/http";
import { hashOf } from "@/lib/reference";
import { DataTable } from "@/ui/DataTable";
import { Loaded } from "@/ui/Loaded";
import { TextLink } from "@/ui/links";
import { OperationName } from "@/ui/OperationName";

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
              {
                title: "Operation",
                render: (row) => (
                  <OperationName method={row.method}>
                    <TextLink to="/apis/$slug/reference" params={{ slug }} search hash={hashOf(row)} inherit>
                      {row.path}
                    </TextLink>
                  </OperationName>
                ),
              },
              { title: "What it does", render: (row) => row.summary || row.operation_id || "" },
              {
                title: "Marks",
                hideTitle: true,
                right: true,
                render: (row) => row.deprecated && <Badge color="yellow">Deprecated</Badge>,
              },
            ]}
          />
        )}
      </Loaded>
    </section>
  );
}
