import { Button, Group, Paper, Select, Stack, Title } from "@mantine/core";
import { IconRocket } from "@tabler/icons-react";
import { useState } from "react";
import { api } from "@/client/http";
import type { Api, PublishingOutlook, Version } from "@/client/types";
import { plural } from "@/lib/format";
import { can } from "@/lib/may";
import { EmptyState } from "@/ui/EmptyState";
import { ErrorState } from "@/ui/ErrorState";
import { Loaded } from "@/ui/Loaded";
import { currentOf, useStudioApi, useVersions } from "../apis/queries";
import { Deployments } from "./Deployments";
import { OutlookGrid } from "./OutlookGrid";
import { optionOf, suggested, wouldBeTaken } from "./outlook";
import { Receipt } from "./Receipt";
import { usePublish } from "./usePublish";
import { Verdict } from "./Verdict";

/** From a draft to an address that answers: see which gateway can do it, publish, watch the receipt come in. */
export function PublishTab() {
  return (
    <Loaded query={useStudioApi()}>
      {(target) => (
        <Stack gap="xl" maw={980}>
          {can(target, "publish") ? <Publish target={target} /> : <Deployments target={target} />}
        </Stack>
      )}
    </Loaded>
  );
}

function Publish({ target }: { target: Api }) {
  return (
    <Loaded query={useVersions(target.id)}>
      {({ items }) => {
        const first = currentOf(items);
        return first ? (
          <PublishVersion target={target} versions={items} first={first} />
        ) : (
          <EmptyState title="No version yet" icon={IconRocket}>
            Import a definition first.
          </EmptyState>
        );
      }}
    </Loaded>
  );
}

interface Props {
  target: Api;
  versions: Version[];
  first: Version;
}

function PublishVersion({ target, versions, first }: Props) {
  const [versionId, setVersion] = useState(first.id);
  const outlook = api.useQuery("post", "/api/v1/versions/{version_id}/deployments/plan", {
    params: { path: { version_id: versionId } },
  });
  const publish = usePublish(target);
  return (
    <>
      <Paper p="lg" component="section" aria-label="Publish">
        <Stack>
          <Title order={2} size="h3">
            Publish
          </Title>
          <Select
            label="Version"
            value={versionId}
            onChange={(value) => value && setVersion(value)}
            data={versions.map((one) => ({
              value: one.id,
              label: `${one.name}, ${plural(one.operations_count, "operation")}`,
            }))}
          />
          <Loaded query={outlook}>
            {(data) => <Choice target={target} versionId={versionId} outlook={data} publish={publish} />}
          </Loaded>
          {publish.isError && <ErrorState error={publish.error} />}
          <Receipt pending={publish.isPending} deployment={publish.deployment} />
        </Stack>
      </Paper>
      <Deployments target={target} />
      {outlook.data && <OutlookGrid outlook={outlook.data} />}
    </>
  );
}

interface ChoiceProps {
  target: Api;
  versionId: string;
  outlook: PublishingOutlook;
  publish: ReturnType<typeof usePublish>;
}

function Choice({ target, versionId, outlook: { gateways, open }, publish }: ChoiceProps) {
  const [chosen, choose] = useState<string | null>(null);
  const gateway = gateways.find((one) => one.id === chosen) ?? suggested(gateways);
  if (!gateway)
    return (
      <EmptyState title="No gateway yet" icon={IconRocket}>
        An administrator enrols one.
      </EmptyState>
    );
  const start = () => {
    choose(gateway.id); // what is suggested next is another one
    publish.mutate({ versionId, gatewayId: gateway.id });
  };
  return (
    <>
      <Group align="flex-end">
        <Select
          label="Gateway"
          flex="1 1 220px"
          value={gateway.id}
          onChange={choose}
          data={gateways.map((one) => ({ value: one.id, label: optionOf(one) }))}
        />
        <Button
          loading={publish.isPending}
          disabled={!wouldBeTaken(gateway)}
          leftSection={<IconRocket size={16} />}
          onClick={start}
        >
          Publish
        </Button>
      </Group>
      {!publish.isPending && !(publish.deployment && gateway.published) && (
        <Verdict slug={target.slug} gateway={gateway} open={open} />
      )}
    </>
  );
}
