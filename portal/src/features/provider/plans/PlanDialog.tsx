import {
  Button,
  Group,
  Modal,
  NumberInput,
  Select,
  Stack,
  Switch,
  TagsInput,
  Text,
  TextInput,
} from "@mantine/core";
import { useForm } from "@mantine/form";
import { useMutation } from "@tanstack/react-query";
import { useRef } from "react";
import { useChanged } from "@/client/changed";
import { http, ifMatch } from "@/client/http";
import type { Api, Plan } from "@/client/types";
import { FormError } from "@/ui/FormError";
import { notifyDone } from "@/ui/notify";
import { Pair } from "@/ui/Pair";
import { Quotas, RateLimits } from "./Limits";
import { CHECKS, draftOf, NEW_PLAN, type PlanDraft, planErrors, termsDiffer, termsOf } from "./terms";

interface Props {
  target: Api;
  plan: Plan | undefined;
  opened: boolean;
  onClose: () => void;
}

/** Words first, then terms; `onStep` hears what is kept already, so that a second try does not meet its own first half. */
async function save(
  target: Api,
  plan: Plan | undefined,
  draft: PlanDraft,
  onStep: (plan: Plan) => void,
): Promise<void> {
  const words = { name: draft.name.trim(), description: draft.description };
  if (!plan) {
    const params = { path: { api_id: target.id } };
    await http.POST("/api/v1/apis/{api_id}/plans", { params, body: { ...words, version: termsOf(draft) } });
    return;
  }
  const path = { plan_id: plan.id };
  const { data: latest = plan } = await http.PATCH("/api/v1/plans/{plan_id}", {
    params: { path, header: ifMatch(plan) },
    body: words,
  });
  onStep(latest);
  if (termsDiffer(latest, draft)) {
    const params = { path, header: ifMatch(latest) };
    await http.POST("/api/v1/plans/{plan_id}/versions", { params, body: termsOf(draft) });
  }
}

export function PlanDialog({ opened, onClose, ...rest }: Props) {
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={rest.plan ? `Plan ${rest.plan.name}` : "New plan"}
      size="lg"
    >
      <PlanForm key={rest.plan?.id ?? "new"} {...rest} onClose={onClose} />
    </Modal>
  );
}

function PlanForm({ target, plan, onClose }: Omit<Props, "opened">) {
  const changed = useChanged();
  const kept = useRef(plan);
  const form = useForm<PlanDraft>({
    initialValues: plan ? draftOf(plan) : NEW_PLAN,
    validate: CHECKS,
  });
  const keep = useMutation({
    mutationFn: (draft: PlanDraft) =>
      save(target, kept.current, draft, (step) => {
        kept.current = step;
      }),
    onSuccess: async () => {
      await changed();
      notifyDone(plan ? "Plan saved" : "Plan made");
      onClose();
    },
    onError: (error) => form.setErrors(planErrors(error)),
  });
  const submit = form.onSubmit(
    (draft) => keep.mutate(draft),
    (errors) => form.getInputNode(Object.keys(errors)[0] ?? "")?.focus(),
  );
  return (
    <form onSubmit={submit} noValidate>
      <Stack>
        <FormError error={keep.error} />
        <Pair>
          <TextInput label="Name" placeholder="Free" data-autofocus {...form.getInputProps("name")} />
          <TextInput label="For whom" placeholder="To try it out" {...form.getInputProps("description")} />
        </Pair>
        <RateLimits form={form} />
        <Quotas form={form} />
        <Pair>
          <NumberInput
            label="Price per month"
            description="Empty: free"
            min={0}
            decimalScale={2}
            {...form.getInputProps("price")}
          />
          <Select
            label="Currency"
            description="ISO 4217"
            data={["EUR", "USD", "GBP", "CHF", "JPY"]}
            {...form.getInputProps("currency")}
          />
        </Pair>
        <TagsInput label="Also in it" placeholder="Mail support" {...form.getInputProps("features")} />
        <Switch
          label="Somebody of the team approves each subscription"
          {...form.getInputProps("approval", { type: "checkbox" })}
        />
        {plan && (
          <Text size="sm" c="dimmed">
            New terms hold for new subscriptions; who is subscribed keeps the terms they agreed to.
          </Text>
        )}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={keep.isPending}>
            {plan ? "Save" : "Make the plan"}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
