import { Alert, Button, List, Stack, Text } from "@mantine/core";
import { IconShieldQuestion } from "@tabler/icons-react";
import { useParams } from "@tanstack/react-router";
import { useChanged } from "@/client/changed";
import { api, http, ifMatch } from "@/client/http";
import type { Gateway } from "@/client/types";
import { ago, bytes, count, engineName, plural } from "@/lib/format";
import { can } from "@/lib/may";
import { ChangeButton } from "@/ui/ChangeButton";
import { DeleteButton } from "@/ui/DeleteButton";
import { Loaded } from "@/ui/Loaded";
import { BackLink } from "@/ui/links";
import { notifyDone, notifyFailed } from "@/ui/notify";
import { PageHeader } from "@/ui/PageHeader";
import { Stats } from "@/ui/Stat";
import { StatusBadge } from "@/ui/StatusBadge";
import { Capabilities } from "./Capabilities";
import { Enrolment } from "./Enrolment";
import { GatewayDialog } from "./GatewayDialog";
import { Settings } from "./Settings";

export function GatewayPage() {
  const { gatewayId } = useParams({ from: "/admin/gateways/$gatewayId" });
  const path = { gateway_id: gatewayId };
  const gateway = api.useQuery(
    "get",
    "/api/v1/gateways/{gateway_id}",
    { params: { path } },
    { refetchInterval: 3_000 },
  );
  return (
    <Loaded query={gateway} page>
      {(data) => (
        <>
          <PageHeader
            title={data.name}
            badges={<StatusBadge state={data.state} />}
            description={data.public_url}
            above={<BackLink to="/admin/gateways">Gateways</BackLink>}
            actions={
              <>
                {can(data, "update") && <CompiledState gateway={data} />}
                {can(data, "update") && (
                  <ChangeButton>{(dialog) => <GatewayDialog {...dialog} gateway={data} />}</ChangeButton>
                )}
                {can(data, "delete") && (
                  <DeleteButton name={data.name} then="/admin/gateways" remove={() => remove(data)}>
                    {data.deployments_count
                      ? `${plural(data.deployments_count, "API")} are on it: withdraw them first. `
                      : "No API is on it. "}
                    The hub no longer steers it, and its agent can no longer report. This cannot be taken
                    back.
                  </DeleteButton>
                )}
              </>
            }
          />
          <Stack gap="lg">
            {(data.held_deletes ?? []).length > 0 && <HeldDeletes gateway={data} />}
            {data.state === "awaiting" && <Agent gateway={data} />}
            {can(data, "update") && <Health gateway={data} />}
            <Settings gateway={data} />
            <Capabilities gateway={data} />
            {data.state !== "awaiting" && <Agent gateway={data} />}
          </Stack>
        </>
      )}
    </Loaded>
  );
}

function CompiledState({ gateway }: { gateway: Gateway }) {
  return (
    <Button
      component="a"
      variant="default"
      href={`/api/v1/gateways/${gateway.id}/ir?format=yaml`}
      download={`${gateway.slug}.yaml`}
    >
      Compiled state
    </Button>
  );
}

/** What is to be done first while nobody speaks for the gateway, and the last resort later. */
const Agent = ({ gateway }: { gateway: Gateway }) =>
  can(gateway, "enrol") && gateway.mode !== "embedded" && <Enrolment gateway={gateway} />;

function remove(gateway: Gateway) {
  const params = { path: { gateway_id: gateway.id }, header: ifMatch(gateway) };
  return http.DELETE("/api/v1/gateways/{gateway_id}", { params });
}

function engineState(health: Gateway["health"]) {
  if (!health?.engine_running) return "Not running";
  return health.up_to_date === false ? "Starting" : "Running";
}

function Health({ gateway }: { gateway: Gateway }) {
  const health = gateway.health;
  const dropped = health?.records_dropped ?? 0;
  const restarts = health?.engine_restarts ?? 0;
  return (
    <Stats
      items={[
        {
          label: "Last seen",
          value: gateway.last_seen_at ? ago(gateway.last_seen_at) : "Never",
          note: `agent ${health?.agent_version || "–"}`,
        },
        {
          label: "Engine",
          value: engineState(health),
          note: `${engineName(gateway.engine)} ${health?.engine_version ?? ""}${restarts ? `, started again ${plural(restarts, "time")}` : ""}`,
        },
        {
          label: "APIs applied",
          value: count(health?.applied_apis ?? 0),
          note: `${count(gateway.deployments_count ?? 0)} wanted`,
        },
        {
          label: "Calls waiting to be counted",
          value: plural(health?.spool_batches ?? 0, "batch", "batches"),
          note: `${bytes(health?.spool_bytes ?? 0)}; ${dropped ? `${plural(dropped, "record")} dropped` : "none dropped"}`,
        },
      ]}
    />
  );
}

/** The guard held back a large delete: a person says yes, or mends what caused it. */
function HeldDeletes({ gateway }: { gateway: Gateway }) {
  const changed = useChanged();
  const confirm = api.useMutation("post", "/api/v1/gateways/{gateway_id}/confirm-deletes", {
    onSuccess: async () => {
      await changed();
      notifyDone("The gateway may delete them now");
    },
    onError: notifyFailed,
  });
  const held = gateway.held_deletes ?? [];
  const known = api.useQuery("get", "/api/v1/apis", { params: { query: { limit: 200 } } }).data?.items ?? [];
  const nameOf = (id: string) => known.find((one) => one.id === id)?.name ?? id;
  return (
    <Alert
      color="yellow"
      icon={<IconShieldQuestion />}
      title={`${count(held.length)} APIs would go from this gateway at once`}
    >
      <Text size="sm">So large a delete needs a person's yes. Until then they keep being served.</Text>
      <List size="sm" my="xs">
        {held.slice(0, 12).map((id) => (
          <List.Item key={id}>{nameOf(id)}</List.Item>
        ))}
        {held.length > 12 && <List.Item>{count(held.length - 12)} more</List.Item>}
      </List>
      {can(gateway, "confirm") && (
        <Button
          color="yellow"
          loading={confirm.isPending}
          onClick={() => confirm.mutate({ params: { path: { gateway_id: gateway.id } } })}
        >
          Yes, delete them
        </Button>
      )}
    </Alert>
  );
}
