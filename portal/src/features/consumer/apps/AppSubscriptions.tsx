import { Button, Group, Text, Title } from "@mantine/core";
import { IconPlugConnected } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api } from "@/client/http";
import type { App, Subscription } from "@/client/types";
import { ago } from "@/lib/format";
import { can } from "@/lib/may";
import { ConfirmDialog } from "@/ui/ConfirmDialog";
import { DataTable } from "@/ui/DataTable";
import { EmptyState } from "@/ui/EmptyState";
import { Loaded } from "@/ui/Loaded";
import { ButtonLink, TextLink } from "@/ui/links";
import { notifyDone } from "@/ui/notify";
import { QuotaBar } from "@/ui/QuotaBar";
import { StatusBadge } from "@/ui/StatusBadge";
import { ChangePlanDialog } from "./ChangePlanDialog";

/** What an app's keys open, and how much of it is left. */
export function AppSubscriptions({ app }: { app: App }) {
  const query = { app_id: app.id, role: "consumer" as const, limit: 200 };
  const subscriptions = api.useQuery("get", "/api/v1/subscriptions", { params: { query } });
  const [ending, setEnding] = useState<Subscription | null>(null);
  const [changing, setChanging] = useState<Subscription | null>(null);
  return (
    <section>
      <Group justify="space-between" mb="sm">
        <Title order={2}>Subscriptions</Title>
        <ButtonLink to="/apis" variant="default">
          Find an API
        </ButtonLink>
      </Group>
      <Loaded query={subscriptions}>
        {({ items }) => <SubscriptionTable subscriptions={items} onEnd={setEnding} onChange={setChanging} />}
      </Loaded>
      <ChangePlanDialog subscription={changing} onClose={() => setChanging(null)} />
      <EndSubscription subscription={ending} onClose={() => setEnding(null)} />
    </section>
  );
}

interface TableProps {
  subscriptions: Subscription[];
  onEnd: (one: Subscription) => void;
  onChange: (one: Subscription) => void;
}

function SubscriptionTable({ subscriptions, onEnd, onChange }: TableProps) {
  return (
    <DataTable
      caption="Subscriptions of this app"
      rows={subscriptions}
      rowKey={(row) => row.id}
      empty={
        <EmptyState title="No subscriptions yet" icon={IconPlugConnected}>
          Find an API and choose one of its plans; the keys above then open it.
        </EmptyState>
      }
      columns={[
        {
          title: "API",
          render: (row) => (
            <TextLink to="/apis/$slug" params={{ slug: row.api.slug }} fw={550} size="sm">
              {row.api.name}
            </TextLink>
          ),
        },
        { title: "Plan", render: (row) => row.plan.name },
        { title: "State", render: (row) => <State subscription={row} /> },
        {
          title: "Quota",
          width: 230,
          render: (row) => (row.state === "active" ? <QuotaBar quota={row.quota} /> : ""),
        },
        { title: "Since", render: (row) => ago(row.created_at) },
        {
          title: "Actions",
          hideTitle: true,
          right: true,
          render: (row) => <Actions subscription={row} onEnd={onEnd} onChange={onChange} />,
        },
      ]}
    />
  );
}

function Actions({
  subscription,
  onEnd,
  onChange,
}: { subscription: Subscription } & Omit<TableProps, "subscriptions">) {
  const open = subscription.state === "active" || subscription.state === "pending";
  if (!open) return null;
  return (
    <Group gap={6} justify="flex-end" wrap="nowrap">
      {can(subscription, "change_plan") && (
        <Button variant="default" size="compact-xs" onClick={() => onChange(subscription)}>
          Change plan
        </Button>
      )}
      {can(subscription, "cancel") && (
        <Button variant="default" size="compact-xs" onClick={() => onEnd(subscription)}>
          {subscription.state === "pending" ? "Withdraw" : "End"}
        </Button>
      )}
    </Group>
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

function EndSubscription({
  subscription,
  onClose,
}: {
  subscription: Subscription | null;
  onClose: () => void;
}) {
  const queryClient = useQueryClient();
  const cancel = api.useMutation("post", "/api/v1/subscriptions/{subscription_id}/cancel", {
    onSuccess: () => {
      notifyDone("Subscription ended");
      void queryClient.invalidateQueries({ queryKey: ["get", "/api/v1/subscriptions"] });
      onClose();
    },
  });
  return (
    <ConfirmDialog
      opened={subscription !== null}
      title={`End the subscription to ${subscription?.api.name ?? ""}?`}
      action="End it"
      danger
      busy={cancel.isPending}
      error={cancel.error}
      onClose={onClose}
      onConfirm={() =>
        subscription && cancel.mutate({ params: { path: { subscription_id: subscription.id } } })
      }
    >
      The app's keys no longer open this API; its other subscriptions stay.
    </ConfirmDialog>
  );
}
