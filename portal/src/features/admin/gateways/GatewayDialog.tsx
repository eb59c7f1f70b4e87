import { Button, Group, Modal, Stack, TextInput } from "@mantine/core";
import { isNotEmpty, useForm } from "@mantine/form";
import { useNavigate } from "@tanstack/react-router";
import { useChanged } from "@/client/changed";
import { api } from "@/client/http";
import { formErrors } from "@/client/problem";
import { ErrorState } from "@/ui/ErrorState";
import { Pair } from "@/ui/Pair";

export function GatewayDialog({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  return (
    <Modal opened={opened} onClose={onClose} title="Add a gateway">
      <GatewayForm onClose={onClose} />
    </Modal>
  );
}

function GatewayForm({ onClose }: { onClose: () => void }) {
  const changed = useChanged();
  const navigate = useNavigate();
  const make = api.useMutation("post", "/api/v1/gateways");
  const form = useForm({
    initialValues: { name: "", environment: "production", region: "", public_url: "" },
    validate: { name: isNotEmpty("Name it after where it runs") },
  });
  const submit = form.onSubmit((body) =>
    make.mutate(
      { body },
      {
        onSuccess: async (gateway) => {
          await changed();
          onClose();
          await navigate({ to: "/admin/gateways/$gatewayId", params: { gatewayId: gateway.id } });
        },
        onError: (error) => form.setErrors(formErrors(error)),
      },
    ),
  );
  return (
    <form onSubmit={submit} noValidate>
      <Stack>
        {make.isError && <ErrorState error={make.error} hideFields />}
        <TextInput label="Name" placeholder="Frankfurt edge" data-autofocus {...form.getInputProps("name")} />
        <TextInput
          label="Public address"
          description="Where consumers call it; it may be set later"
          placeholder="https://api.example.com"
          {...form.getInputProps("public_url")}
        />
        <Pair>
          <TextInput label="Environment" {...form.getInputProps("environment")} />
          <TextInput label="Region" placeholder="eu-central" {...form.getInputProps("region")} />
        </Pair>
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={make.isPending}>
            Add it
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
