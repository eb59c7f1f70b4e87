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
import { isNotEmpty, useForm } from "@mantine/form";
import { useMutation } from "@tanstack/react-query";
import { useChanged } from "@/client/changed";
import { http, ifMatch } from "@/client/http";
import { formErrors } from "@/client/problem";
import type { Api, Plan } from "@/client/types";
import { plural } from "@/lib/format";
import { ErrorState } from "@/ui/ErrorState";
import { notifyDone } from "@/ui/notify";
import { draftOf, keptOf, NEW_PLAN, PERIODS, type PlanDraft, termsDiffer, termsOf } from "./terms";

interface Props {
  target: Api;
  plan: Plan | undefined;
  opened: boolean;
  onClose: () => void;
}

async function save(target: Api, plan: Plan | undefined, draft: PlanDraft): Promise<void> {
  const words = { name: draft.name, description: draft.description };
  if (!plan) {
    const params = { path: { api_id: target.id } };
    await http.POST("/api/v1/apis/{api_id}/plans", { params, body: { ...words, version: termsOf(draft) } });
    return;
  }
  const params = { path: { plan_id: plan.id } };
  const { data: latest } = await http.PATCH("/api/v1/plans/{plan_id}", {
    params: { ...params, header: ifMatch(plan) },
    body: words,
  });
  if (termsDiffer(plan, draft)) {
    const header = ifMatch(latest ?? plan);
    await http.POST("/api/v1/plans/{plan_id}/versions", {
      params: { ...params, header },
      body: termsOf(draft),
    });
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
  const form = useForm<PlanDraft>({
    initialValues: plan ? draftOf(plan) : NEW_PLAN,
    validate: { name: isNotEmpty("A plan needs a name, such as Free") },
  });
  const keep = useMutation({
    mutationFn: (draft: PlanDraft) => save(target, plan, draft),
    onSuccess: async () => {
      await changed();
      notifyDone(plan ? "Plan saved" : "Plan made");
      onClose();
    },
    onError: (error) => form.setErrors(formErrors(error)),
  });
  return (
    <form onSubmit={form.onSubmit((draft) => keep.mutate(draft))} noValidate>
      <Stack>
        {keep.isError && <ErrorState error={keep.error} />}
        <Group grow align="flex-start">
          <TextInput label="Name" placeholder="Free" data-autofocus {...form.getInputProps("name")} />
          <TextInput label="For whom" placeholder="To try it out" {...form.getInputProps("description")} />
        </Group>
        <Group grow align="flex-start">
          <NumberInput
            label="Rate limit"
            description="Empty: none"
            min={1}
            thousandSeparator
            {...form.getInputProps("requests")}
          />
          <Select
            label="per"
            description="Any stretch of that length"
            data={PERIODS}
            {...form.getInputProps("seconds")}
          />
        </Group>
        <Group grow align="flex-start">
          <NumberInput
            label="Quota"
            description="Empty: none"
            min={1}
            thousandSeparator
            {...form.getInputProps("quota")}
          />
          <Select
            label="per calendar"
            description="In UTC"
            data={["hour", "day", "week", "month"]}
            {...form.getInputProps("window")}
          />
        </Group>
        {keptOf(form.values).length > 0 && (
          <Text size="sm" c="dimmed">
            {plural(keptOf(form.values).length, "further limit")} of this plan, made elsewhere, stay as they
            are.
          </Text>
        )}
        <Group grow align="flex-start">
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
        </Group>
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
