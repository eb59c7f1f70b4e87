import { Stack, Text, Title } from "@mantine/core";
import { useParams } from "@tanstack/react-router";
import { api } from "@/client/http";
import { can } from "@/lib/may";
import { Loaded } from "@/ui/Loaded";
import { BackLink } from "@/ui/links";
import { PolicySet } from "@/ui/policies/PolicySet";

/** What a plan says beside its terms: more limits, quotas, the scopes of its subscribers. */
export function PlanPage() {
  const { slug, planId } = useParams({ from: "/studio/apis/$slug/plans/$planId" });
  const found = api.useQuery("get", "/api/v1/plans/{plan_id}", { params: { path: { plan_id: planId } } });
  return (
    <Loaded query={found}>
      {(plan) => (
        <Stack maw={920}>
          <div>
            <BackLink to="/studio/apis/$slug/plans" params={{ slug }}>
              Plans
            </BackLink>
            <Title order={2} mt={6}>
              {plan.name}
            </Title>
            <Text size="sm" c="dimmed">
              What holds for whoever calls on this plan, beside its terms.
            </Text>
          </div>
          <PolicySet spot={{ level: "plan", id: plan.id }} editable={can(plan, "update")} order={3} />
        </Stack>
      )}
    </Loaded>
  );
}
