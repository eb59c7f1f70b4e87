import { Button, Group, Text } from "@mantine/core";
import type { ReactNode } from "react";
import { useState } from "react";
import type { Subscription } from "@/client/types";
import { ago } from "@/lib/format";
import { can } from "@/lib/may";
import { DataTable } from "@/ui/DataTable";
import { QuotaBar } from "@/ui/QuotaBar";
import { StatusBadge } from "@/ui/StatusBadge";
import { type Decision, DecisionDialog } from "./DecisionDialog";

interface Props {
  subscriptions: Subscription[];
  empty: ReactNode;
  /** Over several APIs the API is named in each row. */
  withApi?: boolean;
}

/** Who subscribed, and what is waiting for a decision. */
export function SubscriberTable({ subscriptions, empty, withApi = false }: Props) {
  const [decision, setDecision] = useState<Decision | null>(null);
  return (
    <>
      <DataTable
        caption="Subscriptions"
        rows={subscriptions}
        rowKey={(row) => row.id}
        empty={empty}
        columns={[
          { title: "App", render: (row) => <Asker subscription={row} /> },
          ...(withApi ? [{ title: "API", render: (row: Subscription) => row.api.name }] : []),
          { title: "Plan", render: (row) => row.plan.name },
          { title: "State", render: (row) => <State subscription={row} /> },
          {
            title: "Quota",
            width: 210,
            render: (row) => (row.state === "active" ? <QuotaBar quota={row.quota} /> : ""),
          },
          { title: "Asked", render: (row) => ago(row.created_at) },
          {
            title: "Actions",
            hideTitle: true,
            right: true,
            render: (row) => (
              <Actions subscription={row} onDecide={(verb) => setDecision({ verb, subscription: row })} />
            ),
          },
        ]}
      />
      <DecisionDialog decision={decision} onClose={() => setDecision(null)} />
    </>
  );
}

function Asker({ subscription }: { subscription: Subscription }) {
  return (
    <div>
      <Text size="sm" fw={600}>
        {subscription.app.name}
      </Text>
      <Text size="xs" c="dimmed">
        {subscription.app.owner.name}, asked by {subscription.requested_by.name}
      </Text>
    </div>
  );
}

function State({ subscription }: { subscription: Subscription }) {
  return (
    <div>
      <StatusBadge state={subscription.state} />
      {subscription.reason && (
        <Text size="xs" c="dimmed">
          {subscription.reason}
        </Text>
      )}
    </div>
  );
}

function Actions({
  subscription,
  onDecide,
}: {
  subscription: Subscription;
  onDecide: (verb: Decision["verb"]) => void;
}) {
  return (
    <Group gap={6} justify="flex-end" wrap="nowrap">
      {can(subscription, "approve") && (
        <Button size="compact-xs" onClick={() => onDecide("approve")}>
          Approve
        </Button>
      )}
      {can(subscription, "refuse") && (
        <Button size="compact-xs" variant="default" onClick={() => onDecide("refuse")}>
          Refuse
        </Button>
      )}
      {can(subscription, "cancel") && subscription.state === "active" && (
        <Button size="compact-xs" variant="default" onClick={() => onDecide("cancel")}>
          End
        </Button>
      )}
    </Group>
  );
}
