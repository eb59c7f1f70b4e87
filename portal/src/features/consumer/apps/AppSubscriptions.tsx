import { Group, Title } from "@mantine/core";
import { IconPlugConnected } from "@tabler/icons-react";
import type { App } from "@/client/types";
import { EmptyState } from "@/ui/EmptyState";
import { Loaded } from "@/ui/Loaded";
import { ButtonLink } from "@/ui/links";
import { SubscriptionTable } from "@/ui/subscriptions/SubscriptionTable";
import { useSubscriptionsOf } from "./queries";

/** What an app's keys open, and how much of it is left. */
export function AppSubscriptions({ app }: { app: App }) {
  const subscriptions = useSubscriptionsOf(app.id);
  return (
    <section>
      <Group justify="space-between" mb="sm">
        <Title order={2}>Subscriptions</Title>
        <ButtonLink to="/apis" variant="default">
          Find an API
        </ButtonLink>
      </Group>
      <Loaded query={subscriptions}>
        {({ items }) => (
          <SubscriptionTable
            caption="Subscriptions of this app"
            subscriptions={items}
            side="consumer"
            without="app"
            empty={
              <EmptyState title="No subscriptions yet" icon={IconPlugConnected}>
                Find an API and choose one of its plans; the keys above then open it.
              </EmptyState>
            }
          />
        )}
      </Loaded>
    </section>
  );
}
