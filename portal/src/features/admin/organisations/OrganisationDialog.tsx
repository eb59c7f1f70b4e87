import { Button, Group, Modal, Stack, TextInput } from "@mantine/core";
import { isNotEmpty, useForm } from "@mantine/form";
import { useMutation } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useChanged } from "@/client/changed";
import { http, ifMatch } from "@/client/http";
import { formErrors } from "@/client/problem";
import type { Organisation } from "@/client/types";
import { ErrorState } from "@/ui/ErrorState";
import { notifyDone } from "@/ui/notify";

interface Props {
  opened: boolean;
  onClose: () => void;
  /** The one to rename; a new one is made without it. */
  organisation?: Organisation;
}

export function OrganisationDialog({ opened, onClose, organisation }: Props) {
  return (
    <Modal opened={opened} onClose={onClose} title={organisation ? "Rename it" : "New organisation"}>
      <OrganisationForm onClose={onClose} organisation={organisation} />
    </Modal>
  );
}

async function save(name: string, organisation: Organisation | undefined): Promise<string | undefined> {
  if (!organisation) {
    const { data } = await http.POST("/api/v1/organisations", { body: { name } });
    return data?.id;
  }
  const params = { path: { organisation_id: organisation.id }, header: ifMatch(organisation) };
  await http.PATCH("/api/v1/organisations/{organisation_id}", { params, body: { name } });
  return undefined;
}

function OrganisationForm({
  onClose,
  organisation,
}: {
  onClose: () => void;
  organisation: Organisation | undefined;
}) {
  const changed = useChanged();
  const navigate = useNavigate();
  const form = useForm({
    initialValues: { name: organisation?.name ?? "" },
    validate: { name: isNotEmpty("An organisation needs a name") },
  });
  const keep = useMutation({
    mutationFn: ({ name }: typeof form.values) => save(name.trim(), organisation),
    onSuccess: async (made) => {
      await changed();
      notifyDone(made ? "Organisation made" : "Renamed");
      onClose();
      if (made)
        await navigate({ to: "/admin/organisations/$organisationId", params: { organisationId: made } });
    },
    onError: (error) => form.setErrors(formErrors(error)),
  });
  return (
    <form onSubmit={form.onSubmit((values) => keep.mutate(values))} noValidate>
      <Stack>
        {keep.isError && <ErrorState error={keep.error} hideFields />}
        <TextInput label="Name" data-autofocus {...form.getInputProps("name")} />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={keep.isPending}>
            {organisation ? "Rename" : "Make the organisation"}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
