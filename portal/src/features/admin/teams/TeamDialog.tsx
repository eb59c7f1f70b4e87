import { Button, Group, Modal, Select, Stack, Textarea, TextInput } from "@mantine/core";
import { isNotEmpty, useForm } from "@mantine/form";
import { useNavigate } from "@tanstack/react-router";
import { useChanged } from "@/client/changed";
import { api } from "@/client/http";
import { formErrors } from "@/client/problem";
import { ErrorState } from "@/ui/ErrorState";

interface Props {
  opened: boolean;
  onClose: () => void;
  /** The organisation it is made in, where the page has decided that. */
  organisationId?: string;
}

export function TeamDialog({ opened, onClose, organisationId }: Props) {
  return (
    <Modal opened={opened} onClose={onClose} title="New team">
      <TeamForm onClose={onClose} organisationId={organisationId} />
    </Modal>
  );
}

function TeamForm({ onClose, organisationId }: { onClose: () => void; organisationId: string | undefined }) {
  const changed = useChanged();
  const navigate = useNavigate();
  const found = api.useQuery("get", "/api/v1/organisations", { params: { query: { limit: 200 } } });
  const organisations = found.data?.items ?? [];
  const make = api.useMutation("post", "/api/v1/teams");
  const form = useForm({
    initialValues: { name: "", description: "", organisation_id: organisationId ?? null },
    validate: { name: isNotEmpty("A team needs a name") },
  });
  const submit = form.onSubmit((body) =>
    make.mutate(
      { body },
      {
        onSuccess: async (team) => {
          await changed();
          onClose();
          await navigate({ to: "/admin/teams/$teamId", params: { teamId: team.id } });
        },
        onError: (error) => form.setErrors(formErrors(error)),
      },
    ),
  );
  return (
    <form onSubmit={submit} noValidate>
      <Stack>
        {make.isError && <ErrorState error={make.error} hideFields />}
        <TextInput label="Name" data-autofocus {...form.getInputProps("name")} />
        <Textarea label="About" {...form.getInputProps("description")} />
        {!organisationId && organisations.length > 1 && (
          <Select
            label="Organisation"
            placeholder={organisations[0]?.name ?? ""}
            data={organisations.map((one) => ({ value: one.id, label: one.name }))}
            {...form.getInputProps("organisation_id")}
          />
        )}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={make.isPending}>
            Make the team
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
