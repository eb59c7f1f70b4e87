import { Group, Paper, SimpleGrid, Stack, Text, Title } from "@mantine/core";
import { IconKey } from "@tabler/icons-react";
import { useParams } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { api } from "@/client/http";
import type { Grant, Subscription } from "@/client/types";
import { dateTime, limitsOf, price } from "@/lib/format";
import { DataTable } from "@/ui/DataTable";
import { EmptyState } from "@/ui/EmptyState";
import { Loaded } from "@/ui/Loaded";
import { BackLink, ButtonLink, TextLink } from "@/ui/links";
import { PageHeader } from "@/ui/PageHeader";
import { QuotaBars } from "@/ui/QuotaBar";
import { StatusBadge } from "@/ui/StatusBadge";
import { type Side, SubscriptionActions } from "./SubscriptionActions";

export const ConsumerSubscription = () => <SubscriptionPage side="consumer" />;
export const ProviderSubscription = () => <SubscriptionPage side="provider" />;

/** One app at one API: what was agreed, how much of it is used, and where its keys are in force. */
function SubscriptionPage({ side }: { side: Side }) {
  const { subscriptionId } = useParams({ strict: false });
  const path = { subscription_id: subscriptionId ?? "" };
  const found = api.useQuery("get", "/api/v1/subscriptions/{subscription_id}", { params: { path } });
  return (
    <Loaded query={found} page>
      {(subscription) => (
        <>
          <Top subscription={subscription} side={side} />
          <Stack gap="xl">
            <Facts subscription={subscription} side={side} />
            <Grants subscription={subscription} side={side} />
          </Stack>
        </>
      )}
    </Loaded>
  );
}

interface Props {
  subscription: Subscription;
  side: Side;
}

function Top({ subscription, side }: Props) {
  const { app, api: target, plan } = subscription;
  const back =
    side === "consumer" ? (
      <BackLink to="/apps/$appId" params={{ appId: app.id }}>
        {app.name}
      </BackLink>
    ) : (
      <BackLink to="/studio/apis/$slug/subscribers" params={{ slug: target.slug }}>
        Subscribers of {target.name}
      </BackLink>
    );
  return (
    <PageHeader
      title={`${app.name} at ${target.name}`}
      above={back}
      badges={<StatusBadge state={subscription.state} />}
      description={subscription.reason || `On the plan ${plan.name}.`}
      actions={<SubscriptionActions subscription={subscription} side={side} size="sm" />}
    />
  );
}

function Facts({ subscription, side }: Props) {
  const { app, api: target, requested_by, decided_by, decided_at } = subscription;
  const call = side === "consumer" ? "/apis/$slug" : "/studio/apis/$slug";
  return (
    <SimpleGrid cols={{ base: 1, sm: 2, lg: 4 }} spacing="sm" component="section" aria-label="About it">
      <Fact title="Plan" note={<Terms subscription={subscription} />}>
        {subscription.plan.name}
      </Fact>
      <Fact title="Quota">
        <QuotaBars quotas={subscription.quotas} />
      </Fact>
      <Fact title="Between" note={`belongs to ${app.owner.name}`}>
        {app.name} and{" "}
        <TextLink to={call} params={{ slug: target.slug }}>
          {target.name}
        </TextLink>
      </Fact>
      <Fact
        title="Asked"
        note={
          decided_at
            ? `${subscription.state === "refused" ? "refused" : "decided"} ${dateTime(decided_at)}${decided_by ? ` by ${decided_by.name}` : ""}`
            : `by ${requested_by.name}`
        }
      >
        {dateTime(subscription.created_at)}
      </Fact>
    </SimpleGrid>
  );
}

function Fact({ title, note, children }: { title: string; note?: ReactNode; children: ReactNode }) {
  return (
    <Paper p="md">
      <Text size="xs" c="dimmed" fw={550} mb={4}>
        {title}
      </Text>
      <Text component="div" fw={550}>
        {children}
      </Text>
      {note && (
        <Text size="xs" c="dimmed" component="div">
          {note}
        </Text>
      )}
    </Paper>
  );
}

/** The plan may have newer terms than those that this subscription keeps. */
function Terms({ subscription: { plan } }: { subscription: Subscription }) {
  const found = api.useQuery("get", "/api/v1/plans/{plan_id}", { params: { path: { plan_id: plan.id } } });
  const current = found.data?.current_version;
  if (!current) return null;
  if (current.id !== plan.version_id)
    return `Keeps terms no. ${plan.number}; new subscriptions get no. ${current.number}`;
  const { amount, per } = price(current.price);
  return [`${amount} ${per}`.trim(), ...limitsOf(current)].join(" · ");
}

const MEANINGS: Record<string, string> = {
  pending: "On its way to the gateway",
  live: "The gateway lets it in",
  exhausted: "Refused until the quota is renewed",
  drifted: "The gateway has something else than was wanted; it is being set right",
  revoked: "The gateway refuses it",
};

function Grants({ subscription, side }: Props) {
  const path = { subscription_id: subscription.id };
  const grants = api.useQuery(
    "get",
    "/api/v1/subscriptions/{subscription_id}/grants",
    { params: { path } },
    { refetchInterval: 3_000 },
  );
  return (
    <section>
      <Group justify="space-between" mb="sm">
        <Title order={2}>On the gateways</Title>
      </Group>
      <Loaded query={grants}>
        {({ items }) => <GrantTable grants={items} subscription={subscription} side={side} />}
      </Loaded>
    </section>
  );
}

function GrantTable({ grants, subscription, side }: Props & { grants: readonly Grant[] }) {
  const { app, state } = subscription;
  const keys = (
    <ButtonLink to="/apps/$appId" params={{ appId: app.id }} variant="default">
      Keys of {app.name}
    </ButtonLink>
  );
  return (
    <DataTable
      caption="Keys of this subscription on each gateway"
      rows={grants}
      rowKey={(row) => row.id}
      empty={
        <EmptyState
          title="In force nowhere"
          icon={IconKey}
          action={side === "consumer" && state === "active" && keys}
        >
          {state === "active"
            ? "The app has no key yet, or the API is on no gateway."
            : "Keys reach the gateways once the subscription is active."}
        </EmptyState>
      }
      columns={[
        { title: "Gateway", render: (row) => row.gateway.name },
        {
          title: "Key",
          render: (row) => (
            <Text ff="monospace" size="sm">
              {row.credential.prefix}…
            </Text>
          ),
        },
        { title: "State", render: (row) => <StatusBadge state={row.state} /> },
        {
          title: "Which means",
          render: (row) => (
            <Text size="sm" c="dimmed">
              {MEANINGS[row.state] ?? ""}
            </Text>
          ),
        },
        { title: "Since", render: (row) => dateTime(row.updated_at) },
      ]}
    />
  );
}
