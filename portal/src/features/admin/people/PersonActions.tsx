import { ActionIcon, Menu } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconDots, IconLink, IconTrash, IconUserCheck, IconUserOff } from "@tabler/icons-react";
import { useState } from "react";
import { useChanged } from "@/client/changed";
import { api, ifMatch } from "@/client/http";
import type { Person } from "@/client/types";
import { can } from "@/lib/may";
import { ConfirmDialog } from "@/ui/ConfirmDialog";
import { notifyDone, notifyFailed } from "@/ui/notify";
import { HUB_ROLES, LinkDialog } from "./PersonDialog";

type HubRole = "member" | "auditor" | "administrator";

export function PersonActions({ person }: { person: Person }) {
  const changed = useChanged();
  const [link, setLink] = useState<{ url: string; until: string; name: string } | null>(null);
  const [deleting, doom] = useDisclosure(false);
  const save = api.useMutation("patch", "/api/v1/users/{user_id}", {
    onSuccess: () => void changed(),
    onError: notifyFailed,
  });
  const makeLink = api.useMutation("post", "/api/v1/users/{user_id}/one-time-login", {
    onError: notifyFailed,
  });
  if (!can(person, "update")) return null;
  const params = { path: { user_id: person.id } };
  const change = (body: { hub_role?: HubRole; state?: "active" | "disabled" }) =>
    save.mutate({ params: { ...params, header: ifMatch(person) }, body });
  const showLink = () =>
    makeLink.mutate(
      { params },
      {
        onSuccess: (made) =>
          setLink({ url: made.one_time_login_url, until: made.expires_at, name: person.name }),
      },
    );
  const disabled = person.state === "disabled";
  return (
    <>
      <Menu position="bottom-end" width={280}>
        <Menu.Target>
          <ActionIcon aria-label={`Actions for ${person.name}`}>
            <IconDots size={18} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<IconLink size={16} />} onClick={showLink}>
            Make a sign-in link
          </Menu.Item>
          <Menu.Item
            leftSection={disabled ? <IconUserCheck size={16} /> : <IconUserOff size={16} />}
            onClick={() => change({ state: disabled ? "active" : "disabled" })}
          >
            {disabled ? "Let in again" : "Lock out"}
          </Menu.Item>
          <Menu.Divider />
          <Menu.Label>Role on the hub</Menu.Label>
          {HUB_ROLES.map((role) => (
            <Menu.Item
              key={role.value}
              disabled={role.value === person.hub_role}
              onClick={() => change({ hub_role: role.value as HubRole })}
            >
              {role.label}
            </Menu.Item>
          ))}
          <Menu.Divider />
          <Menu.Item c="var(--mantine-color-error)" leftSection={<IconTrash size={16} />} onClick={doom.open}>
            Delete
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <LinkDialog link={link} onClose={() => setLink(null)} />
      <DeletePerson person={person} opened={deleting} onClose={doom.close} />
    </>
  );
}

function DeletePerson({ person, opened, onClose }: { person: Person; opened: boolean; onClose: () => void }) {
  const changed = useChanged();
  const remove = api.useMutation("delete", "/api/v1/users/{user_id}", {
    onSuccess: async () => {
      await changed();
      notifyDone(`${person.name} is deleted`);
      onClose();
    },
  });
  return (
    <ConfirmDialog
      opened={opened}
      title={`Delete ${person.name}?`}
      action="Delete"
      danger
      busy={remove.isPending}
      error={remove.error}
      onClose={onClose}
      onConfirm={() => remove.mutate({ params: { path: { user_id: person.id }, header: ifMatch(person) } })}
    >
      They can no longer sign in, and their tokens stop working. What they did stays in the events.
    </ConfirmDialog>
  );
}
