import { Button, Group, Title } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconPlus, IconUsersGroup } from "@tabler/icons-react";
import { useParams } from "@tanstack/react-router";
import { api } from "@/client/http";
import type { Organisation } from "@/client/types";
import { plural } from "@/lib/format";
import { can } from "@/lib/may";
import { EmptyState } from "@/ui/EmptyState";
import { Loaded } from "@/ui/Loaded";
import { BackLink } from "@/ui/links";
import { PageHeader } from "@/ui/PageHeader";
import { TeamDialog } from "@/ui/teams/TeamDialog";
import { TeamTable } from "@/ui/teams/TeamTable";
import { OrganisationDialog } from "./OrganisationDialog";

export function OrganisationPage() {
  const { organisationId } = useParams({ from: "/admin/organisations/$organisationId" });
  const organisation = api.useQuery("get", "/api/v1/organisations/{organisation_id}", {
    params: { path: { organisation_id: organisationId } },
  });
  const [renaming, rename] = useDisclosure(false);
  return (
    <Loaded query={organisation} page>
      {(data) => (
        <>
          <PageHeader
            title={data.name}
            description={plural(data.teams_count, "team")}
            above={<BackLink to="/admin/organisations">Organisations</BackLink>}
            actions={
              can(data, "update") && (
                <Button variant="default" onClick={rename.open}>
                  Rename
                </Button>
              )
            }
          />
          <Teams organisation={data} />
          <OrganisationDialog
            key={data.revision}
            opened={renaming}
            onClose={rename.close}
            organisation={data}
          />
        </>
      )}
    </Loaded>
  );
}

function Teams({ organisation }: { organisation: Organisation }) {
  const query = { organisation_id: organisation.id, limit: 200 };
  const teams = api.useQuery("get", "/api/v1/teams", { params: { query } });
  const [opened, dialog] = useDisclosure(false);
  const add = can(organisation, "update") && (
    <Button variant="default" leftSection={<IconPlus size={16} />} onClick={dialog.open}>
      New team
    </Button>
  );
  return (
    <section>
      <Group justify="space-between" mb="sm">
        <Title order={2}>Its teams</Title>
        {add}
      </Group>
      <Loaded query={teams}>
        {({ items }) => (
          <TeamTable
            teams={items}
            to="/admin/teams/$teamId"
            empty={
              <EmptyState title="No teams yet" icon={IconUsersGroup}>
                APIs and apps belong to teams, and teams to an organisation.
              </EmptyState>
            }
          />
        )}
      </Loaded>
      <TeamDialog opened={opened} onClose={dialog.close} organisationId={organisation.id} />
    </section>
  );
}
