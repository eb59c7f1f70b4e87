import { Button, Group, Modal, Select, Stack, Text } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, ifMatch } from "@/client/http";
import type { Plan, Subscription } from "@/client/types";
import { limitsOf, price } from "@/lib/format";
import { ErrorState } from "@/ui/ErrorState";
import { Loaded } from "@/ui/Loaded";
import { notifyDone } from "@/ui/notify";

interface Props {
  subscription: Subscription | null;
  onClose: () => void;
}

/** Another plan of the same API; the app's keys stay as they are. */
export function ChangePlanDialog({ subscription, onClose }: Props) {
  return (
    <Modal
      opened={subscription !== null}
      onClose={onClose}
      title={`Plan for ${subscription?.api.name ?? ""}`}
    >
      {subscription && <Choice subscription={subscription} onClose={onClose} />}
    </Modal>
  );
}

function Choice({ subscription, onClose }: { subscription: Subscription; onClose: () => void }) {
  const path = { api_id: subscription.api.id };
  const plans = api.useQuery("get", "/api/v1/apis/{api_id}/plans", { params: { path } });
  return (
    <Loaded query={plans}>
      {({ items }) => <PlanForm subscription={subscription} plans={items} onClose={onClose} />}
    </Loaded>
  );
}

function PlanForm({
  subscription,
  plans,
  onClose,
}: {
  subscription: Subscription;
  plans: Plan[];
  onClose: () => void;
}) {
  const queryClient = useQueryClient();
  const [planId, setPlan] = useState<string | null>(subscription.plan.id);
  const change = api.useMutation("patch", "/api/v1/subscriptions/{subscription_id}", {
    onSuccess: () => {
      notifyDone("Plan changed");
      void queryClient.invalidateQueries({ queryKey: ["get", "/api/v1/subscriptions"] });
      onClose();
    },
  });
  const plan = plans.find((one) => one.id === planId);
  const params = { path: { subscription_id: subscription.id }, header: ifMatch(subscription) };
  return (
    <Stack>
      {change.isError && <ErrorState error={change.error} />}
      <Select
        label="Plan"
        data={plans.map((one) => ({ value: one.id, label: one.name }))}
        value={planId}
        onChange={setPlan}
      />
      {plan && <Terms plan={plan} />}
      <Group justify="flex-end">
        <Button variant="default" onClick={onClose}>
          Keep as it is
        </Button>
        <Button
          disabled={!planId || planId === subscription.plan.id}
          loading={change.isPending}
          onClick={() => planId && change.mutate({ params, body: { plan_id: planId } })}
        >
          Change the plan
        </Button>
      </Group>
    </Stack>
  );
}

function Terms({ plan }: { plan: Plan }) {
  const { price: cost, approval } = plan.current_version;
  const { amount, per } = price(cost);
  const facts = [`${amount} ${per}`.trim(), ...limitsOf(plan.current_version)];
  return (
    <Text size="sm" c="dimmed">
      {facts.join(" · ")}
      {approval ? " · approved by the provider" : ""}
    </Text>
  );
}
