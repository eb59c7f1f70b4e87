import { Alert, Group, List, Loader, Stack, Text } from "@mantine/core";
import { IconAlertTriangle, IconCircleCheck } from "@tabler/icons-react";
import type { Deployment } from "@/client/types";
import { milliseconds } from "@/lib/format";
import { CopyField } from "@/ui/CopyField";

interface Props {
  pending: boolean;
  deployment: Deployment | null;
}

/** What the gateway said: live after so many milliseconds and probed, or why not. */
export function Receipt({ pending, deployment }: Props) {
  return <div aria-live="polite">{deployment && <Content pending={pending} deployment={deployment} />}</div>;
}

function Content({ pending, deployment }: { pending: boolean; deployment: Deployment }) {
  if (deployment.state === "live") return <Live deployment={deployment} />;
  if (deployment.state === "quarantined") {
    return (
      <Alert color="red" icon={<IconAlertTriangle />} title={`${deployment.gateway.name} did not take it`}>
        <Text size="sm">{deployment.reason || "The gateway gave no reason."}</Text>
        <Text size="sm" mt={4}>
          What was live before stays live. Mend the version and publish again.
        </Text>
      </Alert>
    );
  }
  return (
    <Group gap="sm">
      {pending && <Loader size="xs" />}
      <Text size="sm">
        {pending
          ? `Waiting for ${deployment.gateway.name} to apply and probe it…`
          : `${deployment.gateway.name} has not answered yet; it is published when it does.`}
      </Text>
    </Group>
  );
}

function Live({ deployment }: { deployment: Deployment }) {
  return (
    <Alert
      color="green"
      icon={<IconCircleCheck />}
      title={`Live on ${deployment.gateway.name} after ${milliseconds(deployment.live_after_ms)}`}
    >
      <Stack gap="sm">
        <Text size="sm">
          {deployment.verified
            ? "Verified by a probe through the gateway."
            : "The gateway applied it; the probe through it has not confirmed it yet."}
        </Text>
        {deployment.url && <CopyField value={deployment.url} label="the address" />}
        {deployment.degradations.length > 0 && (
          <List size="sm">
            {deployment.degradations.map((one) => (
              <List.Item key={one.feature}>
                {one.feature}: {one.fallback}
              </List.Item>
            ))}
          </List>
        )}
      </Stack>
    </Alert>
  );
}
