import { Badge, Group, Paper, Stack, Text, Title } from "@mantine/core";
import { api } from "@/client/http";
import type { Gateway } from "@/client/types";
import { capability } from "@/lib/capabilities";

/** What this gateway's engine can do, and what others here can that it cannot: such a policy is refused for it by name. */
export function Capabilities({ gateway }: { gateway: Gateway }) {
  const all = api.useQuery("get", "/api/v1/gateways", { params: { query: { limit: 200 } } });
  const own = gateway.capabilities;
  if (!own) return null;
  const known = new Set((all.data?.items ?? []).flatMap((one) => one.capabilities ?? []));
  const lacking = [...known].filter((one) => !own.includes(one)).sort();
  return (
    <Paper p="lg" component="section" aria-label="Capabilities">
      <Stack gap="md">
        <div>
          <Title order={2} size="h3">
            What it can do
          </Title>
          <Text size="sm" c="dimmed">
            A policy that asks for anything else is refused for this gateway, by name and before it is
            published.
          </Text>
        </div>
        <Names names={[...own].sort()} color="gray" />
        {lacking.length > 0 && (
          <div>
            <Title order={3} size="h4" mb={6}>
              What other gateways here can, and it cannot
            </Title>
            <Names names={lacking} color="yellow" />
          </div>
        )}
      </Stack>
    </Paper>
  );
}

function Names({ names, color }: { names: string[]; color: string }) {
  return (
    <Group gap={6}>
      {names.map((name) => (
        <Badge key={name} color={color} fw={500} title={name}>
          {capability(name)}
        </Badge>
      ))}
    </Group>
  );
}
