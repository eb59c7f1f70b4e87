import { Button, Group, Select, Text, TextInput, Title } from "@mantine/core";
import { IconUsers } from "@tabler/icons-react";
import { useState } from "react";
import { useChanged } from "@/client/changed";
import { api, http } from "@/client/http";
import { useAdministrator } from "@/client/session";
import type { Team, TeamMember } from "@/client/types";
import { words } from "@/lib/format";
import { can } from "@/lib/may";
import { AskButton } from "@/ui/AskButton";
import { DataTable } from "@/ui/DataTable";
import { EmptyState } from "@/ui/EmptyState";
import { Loaded } from "@/ui/Loaded";
import { TextLink } from "@/ui/links";
import { notifyFailed } from "@/ui/notify";

const ROLES = [
  { value: "owner", label: "Owner: also members" },
  { value: "maintainer", label: "Maintainer: also publishes" },
  { value: "developer", label: "Developer: drafts and keys" },
  { value: "viewer", label: "Viewer: only looks" },
];

type Role = "owner" | "maintainer" | "developer" | "viewer";

/** Who belongs to the team and as what; its owners and administrators change that. */
export function Members({ team }: { team: Team }) {
  const path = { team_id: team.id };
  const members = api.useQuery("get", "/api/v1/teams/{team_id}/members", {
    params: { path, query: { limit: 200 } },
  });
  return (
    <Loaded query={members}>
      {({ items }) => (
        <section>
          <Title order={2} mb="sm">
            Members
          </Title>
          {can(team, "manage_members") && <AddMember team={team} members={items} />}
          <DataTable
            caption="Members"
            rows={items}
            rowKey={(row) => row.user_id}
            empty={
              <EmptyState title="Nobody is in this team" icon={IconUsers}>
                Add who provides its APIs.
              </EmptyState>
            }
            columns={[
              { title: "Name", render: (row) => <Person member={row} /> },
              { title: "Role", width: 300, render: (row) => <MemberRole team={team} member={row} /> },
              {
                title: "Action",
                hideTitle: true,
                right: true,
                render: (row) => <RemoveMember team={team} member={row} />,
              },
            ]}
          />
        </section>
      )}
    </Loaded>
  );
}

function Person({ member }: { member: TeamMember }) {
  const knowsAll = useAdministrator();
  return (
    <div>
      {knowsAll ? (
        <TextLink to="/admin/people/$userId" params={{ userId: member.user_id }} size="sm" fw={600}>
          {member.name}
        </TextLink>
      ) : (
        <Text size="sm" fw={600}>
          {member.name}
        </Text>
      )}
      <Text size="xs" c="dimmed">
        {member.email}
      </Text>
    </div>
  );
}

function useSetRole(team: Team) {
  const changed = useChanged();
  const put = api.useMutation("put", "/api/v1/teams/{team_id}/members/{user_id}", { onSuccess: changed });
  const set = (person: string, role: Role) =>
    put.mutateAsync({ params: { path: { team_id: team.id, user_id: person } }, body: { role } });
  return { set, busy: put.isPending };
}

function AddMember({ team, members }: { team: Team; members: TeamMember[] }) {
  const knowsAll = useAdministrator();
  const [person, setPerson] = useState<string | null>(null);
  const [role, setRole] = useState<string | null>("developer");
  const { set, busy } = useSetRole(team);
  const given = person?.trim();
  const add = async () => {
    if (!given || !role) return;
    await set(given, role as Role);
    setPerson(null);
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void add().catch(notifyFailed);
      }}
    >
      <Group mb="md" align="flex-end">
        {knowsAll ? (
          <KnownPerson members={members} value={person} onChange={setPerson} />
        ) : (
          <TextInput
            type="email"
            label="Add somebody"
            placeholder="E-mail of somebody with an account"
            flex="1 1 220px"
            maw={340}
            value={person ?? ""}
            onChange={(event) => setPerson(event.currentTarget.value)}
          />
        )}
        <Select label="As" w={270} data={ROLES} value={role} onChange={setRole} />
        <Button type="submit" disabled={!given} loading={busy}>
          Add
        </Button>
      </Group>
    </form>
  );
}

interface PersonProps {
  members: TeamMember[];
  value: string | null;
  onChange: (person: string | null) => void;
}

/** Only administrators may ask who has an account. */
function KnownPerson({ members, value, onChange }: PersonProps) {
  const people = api.useQuery("get", "/api/v1/users", { params: { query: { limit: 200 } } });
  const known = new Set(members.map((one) => one.user_id));
  const others = (people.data?.items ?? []).filter((one) => !known.has(one.id));
  return (
    <Select
      label="Add somebody"
      placeholder="Name"
      searchable
      flex="1 1 220px"
      maw={340}
      value={value}
      onChange={onChange}
      data={others.map((one) => ({ value: one.id, label: `${one.name}, ${one.email}` }))}
    />
  );
}

function MemberRole({ team, member }: { team: Team; member: TeamMember }) {
  const { set } = useSetRole(team);
  if (!can(team, "manage_members")) return <>{words(member.role)}</>;
  return (
    <Select
      aria-label={`Role of ${member.name}`}
      size="xs"
      data={ROLES}
      value={member.role}
      onChange={(role) => role && void set(member.user_id, role as Role).catch(notifyFailed)}
    />
  );
}

function RemoveMember({ team, member }: { team: Team; member: TeamMember }) {
  if (!can(team, "manage_members")) return null;
  const params = { path: { team_id: team.id, user_id: member.user_id } };
  return (
    <AskButton
      label="Remove"
      name={`Remove ${member.name}`}
      size="compact-xs"
      title={`Remove ${member.name} from ${team.name}?`}
      action="Remove"
      run={() => http.DELETE("/api/v1/teams/{team_id}/members/{user_id}", { params })}
      done={`${member.name} is no longer in ${team.name}`}
    >
      They can no longer see and change what belongs to the team: its APIs, apps and keys. Keys that they know
      go on working until somebody revokes or rotates them.
    </AskButton>
  );
}
