import { ActionIcon, Button, Menu } from "@mantine/core";
import {
  IconChevronDown,
  IconDots,
  IconLink,
  IconTrash,
  IconUserCheck,
  IconUserOff,
} from "@tabler/icons-react";
import { useState } from "react";
import { api } from "@/client/http";
import type { Person } from "@/client/types";
import { can } from "@/lib/may";
import { notifyFailed } from "@/ui/notify";
import { type Change, ChangePersonDialog, useChangePerson } from "./ChangePersonDialog";
import { HUB_ROLES, LinkDialog } from "./PersonDialog";

interface Props {
  person: Person;
  /** What the button says where there is room for words. */
  label?: string;
}

export function PersonActions({ person, label }: Props) {
  const [link, setLink] = useState<{ url: string; until: string; name: string } | null>(null);
  const [asked, ask] = useState<Change | null>(null);
  const letIn = useChangePerson(person, { onError: notifyFailed });
  const makeLink = api.useMutation("post", "/api/v1/users/{user_id}/one-time-login", {
    onError: notifyFailed,
  });
  if (!can(person, "update")) return null;
  const showLink = () =>
    makeLink.mutate(
      { params: { path: { user_id: person.id } } },
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
          {label ? (
            <Button variant="default" rightSection={<IconChevronDown size={16} />}>
              {label}
            </Button>
          ) : (
            <ActionIcon aria-label={`Actions for ${person.name}`}>
              <IconDots size={18} />
            </ActionIcon>
          )}
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<IconLink size={16} />} onClick={showLink}>
            Make a sign-in link
          </Menu.Item>
          <Menu.Item
            leftSection={disabled ? <IconUserCheck size={16} /> : <IconUserOff size={16} />}
            onClick={() => (disabled ? letIn.mutate({ state: "active" }) : ask({ state: "disabled" }))}
          >
            {disabled ? "Let in again" : "Lock out"}
          </Menu.Item>
          <Menu.Divider />
          <Menu.Label>Role on the hub</Menu.Label>
          {HUB_ROLES.map((role) => (
            <Menu.Item
              key={role.value}
              disabled={role.value === person.hub_role}
              onClick={() => ask({ hub_role: role.value })}
            >
              {role.label}
            </Menu.Item>
          ))}
          <Menu.Divider />
          <Menu.Item
            c="var(--mantine-color-error)"
            leftSection={<IconTrash size={16} />}
            onClick={() => ask("delete")}
          >
            Delete
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <LinkDialog link={link} onClose={() => setLink(null)} />
      {asked && <ChangePersonDialog person={person} change={asked} onClose={() => ask(null)} />}
    </>
  );
}
