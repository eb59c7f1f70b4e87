import { Button, Group, Select, Stack, Text, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useMutation } from "@tanstack/react-query";
import { api } from "@/client/http";
import { formErrors } from "@/client/problem";
import { ownersOf, useSession } from "@/client/session";
import type { Api, App, Plan } from "@/client/types";
import { price } from "@/lib/format";
import { ErrorState } from "@/ui/ErrorState";
import { Loaded } from "@/ui/Loaded";
import type { Outcome } from "./SubscribeDialog";
import { NEW_APP, subscribe } from "./subscribe";

interface Props {
  target: Api;
  plan: Plan;
  onDone: (outcome: Outcome) => void;
  onCancel: () => void;
}

export function SubscribeForm(props: Props) {
  const apps = api.useQuery("get", "/api/v1/apps", { params: { query: { limit: 200 } } });
  return <Loaded query={apps}>{({ items }) => <Form {...props} apps={items} />}</Loaded>;
}

function Form({ target, plan, apps, onDone, onCancel }: Props & { apps: App[] }) {
  const owners = ownersOf(useSession());
  const form = useForm({
    initialValues: { app: apps[0]?.id ?? NEW_APP, name: "", owner: owners[0]?.value ?? "" },
    validate: {
      name: (name, { app }) =>
        app === NEW_APP && !name.trim() ? "Name it after what will call the API" : null,
    },
  });
  const ask = useMutation({
    mutationFn: (values: typeof form.values) => subscribe(values, { apiId: target.id, planId: plan.id }),
    onSuccess: onDone,
    onError: (error) => form.setErrors(formErrors(error)),
  });
  const { amount, per } = price(plan.current_version.price);
  return (
    <form onSubmit={form.onSubmit((values) => ask.mutate(values))} noValidate>
      <Stack>
        {ask.isError && <ErrorState error={ask.error} />}
        <Select
          label="App"
          description="An app is one program of yours; its key works for everything it subscribes to"
          data={[
            ...apps.map((one) => ({ value: one.id, label: one.name })),
            { value: NEW_APP, label: "A new app…" },
          ]}
          {...form.getInputProps("app")}
        />
        {form.values.app === NEW_APP && (
          <>
            <TextInput label="Name of the new app" placeholder="Storefront" {...form.getInputProps("name")} />
            {owners.length > 1 && (
              <Select label="Belongs to" data={owners} {...form.getInputProps("owner")} />
            )}
          </>
        )}
        <Text size="sm" c="dimmed">
          {`${amount} ${per}`.trim()}.{" "}
          {plan.current_version.approval ? "The provider has to approve first." : "Access starts at once."}
        </Text>
        <Group justify="flex-end">
          <Button variant="default" onClick={onCancel}>
            Cancel
          </Button>
          <Button type="submit" loading={ask.isPending}>
            {plan.current_version.approval ? "Ask for access" : "Subscribe"}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
