import { Button, Group, Modal, Select, Stack, Textarea, TextInput } from "@mantine/core";
import { isNotEmpty, useForm } from "@mantine/form";
import { useMutation } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useChanged } from "@/client/changed";
import { api, http, ifMatch } from "@/client/http";
import { formErrors } from "@/client/problem";
import type { Team } from "@/client/types";
import { ErrorState } from "@/ui/ErrorState";

interface Props {
  opened: boolean;
  onClose: () => void;
  /** The organisation it is made in, where the page has decided that. */
  organisationId?: string;
  /** The one to change; a new one is made without it. */
  team?: Team;
}

export function TeamDialog({ opened, onClose, ...rest }: Props) {
  return (
    <Modal opened={opened} onClose={onClose} title={rest.team ? "Change the team" : "New team"}>
      <TeamForm onClose={onClose} {...rest} />
    </Modal>
  );
}

interface Values {
  name: string;
  description: string;
  organisation_id: string | null;
}

async function save(body: Values, team: Team | undefined): Promise<string | undefined> {
  if (!team) return (await http.POST("/api/v1/teams", { body })).data?.id;
  const params = { path: { team_id: team.id }, header: ifMatch(team) };
  const { name, description } = body;
  await http.PATCH("/api/v1/teams/{team_id}", { params, body: { name, description } });
  return undefined;
}

function TeamForm({ onClose, organisationId, team }: Omit<Props, "opened">) {
  const changed = useChanged();
  const navigate = useNavigate();
  const found = api.useQuery("get", "/api/v1/organisations", { params: { query: { limit: 200 } } });
  const organisations = found.data?.items ?? [];
  const form = useForm<Values>({
    initialValues: {
      name: team?.name ?? "",
      description: team?.description ?? "",
      organisation_id: organisationId ?? null,
    },
    validate: { name: isNotEmpty("A team needs a name") },
  });
  const keep = useMutation({
    mutationFn: (values: Values) => save(values, team),
    onSuccess: async (made) => {
      await changed();
      onClose();
      if (made) await navigate({ to: "/admin/teams/$teamId", params: { teamId: made } });
    },
    onError: (error) => form.setErrors(formErrors(error)),
  });
  return (
    <form onSubmit={form.onSubmit((values) => keep.mutate(values))} noValidate>
      <Stack>
        {keep.isError && <ErrorState error={keep.error} hideFields />}
        <TextInput label="Name" data-autofocus {...form.getInputProps("name")} />
        <Textarea label="About" {...form.getInputProps("description")} />
        {!team && !organisationId && organisations.length > 1 && (
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
          <Button type="submit" loading={keep.isPending}>
            {team ? "Save" : "Make the team"}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
