import { Button, Group, Paper, SimpleGrid, Stack, Text, Title } from "@mantine/core";
import { IconPlus, IconTicket } from "@tabler/icons-react";
import { useState } from "react";
import { useChanged } from "@/client/changed";
import { api, ifMatch } from "@/client/http";
import type { Api, Plan } from "@/client/types";
import { limitsOf, price } from "@/lib/format";
import { can } from "@/lib/may";
import { EmptyState } from "@/ui/EmptyState";
import { Loaded } from "@/ui/Loaded";
import { ButtonLink } from "@/ui/links";
import { notifyFailed } from "@/ui/notify";
import { StatusBadge } from "@/ui/StatusBadge";
import { useStudioApi } from "../apis/queries";
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
                  <PlanCard key={plan.id} slug={target.slug} plan={plan} onEdit={() => setOpened(plan)} />
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

function PlanCard({ slug, plan, onEdit }: { slug: string; plan: Plan; onEdit: () => void }) {
  const terms = plan.current_version;
  const { amount, per } = price(terms.price);
  return (
    <Paper p="lg">
      <Stack gap="sm">
        <Group justify="space-between">
          <Title order={2} size="h3">
            {plan.name}
          </Title>
          <StatusBadge state={plan.lifecycle} />
        </Group>
        <Text size="sm" c="dimmed">
          {plan.description}
        </Text>
        <Text size="sm">
          <b>{amount}</b> {per} · terms no. {terms.number}
        </Text>
        <Text size="sm">{limitsOf(terms).join(" · ")}</Text>
        <Text size="sm">{terms.approval ? "Somebody approves each subscription" : "Access at once"}</Text>
        {can(plan, "update") && (
          <Group gap="xs" mt="xs">
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
            <Retire plan={plan} />
          </Group>
        )}
      </Stack>
    </Paper>
  );
}

/** A retired plan is no longer offered; who has it keeps it. */
function Retire({ plan }: { plan: Plan }) {
  const changed = useChanged();
  const next = plan.lifecycle === "published" ? "retired" : "published";
  const move = api.useMutation("patch", "/api/v1/plans/{plan_id}", {
    onSuccess: () => void changed(),
    onError: notifyFailed,
  });
  return (
    <Button
      variant="default"
      size="compact-sm"
      loading={move.isPending}
      onClick={() =>
        move.mutate({
          params: { path: { plan_id: plan.id }, header: ifMatch(plan) },
          body: { lifecycle: next },
        })
      }
    >
      {next === "retired" ? "Take off offer" : "Offer again"}
    </Button>
  );
}
