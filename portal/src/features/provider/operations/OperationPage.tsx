import { Group, Stack, Text, Title } from "@mantine/core";
import { useParams } from "@tanstack/react-router";
import { api } from "@/client/http";
import type { Api, Operation, Version } from "@/client/types";
import { can } from "@/lib/may";
import { Loaded } from "@/ui/Loaded";
import { BackLink } from "@/ui/links";
import { PolicySet } from "@/ui/policies/PolicySet";
import { MethodBadge } from "@/ui/StatusBadge";
import { useStudioApi } from "../apis/queries";
import { OperationForm } from "./OperationForm";

/** One operation for those who provide it: its words, and what the gateway does with its calls. */
export function OperationPage() {
  return <Loaded query={useStudioApi()}>{(target) => <Parts target={target} />}</Loaded>;
}

function Parts({ target }: { target: Api }) {
  const { versionId, operationId } = useParams({
    from: "/studio/apis/$slug/versions/$versionId/operations/$operationId",
  });
  const path = { version_id: versionId, operation_id: operationId };
  const version = api.useQuery("get", "/api/v1/versions/{version_id}", { params: { path } });
  const operation = api.useQuery("get", "/api/v1/versions/{version_id}/operations/{operation_id}", {
    params: { path },
  });
  return (
    <Loaded query={version}>
      {(of) => (
        <Loaded query={operation}>{(one) => <Page target={target} version={of} operation={one} />}</Loaded>
      )}
    </Loaded>
  );
}

function Page({ target, version, operation }: { target: Api; version: Version; operation: Operation }) {
  return (
    <Stack gap="xl" maw={920}>
      <div>
        <BackLink to="/studio/apis/$slug/versions" params={{ slug: target.slug }}>
          Version {version.name}
        </BackLink>
        <Group gap="sm" mt={6}>
          <MethodBadge method={operation.method} />
          <Title order={2} ff="monospace" style={{ overflowWrap: "anywhere" }}>
            {operation.path}
          </Title>
        </Group>
        <Text size="sm" c="dimmed">
          {operation.operation_id}
        </Text>
      </div>
      <OperationForm key={`${operation.id}.${version.revision}`} version={version} operation={operation} />
      <section>
        <Title order={2} mb="sm">
          Policies
        </Title>
        <PolicySet
          spot={{ level: "operation", id: operation.id, versionId: version.id }}
          editable={can(version, "update")}
          order={3}
        />
      </section>
    </Stack>
  );
}
