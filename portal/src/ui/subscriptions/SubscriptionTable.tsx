import { Text } from "@mantine/core";
import type { ReactNode } from "react";
import type { Subscription } from "@/client/types";
import { type Column, DataTable } from "@/ui/DataTable";
import { TextLink } from "@/ui/links";
import { QuotaBars } from "@/ui/QuotaBar";
import { StatusBadge } from "@/ui/StatusBadge";
import { When } from "@/ui/When";
import { type Side, SubscriptionActions } from "./SubscriptionActions";

interface Props {
  caption: string;
  subscriptions: Subscription[];
  /** Who reads: whoever calls the API, or whoever provides it. */
  side: Side;
  /** What the page is about needs no column of its own; where one only looks, nothing is done. */
  without?: "app" | "api" | "actions";
  empty?: ReactNode;
}

const isActive = ({ state }: Subscription): boolean => state === "active";

/** Subscriptions as both sides see them; each has a page of its own. */
export function SubscriptionTable({ caption, subscriptions, side, without, empty }: Props) {
  const columns: (Column<Subscription> | false)[] = [
    without !== "app" && { title: "App", render: (row) => <App subscription={row} side={side} /> },
    without !== "api" && { title: "API", render: (row) => <Api subscription={row} side={side} /> },
    { title: "Plan", render: (row) => <Plan subscription={row} side={side} /> },
    { title: "State", render: (row) => <State subscription={row} /> },
    subscriptions.some(isActive) && {
      title: "Quota",
      width: 220,
      render: (row) => (isActive(row) ? <QuotaBars quotas={row.quotas} /> : ""),
    },
    { title: side === "provider" ? "Asked" : "Since", render: (row) => <When at={row.created_at} /> },
    without !== "actions" && {
      title: "Actions",
      hideTitle: true,
      right: true,
      render: (row) => <SubscriptionActions subscription={row} side={side} />,
    },
  ];
  return (
    <DataTable
      caption={caption}
      rows={subscriptions}
      rowKey={(row) => row.id}
      empty={empty}
      columns={columns.filter((column) => column !== false)}
    />
  );
}

interface CellProps {
  subscription: Subscription;
  side: Side;
}

function App({ subscription, side }: CellProps) {
  const { app, requested_by } = subscription;
  if (side === "consumer") {
    return (
      <TextLink to="/apps/$appId" params={{ appId: app.id }} fw={550} size="sm">
        {app.name}
      </TextLink>
    );
  }
  return (
    <div>
      <Text size="sm" fw={600}>
        {app.name}
      </Text>
      <Text size="xs" c="dimmed">
        {app.owner.name}, asked by {requested_by.name}
      </Text>
    </div>
  );
}

function Api({ subscription: { api }, side }: CellProps) {
  const to = side === "consumer" ? "/apis/$slug" : "/studio/apis/$slug";
  return (
    <TextLink to={to} params={{ slug: api.slug }} fw={550} size="sm">
      {api.name}
    </TextLink>
  );
}

function Plan({ subscription, side }: CellProps) {
  const to = side === "consumer" ? "/subscriptions/$subscriptionId" : "/studio/subscriptions/$subscriptionId";
  const { app, api, plan } = subscription;
  return (
    <TextLink
      to={to}
      params={{ subscriptionId: subscription.id }}
      size="sm"
      aria-label={`${plan.name}: the subscription of ${app.name} to ${api.name}`}
    >
      {plan.name}
    </TextLink>
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
