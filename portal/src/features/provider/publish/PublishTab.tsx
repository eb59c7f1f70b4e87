import { Button, Group, Paper, Select, Stack, Text, Title } from "@mantine/core";
import { IconRocket } from "@tabler/icons-react";
import { useState } from "react";
import { api } from "@/client/http";
import type { Api, Gateway, Version } from "@/client/types";
import { plural } from "@/lib/format";
import { can } from "@/lib/may";
import { EmptyState } from "@/ui/EmptyState";
import { ErrorState } from "@/ui/ErrorState";
import { Loaded } from "@/ui/Loaded";
import { StatusBadge } from "@/ui/StatusBadge";
import { currentOf, useStudioApi, useVersions } from "../apis/queries";
import { Deployments } from "./Deployments";
import { Receipt } from "./Receipt";
import { usePublish } from "./usePublish";

/** From a draft to an address that answers: choose version and gateway, publish, watch the receipt come in. */
export function PublishTab() {
  return (
    <Loaded query={useStudioApi()}>
      {(target) => (
        <Stack gap="xl" maw={980}>
          {can(target, "publish") && <Publish target={target} />}
          <Deployments target={target} />
        </Stack>
      )}
    </Loaded>
  );
}

function Publish({ target }: { target: Api }) {
  const gateways = api.useQuery("get", "/api/v1/gateways", { params: { query: { limit: 100 } } });
  const versions = useVersions(target.id);
  return (
    <Loaded query={versions}>
      {({ items }) => (
        <Loaded query={gateways}>
          {(found) =>
            found.items.length === 0 || items.length === 0 ? (
              <EmptyState title={items.length === 0 ? "No version yet" : "No gateway yet"} icon={IconRocket}>
                {items.length === 0 ? "Import a definition first." : "An administrator enrols one."}
              </EmptyState>
            ) : (
              <PublishForm target={target} versions={items} gateways={found.items} />
            )
          }
        </Loaded>
      )}
    </Loaded>
  );
}

interface FormProps {
  target: Api;
  versions: Version[];
  gateways: Gateway[];
}

function PublishForm({ target, versions, gateways }: FormProps) {
  const [versionId, setVersion] = useState<string | null>(currentOf(versions)?.id ?? null);
  const [gatewayId, setGateway] = useState<string | null>(
    (gateways.find((one) => one.state === "online") ?? gateways[0])?.id ?? null,
  );
  const publish = usePublish(target);
  const gateway = gateways.find((one) => one.id === gatewayId);
  return (
    <Paper p="lg" component="section" aria-label="Publish">
      <Stack>
        <Title order={2} size="h3">
          Publish
        </Title>
        <Group align="flex-end">
          <Select
            label="Version"
            flex="1 1 180px"
            value={versionId}
            onChange={setVersion}
            data={versions.map((one) => ({
              value: one.id,
              label: `${one.name}, ${plural(one.operations_count, "operation")}`,
            }))}
          />
          <Select
            label="Gateway"
            flex="1 1 220px"
            value={gatewayId}
            onChange={setGateway}
            data={gateways.map((one) => ({ value: one.id, label: `${one.name}, ${one.engine}` }))}
          />
          <Button
            loading={publish.isPending}
            disabled={!versionId || !gatewayId}
            leftSection={<IconRocket size={16} />}
            onClick={() => versionId && gatewayId && publish.mutate({ versionId, gatewayId })}
          >
            Publish
          </Button>
        </Group>
        {gateway && gateway.state !== "online" && (
          <Group gap="xs">
            <StatusBadge state={gateway.state} />
            <Text size="sm">It is published as soon as this gateway is back.</Text>
          </Group>
        )}
        {publish.isError && <ErrorState error={publish.error} />}
        <Receipt pending={publish.isPending} deployment={publish.deployment} />
      </Stack>
    </Paper>
  );
}
