import { Button, Group, Text, Title } from "@mantine/core";
import { IconServer2 } from "@tabler/icons-react";
import { useState } from "react";
import { useChanged } from "@/client/changed";
import { api } from "@/client/http";
import type { Api, Deployment } from "@/client/types";
import { milliseconds } from "@/lib/format";
import { can } from "@/lib/may";
import { ConfirmDialog } from "@/ui/ConfirmDialog";
import { CopyIcon } from "@/ui/CopyField";
import { DataTable } from "@/ui/DataTable";
import { EmptyState } from "@/ui/EmptyState";
import { Loaded } from "@/ui/Loaded";
import { notifyDone } from "@/ui/notify";
import { StatusBadge } from "@/ui/StatusBadge";
import { When } from "@/ui/When";
import { useVersions } from "../apis/queries";

/** Where the API is, and what each gateway last said about it. */
export function Deployments({ target }: { target: Api }) {
  const query = { params: { path: { api_id: target.id } } };
  const deployments = api.useQuery("get", "/api/v1/apis/{api_id}/deployments", query, {
    refetchInterval: 5_000,
  });
  const versions = useVersions(target.id).data?.items ?? [];
  const [doomed, setDoomed] = useState<Deployment | null>(null);
  return (
    <section>
      <Title order={2} mb="sm">
        Where it is
      </Title>
      <Loaded query={deployments}>
        {({ items }) => (
          <DataTable
            caption="Deployments"
            rows={items}
            rowKey={(row) => row.id}
            empty={
              <EmptyState title="On no gateway yet" icon={IconServer2}>
                Publish it; the receipt says when calls get through.
              </EmptyState>
            }
            columns={[
              { title: "Gateway", render: (row) => row.gateway.name },
              {
                title: "Version",
                render: (row) => versions.find((one) => one.id === row.version_id)?.name ?? "–",
              },
              { title: "State", render: (row) => <State deployment={row} /> },
              { title: "Address", render: (row) => <Address url={row.url} /> },
              {
                title: "Live after",
                right: true,
                render: (row) => milliseconds(row.live_after_ms),
              },
              { title: "Asked", render: (row) => <When at={row.requested_at} /> },
              {
                title: "Action",
                hideTitle: true,
                right: true,
                render: (row) =>
                  can(row, "withdraw") && (
                    <Button variant="default" size="compact-xs" onClick={() => setDoomed(row)}>
                      Withdraw
                    </Button>
                  ),
              },
            ]}
          />
        )}
      </Loaded>
      <Withdraw deployment={doomed} onClose={() => setDoomed(null)} />
    </section>
  );
}

function State({ deployment }: { deployment: Deployment }) {
  return (
    <div>
      <StatusBadge
        state={deployment.state}
        label={deployment.state === "live" && deployment.verified ? "Live, verified" : undefined}
      />
      {deployment.reason && (
        <Text size="xs" c="dimmed" maw={360}>
          {deployment.reason}
        </Text>
      )}
    </div>
  );
}

function Address({ url }: { url: string }) {
  if (!url) return <>–</>;
  return (
    <Group gap={4} wrap="nowrap" justify="inherit">
      <Text ff="monospace" size="xs" style={{ overflowWrap: "anywhere" }}>
        {url}
      </Text>
      <CopyIcon value={url} label="the address" />
    </Group>
  );
}

function Withdraw({ deployment, onClose }: { deployment: Deployment | null; onClose: () => void }) {
  const changed = useChanged();
  const withdraw = api.useMutation("delete", "/api/v1/deployments/{deployment_id}", {
    onSuccess: async () => {
      await changed();
      notifyDone("Being withdrawn");
      onClose();
    },
  });
  return (
    <ConfirmDialog
      opened={deployment !== null}
      title={`Withdraw from ${deployment?.gateway.name ?? ""}?`}
      action="Withdraw"
      danger
      busy={withdraw.isPending}
      error={withdraw.error}
      onClose={onClose}
      onConfirm={() => deployment && withdraw.mutate({ params: { path: { deployment_id: deployment.id } } })}
    >
      Calls to this address answer 404 from then on. Subscriptions stay.
    </ConfirmDialog>
  );
}
