import { Button } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconPlus, IconUsersGroup } from "@tabler/icons-react";
import { api } from "@/client/http";
import { useAdministrator } from "@/client/session";
import { EmptyState } from "@/ui/EmptyState";
import { Loaded } from "@/ui/Loaded";
import { PageHeader } from "@/ui/PageHeader";
import { TeamDialog } from "@/ui/teams/TeamDialog";
import { TeamTable } from "@/ui/teams/TeamTable";

/** Teams own APIs and apps; their members' roles say who may do what with them. */
export function TeamsPage() {
  const teams = api.useQuery("get", "/api/v1/teams", { params: { query: { limit: 200 } } });
  const [opened, dialog] = useDisclosure(false);
  const add = useAdministrator() && (
    <Button leftSection={<IconPlus size={16} />} onClick={dialog.open}>
      New team
    </Button>
  );
  return (
    <>
      <PageHeader
        title="Teams"
        description="A team owns APIs and apps; its members' roles say who may do what."
        actions={teams.data?.items.length ? add : null}
      />
      <Loaded query={teams}>
        {({ items }) => (
          <TeamTable
            teams={items}
            to="/admin/teams/$teamId"
            withOrganisation
            empty={
              <EmptyState title="No teams yet" icon={IconUsersGroup} action={add}>
                An API belongs to a team; make one for those who will provide the first.
              </EmptyState>
            }
          />
        )}
      </Loaded>
      <TeamDialog opened={opened} onClose={dialog.close} />
    </>
  );
}
