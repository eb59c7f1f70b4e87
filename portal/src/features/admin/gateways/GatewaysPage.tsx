import { Button, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconPlus, IconServer2 } from "@tabler/icons-react";
import { api } from "@/client/http";
import { useAdministrator } from "@/client/session";
import type { Gateway } from "@/client/types";
import { count, engineName } from "@/lib/format";
import { type Column, DataTable } from "@/ui/DataTable";
import { EmptyState } from "@/ui/EmptyState";
import { Loaded } from "@/ui/Loaded";
import { TextLink } from "@/ui/links";
import { PageHeader } from "@/ui/PageHeader";
import { StatusBadge } from "@/ui/StatusBadge";
import { When } from "@/ui/When";
import { GatewayDialog } from "./GatewayDialog";

/** Every gateway this hub steers, and how each is. */
export function GatewaysPage() {
  const gateways = api.useQuery(
    "get",
    "/api/v1/gateways",
    { params: { query: { limit: 200 } } },
    { refetchInterval: 5_000 },
  );
  const [opened, dialog] = useDisclosure(false);
  const administrator = useAdministrator();
  const add = administrator && (
    <Button leftSection={<IconPlus size={16} />} onClick={dialog.open}>
      Add a gateway
    </Button>
  );
  return (
    <>
      <PageHeader
        title="Gateways"
        description="An agent beside each engine dials out to this hub; nothing has to be opened towards it."
        actions={gateways.data?.items.length ? add : null}
      />
      <Loaded query={gateways}>
        {({ items }) => (
          <DataTable
            caption="Gateways"
            rows={items}
            rowKey={(row) => row.id}
            empty={
              <EmptyState title="No gateway yet" icon={IconServer2} action={add}>
                Add one and start its agent with the command you are shown.
              </EmptyState>
            }
            columns={[
              { title: "Name", render: (row) => <Name gateway={row} /> },
              { title: "State", render: (row) => <StatusBadge state={row.state} /> },
              {
                title: "Engine",
                render: (row) => `${engineName(row.engine)} ${row.health?.engine_version ?? ""}`,
              },
              {
                title: "Where",
                render: (row) => [row.environment, row.region].filter(Boolean).join(", ") || "–",
              },
              ...(administrator ? INNER_LIFE : []),
            ]}
          />
        )}
      </Loaded>
      <GatewayDialog opened={opened} onClose={dialog.close} />
    </>
  );
}

/** What others are not told. */
const INNER_LIFE: Column<Gateway>[] = [
  { title: "APIs", right: true, render: (row) => count(row.deployments_count ?? 0) },
  { title: "Last seen", render: (row) => <When at={row.last_seen_at} /> },
];

function Name({ gateway }: { gateway: Gateway }) {
  return (
    <div>
      <TextLink to="/admin/gateways/$gatewayId" params={{ gatewayId: gateway.id }} fw={600} size="sm">
        {gateway.name}
      </TextLink>
      <Text size="xs" c="dimmed" ff="monospace">
        {gateway.public_url}
      </Text>
    </div>
  );
}
