import { IconUsers } from "@tabler/icons-react";
import { api } from "@/client/http";
import type { Api } from "@/client/types";
import { EmptyState } from "@/ui/EmptyState";
import { Loaded } from "@/ui/Loaded";
import { SubscriptionTable } from "@/ui/subscriptions/SubscriptionTable";
import { useStudioApi } from "../apis/queries";

export function SubscribersTab() {
  return <Loaded query={useStudioApi()}>{(target) => <Subscribers target={target} />}</Loaded>;
}

function Subscribers({ target }: { target: Api }) {
  const query = { api_id: target.id, role: "provider" as const, limit: 200 };
  const found = api.useQuery("get", "/api/v1/subscriptions", { params: { query } });
  return (
    <Loaded query={found}>
      {({ items }) => (
        <SubscriptionTable
          caption="Subscriptions to this API"
          subscriptions={items}
          side="provider"
          without="api"
          empty={
            <EmptyState title="Nobody has subscribed yet" icon={IconUsers}>
              Once it is published and has a plan, consumers find it in the catalog.
            </EmptyState>
          }
        />
      )}
    </Loaded>
  );
}
