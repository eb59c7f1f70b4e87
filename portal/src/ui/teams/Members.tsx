import { Button, Group, Select, Text, TextInput, Title } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconUsers } from "@tabler/icons-react";
import { useState } from "react";
import { useChanged } from "@/client/changed";
import { api, http } from "@/client/http";
import { useAdministrator, useSession } from "@/client/session";
import type { Team, TeamMember } from "@/client/types";
import { words } from "@/lib/format";
import { can } from "@/lib/may";
import { AskButton } from "@/ui/AskButton";
import { ConfirmDialog } from "@/ui/ConfirmDialog";
import { DataTable } from "@/ui/DataTable";
import { EmptyState } from "@/ui/EmptyState";
import { Loaded } from "@/ui/Loaded";
import { TextLink } from "@/ui/links";
import { notifyDone, notifyFailed } from "@/ui/notify";

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
  return { set, busy: put.isPending, error: put.error, reset: put.reset };
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

/** What a role is called in a sentence, and what follows from it. */
const BECOMES: Record<Role, { what: string; follows: string }> = {
  owner: {
    what: "an owner",
    follows:
      "They can do everything with what the team owns, and say who is in it and what holds for its APIs.",
  },
  maintainer: {
    what: "a maintainer",
    follows:
      "They can publish and change its APIs, plans and policies, and approve subscriptions. They cannot say who is in the team.",
  },
  developer: {
    what: "a developer",
    follows:
      "They can draft its APIs and change its apps, keys and subscriptions. They cannot publish, set policies or approve.",
  },
  viewer: {
    what: "a viewer",
    follows:
      "They can look at what the team owns and change nothing. Keys that they know go on working until somebody revokes or rotates them.",
  },
};

function MemberRole({ team, member }: { team: Team; member: TeamMember }) {
  const [opened, dialog] = useDisclosure(false);
  const [wanted, setWanted] = useState<Role>(member.role as Role);
  if (!can(team, "manage_members")) return <>{words(member.role)}</>;
  const ask = (role: string | null) => {
    if (!role) return;
    setWanted(role as Role);
    dialog.open();
  };
  return (
    <>
      <Select
        aria-label={`Role of ${member.name}`}
        size="xs"
        data={ROLES}
        value={member.role}
        onChange={ask}
      />
      <AskRole team={team} member={member} role={wanted} opened={opened} onClose={dialog.close} />
    </>
  );
}

interface AskProps {
  team: Team;
  member: TeamMember;
  role: Role;
  opened: boolean;
  onClose: () => void;
}

function AskRole({ team, member, role, opened, onClose }: AskProps) {
  const { set, busy, error, reset } = useSetRole(team);
  const session = useSession();
  const { what, follows } = BECOMES[role];
  const losesIt =
    session?.user.id === member.user_id && session.hub_role !== "administrator" && role !== "owner";
  const close = () => {
    reset();
    onClose();
  };
  const change = async () => {
    await set(member.user_id, role);
    notifyDone(`${member.name} is now ${what} of ${team.name}`);
    onClose();
  };
  return (
    <ConfirmDialog
      opened={opened}
      title={`Make ${member.name} ${what} of ${team.name}?`}
      action="Change the role"
      busy={busy}
      error={error}
      // What went wrong stands in the dialog.
      onConfirm={() => void change().catch(() => undefined)}
      onClose={close}
    >
      {follows} This holds at once.
      {losesIt && " You are changing your own role: only another owner can give it back to you."}
    </ConfirmDialog>
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
