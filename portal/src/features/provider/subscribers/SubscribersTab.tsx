import { IconUsers } from "@tabler/icons-react";
import type { Api } from "@/client/types";
import { EmptyState } from "@/ui/EmptyState";
import { Loaded } from "@/ui/Loaded";
import { SubscriptionTable } from "@/ui/subscriptions/SubscriptionTable";
import { useStudioApi } from "../apis/queries";
import { useSubscribers } from "./queries";

export function SubscribersTab() {
  return <Loaded query={useStudioApi()}>{(target) => <Subscribers target={target} />}</Loaded>;
}

function Subscribers({ target }: { target: Api }) {
  const found = useSubscribers(target.id);
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
