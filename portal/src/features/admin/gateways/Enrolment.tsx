import { Button, Paper, Stack, Text, Title } from "@mantine/core";
import { api } from "@/client/http";
import type { Gateway } from "@/client/types";
import { dateTime } from "@/lib/format";
import { CodeBlock } from "@/ui/Code";
import { ErrorState } from "@/ui/ErrorState";

/** The one-time token with which an agent becomes this gateway's, in the command to start it. */
export function Enrolment({ gateway }: { gateway: Gateway }) {
  const make = api.useMutation("post", "/api/v1/gateways/{gateway_id}/enrolment-token");
  return (
    <Paper p="lg" component="section" aria-label="Enrolment">
      <Stack>
        <div>
          <Title order={2} size="h3">
            Start its agent
          </Title>
          <Text size="sm" c="dimmed">
            On the machine of the gateway. The token in the command works once and soon ends.
          </Text>
        </div>
        {make.isError && <ErrorState error={make.error} />}
        {make.data ? (
          <>
            <CodeBlock code={make.data.command} language="bash" label="Command that starts the agent" />
            <Text size="sm" c="dimmed">
              Good until {dateTime(make.data.expires_at)}. It is not shown again.
            </Text>
          </>
        ) : (
          <Button
            w="fit-content"
            loading={make.isPending}
            onClick={() => make.mutate({ params: { path: { gateway_id: gateway.id } } })}
          >
            Make the command
          </Button>
        )}
      </Stack>
    </Paper>
  );
}
