import { Group, Text, Title } from "@mantine/core";
import { IconServer2 } from "@tabler/icons-react";
import { api, http } from "@/client/http";
import type { Api, Deployment } from "@/client/types";
import { milliseconds } from "@/lib/format";
import { can } from "@/lib/may";
import { AskButton } from "@/ui/AskButton";
import { CopyIcon } from "@/ui/CopyField";
import { DataTable } from "@/ui/DataTable";
import { EmptyState } from "@/ui/EmptyState";
import { Loaded } from "@/ui/Loaded";
import { StatusBadge } from "@/ui/StatusBadge";
import { When } from "@/ui/When";
import { useVersions } from "../apis/queries";
import { Subscribed } from "../subscribers/Subscribed";

/** Where the API is, and what each gateway last said about it. */
export function Deployments({ target }: { target: Api }) {
  const query = { params: { path: { api_id: target.id } } };
  const deployments = api.useQuery("get", "/api/v1/apis/{api_id}/deployments", query, {
    refetchInterval: 5_000,
  });
  const versions = useVersions(target.id).data?.items ?? [];
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
                render: (row) => can(row, "withdraw") && <Withdraw deployment={row} />,
              },
            ]}
          />
        )}
      </Loaded>
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

function Withdraw({ deployment }: { deployment: Deployment }) {
  const params = { path: { deployment_id: deployment.id } };
  return (
    <AskButton
      label="Withdraw"
      size="compact-xs"
      title={`Withdraw from ${deployment.gateway.name}?`}
      action="Withdraw"
      run={() => http.DELETE("/api/v1/deployments/{deployment_id}", { params })}
      done="Being withdrawn"
    >
      <Subscribed apiId={deployment.api_id} /> Their calls to this address answer 404 from then on.
      Subscriptions and keys stay, so that publishing it again is enough to bring it back.
    </AskButton>
  );
}
