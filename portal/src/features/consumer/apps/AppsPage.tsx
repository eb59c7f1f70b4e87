import { Button, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconApps, IconPlus } from "@tabler/icons-react";
import { api } from "@/client/http";
import { DataTable } from "@/ui/DataTable";
import { EmptyState } from "@/ui/EmptyState";
import { Loaded } from "@/ui/Loaded";
import { TextLink } from "@/ui/links";
import { PageHeader } from "@/ui/PageHeader";
import { When } from "@/ui/When";
import { AppDialog } from "./AppDialog";

/** The reader's programs: each has keys, and subscriptions that its keys open. */
export function AppsPage() {
  const apps = api.useQuery("get", "/api/v1/apps", { params: { query: { limit: 200 } } });
  const [opened, dialog] = useDisclosure(false);
  const create = (
    <Button leftSection={<IconPlus size={16} />} onClick={dialog.open}>
      New app
    </Button>
  );
  return (
    <>
      <PageHeader
        title="Apps"
        description="An app is one program of yours. Its keys open every API it subscribes to."
        actions={apps.data?.items.length ? create : null}
      />
      <Loaded query={apps}>
        {({ items }) => (
          <DataTable
            caption="Your apps"
            rows={items}
            rowKey={(row) => row.id}
            empty={
              <EmptyState title="No apps yet" icon={IconApps} action={create}>
                Make one for the program that will call the APIs, then subscribe it to a plan.
              </EmptyState>
            }
            columns={[
              {
                title: "Name",
                render: (row) => (
                  <TextLink to="/apps/$appId" params={{ appId: row.id }} fw={600} size="sm">
                    {row.name}
                  </TextLink>
                ),
              },
              {
                title: "What it is",
                render: (row) => (
                  <Text size="sm" c="dimmed" lineClamp={1}>
                    {row.description}
                  </Text>
                ),
              },
              { title: "Belongs to", render: (row) => row.owner.name },
              { title: "Changed", render: (row) => <When at={row.updated_at} /> },
            ]}
          />
        )}
      </Loaded>
      <AppDialog opened={opened} onClose={dialog.close} />
    </>
  );
}
