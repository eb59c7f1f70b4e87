import { Badge, Button, Group, Paper, Stack, Text, Title } from "@mantine/core";
import { useState } from "react";
import { api } from "@/client/http";
import type { EffectivePolicy, PolicyKind } from "@/client/types";
import { CodeBlock } from "@/ui/Code";
import { Loaded } from "@/ui/Loaded";
import { PolicyDialog } from "./PolicyDialog";
import type { Spot } from "./spots";

interface Props {
  spot: Spot;
  /** The version for which the effect is shown. */
  versionId: string;
  editable: boolean;
  /** The level of the headings of the kinds. */
  order: 2 | 3;
}

/** Every kind of policy at one place: what holds there in the end, where it comes from, and the way to change it. */
export function PolicySet({ spot, versionId, editable, order }: Props) {
  const kinds = api.useQuery("get", "/api/v1/policy-kinds");
  const operation = spot.level === "operation" ? { operation_id: spot.operationId } : {};
  const effective = api.useQuery("get", "/api/v1/versions/{version_id}/effective-policies", {
    params: { path: { version_id: versionId }, query: operation },
  });
  return (
    <Loaded query={kinds}>
      {(known) => (
        <Loaded query={effective}>
          {({ items }) => (
            <Stack>
              {known.items
                .filter((kind) => kind.levels.includes(spot.level))
                .map((kind) => (
                  <PolicyCard
                    key={kind.kind}
                    kind={kind}
                    spot={spot}
                    editable={editable}
                    order={order}
                    effective={items.find((one) => one.kind === kind.kind)}
                  />
                ))}
            </Stack>
          )}
        </Loaded>
      )}
    </Loaded>
  );
}

const ORIGINS: Record<string, string> = {
  default: "By default",
  api: "From the API",
  version: "From the version",
  operation: "From this operation",
};

interface CardProps extends Pick<Props, "order"> {
  kind: PolicyKind;
  spot: Spot;
  editable: boolean;
  effective: EffectivePolicy | undefined;
}

function PolicyCard({ kind, spot, editable, order, effective }: CardProps) {
  const [editing, setEditing] = useState(false);
  const isHere = effective?.from.level === spot.level;
  return (
    <Paper p="lg" component="section" aria-label={kind.title}>
      <Group justify="space-between" align="flex-start" wrap="nowrap">
        <div>
          <Group gap="sm">
            <Title order={order} size="h3">
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
        {editable && (
          <Button
            variant="default"
            size="compact-sm"
            style={{ flex: "none" }}
            onClick={() => setEditing(true)}
          >
            {isHere ? "Change" : "Set here"}
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
        spot={spot}
        starting={effective?.config}
      />
    </Paper>
  );
}
