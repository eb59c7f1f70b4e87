import { Badge, Button, Group, Modal, Stack, Text, Textarea, TextInput } from "@mantine/core";
import { isNotEmpty, useForm } from "@mantine/form";
import { useDisclosure } from "@mantine/hooks";
import { IconPlus, IconUsersGroup } from "@tabler/icons-react";
import { useNavigate } from "@tanstack/react-router";
import { useChanged } from "@/client/changed";
import { api } from "@/client/http";
import { formErrors } from "@/client/problem";
import { DataTable } from "@/ui/DataTable";
import { EmptyState } from "@/ui/EmptyState";
import { ErrorState } from "@/ui/ErrorState";
import { Loaded } from "@/ui/Loaded";
import { TextLink } from "@/ui/links";
import { PageHeader } from "@/ui/PageHeader";

/** Teams own APIs and apps; their members' roles say who may do what with them. */
export function TeamsPage() {
  const teams = api.useQuery("get", "/api/v1/teams", { params: { query: { limit: 200 } } });
  const [opened, dialog] = useDisclosure(false);
  const add = (
    <Button leftSection={<IconPlus size={16} />} onClick={dialog.open}>
      New team
    </Button>
  );
  return (
    <>
      <PageHeader
        title="Teams"
        description="A team owns APIs and apps; its members' roles say who may do what."
        actions={add}
      />
      <Loaded query={teams}>
        {({ items }) => (
          <DataTable
            caption="Teams"
            rows={items}
            rowKey={(row) => row.id}
            empty={
              <EmptyState title="No teams yet" icon={IconUsersGroup} action={add}>
                An API belongs to a team; make one for those who will provide the first.
              </EmptyState>
            }
            columns={[
              {
                title: "Name",
                render: (row) => (
                  <TextLink to="/admin/teams/$teamId" params={{ teamId: row.id }} fw={600} size="sm">
                    {row.name}
                  </TextLink>
                ),
              },
              {
                title: "About",
                render: (row) => (
                  <Text size="sm" c="dimmed" lineClamp={1}>
                    {row.description}
                  </Text>
                ),
              },
              { title: "Organisation", render: (row) => row.organisation.name },
              { title: "Members", right: true, render: (row) => row.members_count },
              {
                title: "Marks",
                hideTitle: true,
                right: true,
                render: (row) => row.demo && <Badge color="gray">Demo</Badge>,
              },
            ]}
          />
        )}
      </Loaded>
      <Modal opened={opened} onClose={dialog.close} title="New team">
        <TeamForm onClose={dialog.close} />
      </Modal>
    </>
  );
}

function TeamForm({ onClose }: { onClose: () => void }) {
  const changed = useChanged();
  const navigate = useNavigate();
  const make = api.useMutation("post", "/api/v1/teams");
  const form = useForm({
    initialValues: { name: "", description: "" },
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
