import { Button, Group, Modal, MultiSelect, Select, Stack, TextInput } from "@mantine/core";
import { isNotEmpty, useForm } from "@mantine/form";
import { api } from "@/client/http";
import { formErrors } from "@/client/problem";
import { EXPIRIES, expiresAt, SCOPES } from "@/ui/account/scopes";
import { ErrorState } from "@/ui/ErrorState";

interface Props {
  opened: boolean;
  onClose: () => void;
  onMade: (token: string) => void;
}

export function TokenDialog({ opened, onClose, onMade }: Props) {
  return (
    <Modal opened={opened} onClose={onClose} title="New access token">
      <TokenForm onClose={onClose} onMade={onMade} />
    </Modal>
  );
}

function TokenForm({ onClose, onMade }: Omit<Props, "opened">) {
  const make = api.useMutation("post", "/api/v1/me/tokens");
  const form = useForm({
    initialValues: { name: "", scopes: ["catalog:read"], days: "90" },
    validate: {
      name: isNotEmpty("Name it after what will use it"),
      scopes: (scopes) => (scopes.length ? null : "A token without scopes can do nothing"),
    },
  });
  const submit = form.onSubmit(({ name, scopes, days }) =>
    make.mutate(
      { body: { name, scopes, expires_at: expiresAt(days) } },
      { onSuccess: ({ token }) => onMade(token), onError: (error) => form.setErrors(formErrors(error)) },
    ),
  );
  return (
    <form onSubmit={submit} noValidate>
      <Stack>
        {make.isError && <ErrorState error={make.error} hideFields />}
        <TextInput
          label="Name"
          placeholder="CI of the storefront"
          data-autofocus
          {...form.getInputProps("name")}
        />
        <MultiSelect
          label="Scopes"
          description="What it may do, and nothing else"
          data={SCOPES}
          searchable
          {...form.getInputProps("scopes")}
        />
        <Select label="Expires" data={EXPIRIES} {...form.getInputProps("days")} />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={make.isPending}>
            Make the token
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
