import { Button, Group, List, Paper, SimpleGrid, Stack, Text, Title } from "@mantine/core";
import { IconPlus, IconTicket } from "@tabler/icons-react";
import { useState } from "react";
import { api, http, ifMatch } from "@/client/http";
import type { Api, Plan } from "@/client/types";
import { limitsOf } from "@/lib/format";
import { can } from "@/lib/may";
import { AskButton } from "@/ui/AskButton";
import { EmptyState } from "@/ui/EmptyState";
import { Loaded } from "@/ui/Loaded";
import { ButtonLink } from "@/ui/links";
import { PlanPrice } from "@/ui/PlanPrice";
import { StatusBadge } from "@/ui/StatusBadge";
import { useStudioApi } from "../apis/queries";
import { Subscribed } from "../subscribers/Subscribed";
import { PlanDialog } from "./PlanDialog";

/** What consumers choose from: limits, quota, price, and whether somebody approves. */
export function PlansTab() {
  return <Loaded query={useStudioApi()}>{(target) => <Plans target={target} />}</Loaded>;
}

function Plans({ target }: { target: Api }) {
  const plans = api.useQuery("get", "/api/v1/apis/{api_id}/plans", {
    params: { path: { api_id: target.id } },
  });
  const [opened, setOpened] = useState<Plan | "new" | null>(null);
  const add = can(target, "edit_plans") && (
    <Button leftSection={<IconPlus size={16} />} onClick={() => setOpened("new")}>
      New plan
    </Button>
  );
  return (
    <Stack>
      <Loaded query={plans}>
        {({ items }) =>
          items.length === 0 ? (
            <EmptyState title="No plans yet" icon={IconTicket} action={add}>
              A plan says how much an app may call, and what it costs. An API with keys needs at least one to
              be published.
            </EmptyState>
          ) : (
            <>
              <Group justify="flex-end">{add}</Group>
              <SimpleGrid cols={{ base: 1, sm: 2, xl: 3 }}>
                {items.map((plan) => (
                  <PlanCard key={plan.id} target={target} plan={plan} onEdit={() => setOpened(plan)} />
                ))}
              </SimpleGrid>
            </>
          )
        }
      </Loaded>
      <PlanDialog
        target={target}
        plan={opened === "new" ? undefined : (opened ?? undefined)}
        opened={opened !== null}
        onClose={() => setOpened(null)}
      />
    </Stack>
  );
}

interface CardProps {
  target: Api;
  plan: Plan;
  onEdit: () => void;
}

function PlanCard({ target: { id: apiId, slug }, plan, onEdit }: CardProps) {
  const terms = plan.current_version;
  return (
    <Paper p="lg">
      <Stack gap="sm" h="100%">
        <Group justify="space-between" wrap="nowrap" align="flex-start">
          <Title order={2} size="h3" style={{ overflowWrap: "anywhere" }}>
            {plan.name}
          </Title>
          <StatusBadge
            state={plan.lifecycle}
            label={plan.lifecycle === "published" ? "Offered" : "Not offered"}
          />
        </Group>
        <Text size="sm" c="dimmed">
          {plan.description}
        </Text>
        <PlanPrice plan={plan} fz={22} fw={640} />
        <List size="sm" spacing={4}>
          {limitsOf(terms).map((limit) => (
            <List.Item key={limit}>{limit}</List.Item>
          ))}
          <List.Item>{terms.approval ? "Somebody approves each subscription" : "Access at once"}</List.Item>
        </List>
        <Text size="xs" c="dimmed">
          Terms no. {terms.number}
        </Text>
        {can(plan, "update") && (
          <Group gap="xs" mt="auto" pt="xs">
            <Button variant="default" size="compact-sm" onClick={onEdit}>
              Change
            </Button>
            <ButtonLink
              to="/studio/apis/$slug/plans/$planId"
              params={{ slug, planId: plan.id }}
              variant="default"
              size="compact-sm"
            >
              Policies
            </ButtonLink>
            <Retire apiId={apiId} plan={plan} />
          </Group>
        )}
      </Stack>
    </Paper>
  );
}

/** A retired plan is no longer offered; who has it keeps it. */
function Retire({ apiId, plan }: { apiId: string; plan: Plan }) {
  const offered = plan.lifecycle === "published";
  const label = offered ? "Take off offer" : "Offer again";
  const params = { path: { plan_id: plan.id }, header: ifMatch(plan) };
  const body = { lifecycle: offered ? "retired" : "published" } as const;
  return (
    <AskButton
      label={label}
      size="compact-sm"
      title={`${label}: ${plan.name}?`}
      action={label}
      danger={false}
      run={() => http.PATCH("/api/v1/plans/{plan_id}", { params, body })}
      done={offered ? "No longer offered" : "Offered again"}
    >
      <Subscribed apiId={apiId} planId={plan.id} />{" "}
      {offered ? "Who has the plan keeps it; nobody else can choose it." : "Consumers can choose it again."}
    </AskButton>
  );
}
