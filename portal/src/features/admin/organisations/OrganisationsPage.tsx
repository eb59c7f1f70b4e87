import { Button } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconBuilding, IconPlus } from "@tabler/icons-react";
import { api } from "@/client/http";
import { useAdministrator } from "@/client/session";
import { date } from "@/lib/format";
import { DataTable } from "@/ui/DataTable";
import { EmptyState } from "@/ui/EmptyState";
import { Loaded } from "@/ui/Loaded";
import { TextLink } from "@/ui/links";
import { PageHeader } from "@/ui/PageHeader";
import { OrganisationDialog } from "./OrganisationDialog";

/** Companies or departments; each has teams. */
export function OrganisationsPage() {
  const organisations = api.useQuery("get", "/api/v1/organisations", { params: { query: { limit: 200 } } });
  const [opened, dialog] = useDisclosure(false);
  const add = useAdministrator() && (
    <Button leftSection={<IconPlus size={16} />} onClick={dialog.open}>
      New organisation
    </Button>
  );
  return (
    <>
      <PageHeader
        title="Organisations"
        description="Companies or departments; each has teams, and a team belongs to one."
        actions={add}
      />
      <Loaded query={organisations}>
        {({ items }) => (
          <DataTable
            caption="Organisations"
            rows={items}
            rowKey={(row) => row.id}
            empty={<EmptyState title="No organisations" icon={IconBuilding} action={add} />}
            columns={[
              {
                title: "Name",
                render: (row) => (
                  <TextLink
                    to="/admin/organisations/$organisationId"
                    params={{ organisationId: row.id }}
                    fw={600}
                    size="sm"
                  >
                    {row.name}
                  </TextLink>
                ),
              },
              { title: "Teams", right: true, render: (row) => row.teams_count },
              { title: "Since", right: true, render: (row) => date(row.created_at) },
            ]}
          />
        )}
      </Loaded>
      <OrganisationDialog opened={opened} onClose={dialog.close} />
    </>
  );
}
