import { Avatar, Menu, Text, UnstyledButton, VisuallyHidden } from "@mantine/core";
import { IconLogout, IconUser } from "@tabler/icons-react";
import { useNavigate, useRouter } from "@tanstack/react-router";
import { endSession } from "@/client/session";
import type { Session } from "@/client/types";
import { notifyFailed } from "@/ui/notify";

export function UserMenu({ session }: { session: Session }) {
  const navigate = useNavigate();
  const router = useRouter();
  const leave = async () => {
    try {
      await endSession();
      await router.invalidate();
      await navigate({ to: "/" });
    } catch (error) {
      notifyFailed(error);
    }
  };
  return (
    <Menu position="bottom-end" width={230}>
      <Menu.Target>
        <UnstyledButton>
          <Avatar name={session.user.name} size={32} color="brand" variant="light" aria-hidden />
          <VisuallyHidden>Your account</VisuallyHidden>
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>
          <Text size="sm" fw={600} c="var(--mantine-color-text)" truncate>
            {session.user.name}
          </Text>
          <Text size="xs" truncate>
            {session.user.email}
          </Text>
        </Menu.Label>
        <Menu.Divider />
        <Menu.Item leftSection={<IconUser size={16} />} onClick={() => void navigate({ to: "/account" })}>
          Account and access tokens
        </Menu.Item>
        <Menu.Item leftSection={<IconLogout size={16} />} onClick={() => void leave()}>
          Sign out
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
