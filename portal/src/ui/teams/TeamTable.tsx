import { Badge, Group, Text } from "@mantine/core";
import type { ReactNode } from "react";
import type { Team } from "@/client/types";
import { plural, words } from "@/lib/format";
import { type Column, DataTable } from "@/ui/DataTable";
import { TextLink } from "@/ui/links";
import { PhoneRow } from "@/ui/PhoneRow";

interface Props {
  teams: readonly Team[];
  empty: ReactNode;
  /** The page of one. */
  to: "/admin/teams/$teamId" | "/studio/teams/$teamId";
  /** What the reader is in it; administrators need not be in any. */
  withRole?: boolean;
  /** On the page of an organisation it needs no column. */
  withOrganisation?: boolean;
}

export function TeamTable({ teams, empty, to, withRole = false, withOrganisation = false }: Props) {
  const columns: (Column<Team> | false)[] = [
    {
      title: "Name",
      render: (row) => <Name team={row} to={to} />,
    },
    {
      title: "About",
      render: (row) => (
        <Text size="sm" c="dimmed" lineClamp={1}>
          {row.description}
        </Text>
      ),
    },
    withOrganisation && {
      title: "Organisation",
      render: ({ organisation }) => (
        <TextLink
          to="/admin/organisations/$organisationId"
          params={{ organisationId: organisation.id }}
          size="sm"
        >
          {organisation.name}
        </TextLink>
      ),
    },
    withRole && { title: "You are", render: ({ role }) => (role ? words(role) : "–") },
    { title: "Members", right: true, render: (row) => row.members_count },
  ];
  return (
    <DataTable
      caption="Teams"
      rows={teams}
      rowKey={(row) => row.id}
      empty={empty}
      phone={(row) => (
        <PhoneRow
          note={[withRole && row.role && words(row.role), row.description].filter(Boolean).join(" · ")}
          side={
            <Text size="xs" miw="max-content">
              {plural(row.members_count, "member")}
            </Text>
          }
        >
          <Name team={row} to={to} />
        </PhoneRow>
      )}
      columns={columns.filter((column) => column !== false)}
    />
  );
}

function Name({ team, to }: { team: Team; to: Props["to"] }) {
  return (
    <Group gap={6}>
      <TextLink to={to} params={{ teamId: team.id }} fw={600} size="sm">
        {team.name}
      </TextLink>
      {team.demo && <Badge color="gray">Demo</Badge>}
    </Group>
  );
}
