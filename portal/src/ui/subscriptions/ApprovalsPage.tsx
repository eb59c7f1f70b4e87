import { IconInbox } from "@tabler/icons-react";
import { api } from "@/client/http";
import { EmptyState } from "@/ui/EmptyState";
import { Loaded } from "@/ui/Loaded";
import { PageHeader } from "@/ui/PageHeader";
import { SubscriptionTable } from "./SubscriptionTable";

/** What waits for a yes or no, over all APIs of the reader's teams. */
export function ApprovalsPage() {
  const query = { state: "pending" as const, role: "provider" as const, limit: 200 };
  const found = api.useQuery(
    "get",
    "/api/v1/subscriptions",
    { params: { query } },
    { refetchInterval: 15_000 },
  );
  return (
    <>
      <PageHeader title="Approvals" description="Subscriptions that wait for somebody of your teams." />
      <Loaded query={found}>
        {({ items }) => (
          <SubscriptionTable
            caption="Subscriptions that wait"
            subscriptions={items}
            side="provider"
            empty={
              <EmptyState title="Nothing is waiting" icon={IconInbox}>
                Plans with approval bring requests here.
              </EmptyState>
            }
          />
        )}
      </Loaded>
    </>
  );
}
