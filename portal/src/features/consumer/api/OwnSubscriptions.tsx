import { Group, Text, Title } from "@mantine/core";
import type { Subscription } from "@/client/types";
import { DataTable } from "@/ui/DataTable";
import { TextLink } from "@/ui/links";
import { QuotaBar } from "@/ui/QuotaBar";
import { StatusBadge } from "@/ui/StatusBadge";

/** What the reader already has of this API, before offering more. */
export function OwnSubscriptions({ subscriptions }: { subscriptions: Subscription[] }) {
  if (subscriptions.length === 0) return null;
  return (
    <section>
      <Title order={2} mb="sm">
        Your access
      </Title>
      <DataTable
        caption="Your subscriptions to this API"
        rows={subscriptions}
        rowKey={(row) => row.id}
        columns={[
          {
            title: "App",
            render: (row) => (
              <TextLink to="/apps/$appId" params={{ appId: row.app.id }} fw={550} size="sm">
                {row.app.name}
              </TextLink>
            ),
          },
          { title: "Plan", render: (row) => row.plan.name },
          { title: "State", render: (row) => <State subscription={row} /> },
          { title: "Quota", width: 220, render: (row) => <QuotaBar quota={row.quota} /> },
        ]}
      />
    </section>
  );
}

function State({ subscription }: { subscription: Subscription }) {
  return (
    <Group gap="xs">
      <StatusBadge state={subscription.state} />
      {subscription.state === "pending" && (
        <Text size="xs" c="dimmed">
          The provider has been asked
        </Text>
      )}
    </Group>
  );
}
