import { Title } from "@mantine/core";
import type { Subscription } from "@/client/types";
import { SubscriptionTable } from "@/ui/subscriptions/SubscriptionTable";

/** What the reader already has of this API, before offering more. */
export function OwnSubscriptions({ subscriptions }: { subscriptions: Subscription[] }) {
  if (subscriptions.length === 0) return null;
  return (
    <section>
      <Title order={2} mb="sm">
        Your access
      </Title>
      <SubscriptionTable
        caption="Your subscriptions to this API"
        subscriptions={subscriptions}
        side="consumer"
        without="api"
      />
    </section>
  );
}
