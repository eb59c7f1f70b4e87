import {
  Badge,
  Button,
  Group,
  List,
  Paper,
  SimpleGrid,
  Stack,
  Text,
  Title,
  VisuallyHidden,
} from "@mantine/core";
import { IconCheck } from "@tabler/icons-react";
import { useLocation } from "@tanstack/react-router";
import { useState } from "react";
import { api } from "@/client/http";
import { useSession } from "@/client/session";
import type { Api, Plan, Subscription } from "@/client/types";
import { limitsOf, listed } from "@/lib/format";
import { EmptyState } from "@/ui/EmptyState";
import { Loaded } from "@/ui/Loaded";
import { LoadingCards } from "@/ui/Loading";
import { ButtonLink } from "@/ui/links";
import { PlanPrice } from "@/ui/PlanPrice";
import classes from "./ApiPage.module.css";
import { OwnSubscriptions } from "./OwnSubscriptions";
import { useApi, useOwnSubscriptions } from "./queries";
import { SubscribeDialog } from "./SubscribeDialog";

export function PlansTab() {
  return <Loaded query={useApi()}>{(target) => <Plans target={target} />}</Loaded>;
}

function Plans({ target }: { target: Api }) {
  const plans = api.useQuery("get", "/api/v1/apis/{api_id}/plans", {
    params: { path: { api_id: target.id } },
  });
  const subscriptions = useOwnSubscriptions(target, useSession() !== null);
  const [wanted, setWanted] = useState<Plan | null>(null);
  return (
    <Stack gap="xl">
      <OwnSubscriptions subscriptions={running(subscriptions.data?.items)} />
      <Loaded query={plans} loading={<LoadingCards cards={3} height={280} />}>
        {({ items }) =>
          items.length === 0 ? (
            <EmptyState title="No plan is offered yet">
              The provider has to add one before an app can subscribe.
            </EmptyState>
          ) : (
            <SimpleGrid cols={{ base: 1, sm: 2, lg: Math.min(items.length, 4) }}>
              {items.map((plan) => (
                <PlanCard
                  key={plan.id}
                  plan={plan}
                  apps={running(subscriptions.data?.items).filter((one) => one.plan.id === plan.id)}
                  onChoose={() => setWanted(plan)}
                />
              ))}
            </SimpleGrid>
          )
        }
      </Loaded>
      <SubscribeDialog target={target} plan={wanted} onClose={() => setWanted(null)} />
    </Stack>
  );
}

function running(items: Subscription[] | undefined): Subscription[] {
  return (items ?? []).filter((one) => one.state === "active" || one.state === "pending");
}

interface CardProps {
  plan: Plan;
  /** The reader's that are on it. */
  apps: Subscription[];
  onChoose: () => void;
}

function PlanCard({ plan, apps, onChoose }: CardProps) {
  return (
    <Paper p="lg" className={classes.plan}>
      <div>
        <Group justify="space-between" wrap="nowrap" align="flex-start">
          <Title order={2} size="h3">
            {plan.name}
          </Title>
          {apps.length > 0 && <Badge color="green">{whoHas(apps)}</Badge>}
        </Group>
        <Text size="sm" c="dimmed" mih={20}>
          {plan.description}
        </Text>
      </div>
      <PlanPrice plan={plan} fz={28} fw={660} />
      <List
        size="sm"
        spacing={7}
        center={false}
        icon={<IconCheck size={15} aria-hidden style={{ marginTop: 3 }} />}
      >
        {factsOf(plan).map((fact) => (
          <List.Item key={fact}>{fact}</List.Item>
        ))}
      </List>
      <Choose plan={plan} onChoose={onChoose} />
    </Paper>
  );
}

const whoHas = (apps: Subscription[]): string =>
  `${listed(
    apps.map(({ app }) => app.name),
    1,
  )} ${apps.length === 1 ? "has" : "have"} it`;

function factsOf(plan: Plan): string[] {
  const { approval, features } = plan.current_version;
  return [
    ...limitsOf(plan.current_version),
    ...features,
    approval ? "Approved by the provider" : "Access at once",
  ];
}

function Choose({ plan, onChoose }: { plan: Plan; onChoose: () => void }) {
  const signedIn = useSession() !== null;
  const here = useLocation().href;
  if (!signedIn) {
    return (
      <ButtonLink to="/login" search={{ next: here }} variant="default" fullWidth>
        Sign in to subscribe
      </ButtonLink>
    );
  }
  return (
    <Button fullWidth onClick={onChoose} variant={plan.current_version.approval ? "default" : "filled"}>
      {plan.current_version.approval ? "Ask for access" : "Subscribe"}
      <VisuallyHidden>&nbsp;to {plan.name}</VisuallyHidden>
    </Button>
  );
}
