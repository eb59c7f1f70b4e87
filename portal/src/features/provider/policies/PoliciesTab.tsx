import { Badge, Button, Group, Paper, Select, Stack, Text, Title } from "@mantine/core";
import { useState } from "react";
import { api } from "@/client/http";
import type { Api, EffectivePolicy, PolicyKind, Version } from "@/client/types";
import { can } from "@/lib/may";
import { CodeBlock } from "@/ui/Code";
import { EmptyState } from "@/ui/EmptyState";
import { Loaded } from "@/ui/Loaded";
import { currentOf, useStudioApi, useVersions } from "../apis/queries";
import { PolicyDialog } from "./PolicyDialog";

/** What the gateway does with each call: what holds in the end, and where it comes from. */
export function PoliciesTab() {
  return <Loaded query={useStudioApi()}>{(target) => <Policies target={target} />}</Loaded>;
}

function Policies({ target }: { target: Api }) {
  const kinds = api.useQuery("get", "/api/v1/policy-kinds");
  const versions = useVersions(target.id);
  return (
    <Loaded query={versions}>
      {({ items }) => (
        <Loaded query={kinds}>
          {(found) => <PolicyList target={target} versions={items} kinds={found.items} />}
        </Loaded>
      )}
    </Loaded>
  );
}

function PolicyList({ target, versions, kinds }: { target: Api; versions: Version[]; kinds: PolicyKind[] }) {
  const [versionId, setVersion] = useState(currentOf(versions)?.id ?? "");
  const version = versions.find((one) => one.id === versionId);
  const effective = api.useQuery(
    "get",
    "/api/v1/versions/{version_id}/effective-policies",
    { params: { path: { version_id: versionId } } },
    { enabled: versionId !== "" },
  );
  if (!version)
    return (
      <EmptyState title="No version yet">
        Policies are resolved for a version; import a definition first.
      </EmptyState>
    );
  return (
    <Stack>
      <Select
        label="As resolved for version"
        w={240}
        value={versionId}
        onChange={(id) => id && setVersion(id)}
        data={versions.map((one) => ({ value: one.id, label: one.name }))}
      />
      <Loaded query={effective}>
        {({ items }) =>
          kinds.map((kind) => (
            <PolicyCard
              key={kind.kind}
              kind={kind}
              target={target}
              version={version}
              effective={items.find((one) => one.kind === kind.kind)}
            />
          ))
        }
      </Loaded>
    </Stack>
  );
}

const ORIGINS: Record<string, string> = {
  default: "By default",
  api: "From the API",
  version: "From the version",
  operation: "From an operation",
};

interface CardProps {
  kind: PolicyKind;
  target: Api;
  version: Version;
  effective: EffectivePolicy | undefined;
}

function PolicyCard({ kind, target, version, effective }: CardProps) {
  const [editing, setEditing] = useState(false);
  const level = kind.levels.includes("api") ? "api" : "version";
  return (
    <Paper p="lg" component="section" aria-label={kind.title}>
      <Group justify="space-between" align="flex-start">
        <div>
          <Group gap="sm">
            <Title order={2} size="h3">
              {kind.title}
            </Title>
            {effective ? (
              <Badge color="green">{ORIGINS[effective.from.level] ?? effective.from.level}</Badge>
            ) : (
              <Badge color="gray">Not set</Badge>
            )}
          </Group>
          <Text size="sm" c="dimmed">
            {String(kind.schema.description ?? "")}
          </Text>
        </div>
        {can(target, "update") && (
          <Button variant="default" size="compact-sm" onClick={() => setEditing(true)}>
            {effective ? "Change" : "Set"}
          </Button>
        )}
      </Group>
      {effective && (
        <div style={{ marginTop: 12 }}>
          <CodeBlock
            code={JSON.stringify(effective.config, null, 2)}
            language="json"
            label={`${kind.title}, as it holds`}
          />
        </div>
      )}
      <PolicyDialog
        opened={editing}
        onClose={() => setEditing(false)}
        kind={kind}
        level={level}
        targetId={level === "api" ? target.id : version.id}
        starting={effective?.config}
      />
    </Paper>
  );
}
