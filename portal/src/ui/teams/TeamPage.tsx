import { Button, Group, Select, Stack, Text, Title } from "@mantine/core";
import { IconUsers } from "@tabler/icons-react";
import { useParams } from "@tanstack/react-router";
import { useState } from "react";
import { useChanged } from "@/client/changed";
import { api, http, ifMatch } from "@/client/http";
import type { Team, TeamMember } from "@/client/types";
import { words } from "@/lib/format";
import { can } from "@/lib/may";
import { ChangeButton } from "@/ui/ChangeButton";
import { DataTable } from "@/ui/DataTable";
import { DeleteButton } from "@/ui/DeleteButton";
import { EmptyState } from "@/ui/EmptyState";
import { Loaded } from "@/ui/Loaded";
import { BackLink } from "@/ui/links";
import { notifyFailed } from "@/ui/notify";
import { PageHeader } from "@/ui/PageHeader";
import { PolicySet } from "@/ui/policies/PolicySet";
import { TeamDialog } from "./TeamDialog";

const ROLES = [
  { value: "owner", label: "Owner: also members" },
  { value: "maintainer", label: "Maintainer: publishes and approves" },
  { value: "developer", label: "Developer: drafts, apps and keys" },
  { value: "viewer", label: "Viewer: only looks" },
];

type Role = "owner" | "maintainer" | "developer" | "viewer";

export function TeamPage() {
  const { teamId } = useParams({ from: "/admin/teams/$teamId" });
  const team = api.useQuery("get", "/api/v1/teams/{team_id}", { params: { path: { team_id: teamId } } });
  return (
    <Loaded query={team} page>
      {(data) => (
        <>
          <PageHeader
            title={data.name}
            description={data.description}
            above={<BackLink to="/admin/teams">Teams</BackLink>}
            actions={
              <>
                {can(data, "update") && (
                  <ChangeButton>{(dialog) => <TeamDialog {...dialog} team={data} />}</ChangeButton>
                )}
                {can(data, "delete") && (
                  <DeleteButton name={data.name} then="/admin/teams" remove={() => remove(data)}>
                    This works only once it owns nothing any more.
                  </DeleteButton>
                )}
              </>
            }
          />
          <Stack gap="xl">
            <Members team={data} />
            <section>
              <Title order={2}>Policies</Title>
              <Text size="sm" c="dimmed" mb="sm">
                For every API of this team.
              </Text>
              <PolicySet spot={{ level: "team", id: data.id }} editable={can(data, "update")} order={3} />
            </section>
          </Stack>
        </>
      )}
    </Loaded>
  );
}

function remove(team: Team) {
  const params = { path: { team_id: team.id }, header: ifMatch(team) };
  return http.DELETE("/api/v1/teams/{team_id}", { params });
}

function Members({ team }: { team: Team }) {
  const path = { team_id: team.id };
  const members = api.useQuery("get", "/api/v1/teams/{team_id}/members", {
    params: { path, query: { limit: 200 } },
  });
  return (
    <Loaded query={members}>
      {({ items }) => (
        <section aria-label="Members">
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
  return (
    <div>
      <Text size="sm" fw={600}>
        {member.name}
      </Text>
      <Text size="xs" c="dimmed">
        {member.email}
      </Text>
    </div>
  );
}

function useSetRole(team: Team) {
  const changed = useChanged();
  const put = api.useMutation("put", "/api/v1/teams/{team_id}/members/{user_id}", {
    onSuccess: () => void changed(),
    onError: notifyFailed,
  });
  const set = (userId: string, role: Role) =>
    put.mutate({ params: { path: { team_id: team.id, user_id: userId } }, body: { role } });
  return { set, busy: put.isPending };
}

function AddMember({ team, members }: { team: Team; members: TeamMember[] }) {
  const people = api.useQuery("get", "/api/v1/users", { params: { query: { limit: 200 } } });
  const [person, setPerson] = useState<string | null>(null);
  const [role, setRole] = useState<string | null>("developer");
  const { set, busy } = useSetRole(team);
  const known = new Set(members.map((one) => one.user_id));
  const others = (people.data?.items ?? []).filter((one) => !known.has(one.id));
  return (
    <Group mb="md" align="flex-end">
      <Select
        label="Add somebody"
        placeholder="Name"
        searchable
        flex="1 1 220px"
        maw={340}
        value={person}
        onChange={setPerson}
        data={others.map((one) => ({ value: one.id, label: `${one.name}, ${one.email}` }))}
      />
      <Select label="As" w={270} data={ROLES} value={role} onChange={setRole} />
      <Button
        disabled={!person}
        loading={busy}
        onClick={() => {
          if (person && role) set(person, role as Role);
          setPerson(null);
        }}
      >
        Add
      </Button>
    </Group>
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
      onChange={(role) => role && set(member.user_id, role as Role)}
    />
  );
}

function RemoveMember({ team, member }: { team: Team; member: TeamMember }) {
  const changed = useChanged();
  const path = { team_id: team.id, user_id: member.user_id };
  const remove = api.useMutation("delete", "/api/v1/teams/{team_id}/members/{user_id}", {
    onSuccess: () => void changed(),
    onError: notifyFailed,
  });
  if (!can(team, "manage_members")) return null;
  return (
    <Button
      variant="default"
      size="compact-xs"
      loading={remove.isPending}
      aria-label={`Remove ${member.name}`}
      onClick={() => remove.mutate({ params: { path } })}
    >
      Remove
    </Button>
  );
}
