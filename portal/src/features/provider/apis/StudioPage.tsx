import { Group, SegmentedControl, Text } from "@mantine/core";
import { IconApi, IconUpload } from "@tabler/icons-react";
import { useState } from "react";
import { api } from "@/client/http";
import { useSession } from "@/client/session";
import type { Api } from "@/client/types";
import { ApiMark } from "@/ui/ApiMark";
import { DataTable } from "@/ui/DataTable";
import { EmptyState } from "@/ui/EmptyState";
import { Loaded } from "@/ui/Loaded";
import { ButtonLink, TextLink } from "@/ui/links";
import { PageHeader } from "@/ui/PageHeader";
import { PhoneRow } from "@/ui/PhoneRow";
import { StatusBadge } from "@/ui/StatusBadge";
import { When } from "@/ui/When";
import { NoTeam } from "../NoTeam";
import { useProviders } from "../useProviders";

/** What the reader's teams provide. */
export function StudioPage() {
  const session = useSession();
  const administrator = session?.hub_role === "administrator";
  const [all, setAll] = useState(administrator && session.memberships.length === 0);
  const apis = api.useQuery("get", "/api/v1/apis", {
    params: { query: { ...(all ? {} : { mine: true }), limit: 200 } },
  });
  const providers = useProviders();
  const start = (
    <ButtonLink to="/studio/import" leftSection={<IconUpload size={16} />}>
      Import an API
    </ButtonLink>
  );
  return (
    <>
      <PageHeader
        title="Your APIs"
        description="What your teams provide, from draft to retired."
        actions={
          <>
            {administrator && (
              <SegmentedControl
                aria-label="Whose APIs"
                value={all ? "all" : "mine"}
                onChange={(value) => setAll(value === "all")}
                data={[
                  { value: "mine", label: "Your teams" },
                  { value: "all", label: "All teams" },
                ]}
              />
            )}
            {apis.data?.items.length ? start : null}
          </>
        }
      />
      <Loaded query={apis}>
        {({ items }) => (
          <DataTable
            caption="APIs of your teams"
            rows={items}
            rowKey={(row) => row.id}
            empty={
              providers?.length === 0 ? (
                <NoTeam />
              ) : (
                <EmptyState title="Nothing here yet" icon={IconApi} action={start}>
                  Bring an OpenAPI definition: operations, servers and security are read from it.
                </EmptyState>
              )
            }
            phone={(row) => (
              <PhoneRow
                note={`${row.owner.name} · ${VISIBILITY[row.visibility].toLowerCase()}`}
                side={<StatusBadge state={row.lifecycle} />}
              >
                <Name api={row} />
              </PhoneRow>
            )}
            columns={[
              { title: "Name", render: (row) => <Name api={row} /> },
              { title: "State", render: (row) => <StatusBadge state={row.lifecycle} /> },
              { title: "Seen by", render: (row) => VISIBILITY[row.visibility] },
              { title: "Team", render: (row) => row.owner.name },
              { title: "Changed", render: (row) => <When at={row.updated_at} /> },
            ]}
          />
        )}
      </Loaded>
    </>
  );
}

const VISIBILITY = { public: "Everybody", internal: "Whoever is signed in", private: "The team" };

function Name({ api: one }: { api: Api }) {
  return (
    <Group gap="sm" wrap="nowrap">
      <ApiMark name={one.name} seed={one.slug} size={30} />
      <div>
        <TextLink to="/studio/apis/$slug" params={{ slug: one.slug }} fw={600} size="sm">
          {one.name}
        </TextLink>
        <Text size="xs" c="dimmed" ff="monospace">
          {one.base_path}
        </Text>
      </div>
    </Group>
  );
}
