import { Badge, Group, Title } from "@mantine/core";
import { api } from "@/client/http";
import type { Operation } from "@/client/types";
import { hashOf } from "@/lib/reference";
import { DataTable } from "@/ui/DataTable";
import { Loaded } from "@/ui/Loaded";
import { TextLink } from "@/ui/links";
import { OperationName } from "@/ui/OperationName";
import { PhoneRow } from "@/ui/PhoneRow";

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
            phone={(row) => (
              <PhoneRow note={said(row)} side={<Mark operation={row} />}>
                <Name slug={slug} operation={row} />
              </PhoneRow>
            )}
            columns={[
              { title: "Operation", render: (row) => <Name slug={slug} operation={row} /> },
              { title: "What it does", render: said },
              {
                title: "Marks",
                hideTitle: true,
                right: true,
                render: (row) => <Mark operation={row} />,
              },
            ]}
          />
        )}
      </Loaded>
    </section>
  );
}

const said = (operation: Operation): string => operation.summary || operation.operation_id || "";

function Name({ slug, operation }: { slug: string; operation: Operation }) {
  return (
    <OperationName method={operation.method}>
      <TextLink to="/apis/$slug/reference" params={{ slug }} search hash={hashOf(operation)} inherit>
        {operation.path}
      </TextLink>
    </OperationName>
  );
}

const Mark = ({ operation }: { operation: Operation }) =>
  operation.deprecated && <Badge color="yellow">Deprecated</Badge>;
