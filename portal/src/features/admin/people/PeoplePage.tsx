import { Badge, Button, Group, Select, Text, TextInput } from "@mantine/core";
import { useDebouncedValue, useDisclosure } from "@mantine/hooks";
import { IconSearch, IconUserPlus } from "@tabler/icons-react";
import { keepPreviousData } from "@tanstack/react-query";
import { useState } from "react";
import { api } from "@/client/http";
import { useAdministrator } from "@/client/session";
import type { Person } from "@/client/types";
import { words } from "@/lib/format";
import { DataTable } from "@/ui/DataTable";
import { EmptyState } from "@/ui/EmptyState";
import { Loaded } from "@/ui/Loaded";
import { TextLink } from "@/ui/links";
import { PageHeader } from "@/ui/PageHeader";
import { PhoneRow } from "@/ui/PhoneRow";
import { StatusBadge } from "@/ui/StatusBadge";
import { When } from "@/ui/When";
import { PersonActions } from "./PersonActions";
import { PersonDialog } from "./PersonDialog";

const ROLES: { value: "administrator" | "auditor" | "member"; label: string }[] = [
  { value: "administrator", label: "Administrators" },
  { value: "auditor", label: "Auditors" },
  { value: "member", label: "Members" },
];

/** Who may sign in, and what they may do on the whole hub. */
export function PeoplePage() {
  const administrator = useAdministrator();
  const [opened, dialog] = useDisclosure(false);
  const [text, setText] = useState("");
  const [role, setRole] = useState<"administrator" | "auditor" | "member" | null>(null);
  const [q] = useDebouncedValue(text.trim(), 200);
  const query = { q, hub_role: role, limit: 200 };
  const people = api.useQuery(
    "get",
    "/api/v1/users",
    { params: { query } },
    { placeholderData: keepPreviousData },
  );
  return (
    <>
      <PageHeader
        title="People"
        description="Who may sign in, and what they may do on the whole hub."
        actions={
          administrator && (
            <Button leftSection={<IconUserPlus size={16} />} onClick={dialog.open}>
              Invite
            </Button>
          )
        }
      />
      <Group mb="md">
        <TextInput
          type="search"
          aria-label="Search people"
          placeholder="Name or mail address"
          leftSection={<IconSearch size={16} />}
          flex="1 1 240px"
          maw={380}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
        />
        <Select
          aria-label="Role"
          placeholder="Every role"
          clearable
          allowDeselect
          data={ROLES}
          value={role}
          onChange={setRole}
        />
      </Group>
      <Loaded query={people}>{({ items }) => <PeopleTable people={items} />}</Loaded>
      <PersonDialog opened={opened} onClose={dialog.close} />
    </>
  );
}

function PeopleTable({ people }: { people: Person[] }) {
  return (
    <DataTable
      caption="People"
      rows={people}
      rowKey={(row) => row.id}
      empty={<EmptyState title="Nobody matches">Other words or another role find more.</EmptyState>}
      phone={(row) => (
        <PhoneRow note={<About person={row} />} side={<PersonActions person={row} />}>
          <Name person={row} />
        </PhoneRow>
      )}
      columns={[
        { title: "Name", render: (row) => <Name person={row} /> },
        {
          title: "Role",
          render: (row) => (
            <Badge color={row.hub_role === "member" ? "gray" : "brand"}>{words(row.hub_role)}</Badge>
          ),
        },
        { title: "State", render: (row) => <StatusBadge state={row.state} /> },
        { title: "Last signed in", render: (row) => <When at={row.last_login_at} /> },
        { title: "Actions", hideTitle: true, right: true, render: (row) => <PersonActions person={row} /> },
      ]}
    />
  );
}

function Name({ person }: { person: Person }) {
  return (
    <div>
      <Group gap={6}>
        <TextLink to="/admin/people/$userId" params={{ userId: person.id }} size="sm" fw={600}>
          {person.name}
        </TextLink>
        {person.demo && <Badge color="gray">Demo</Badge>}
      </Group>
      <Text size="xs" c="dimmed">
        {person.email}
      </Text>
    </div>
  );
}

function About({ person }: { person: Person }) {
  if (person.state === "disabled") return <>{words(person.hub_role)} · locked out</>;
  if (!person.last_login_at) return <>{words(person.hub_role)} · never signed in</>;
  return (
    <>
      {words(person.hub_role)} · signed in <When at={person.last_login_at} />
    </>
  );
}
