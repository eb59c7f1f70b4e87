import { Group, Title } from "@mantine/core";
import { IconArrowRight } from "@tabler/icons-react";
import { api } from "@/client/http";
import { ownersOf, useSession } from "@/client/session";
import { TextLink } from "@/ui/links";
import { SubscriptionTable } from "@/ui/subscriptions/SubscriptionTable";

const SHOWN = 5;

/** What the reader's programs may call and how much of it is left; nothing for who has nothing yet. */
export function useOwnAccess() {
  const session = useSession();
  const query = { role: "consumer" as const, limit: 200 };
  const found = api.useQuery(
    "get",
    "/api/v1/subscriptions",
    { params: { query } },
    { enabled: session !== null },
  );
  const owners = ownersOf(session).map((one) => one.value);
  return (found.data?.items ?? []).filter(
    (one) => ["active", "pending"].includes(one.state) && owners.includes(one.app.owner.id),
  );
}

export function YourAccess({ subscriptions }: { subscriptions: ReturnType<typeof useOwnAccess> }) {
  return (
    <section>
      <Group justify="space-between" mb="md">
        <Title order={2}>Your access</Title>
        <TextLink to="/apps" size="sm">
          Apps and keys <IconArrowRight size={14} style={{ verticalAlign: "-2px" }} />
        </TextLink>
      </Group>
      <SubscriptionTable
        caption="Your subscriptions"
        subscriptions={subscriptions.slice(0, SHOWN)}
        side="consumer"
        without="actions"
      />
    </section>
  );
}
