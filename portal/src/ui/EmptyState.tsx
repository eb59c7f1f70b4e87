import { Stack, Text, ThemeIcon, Title } from "@mantine/core";
import { IconBox, type TablerIcon } from "@tabler/icons-react";
import type { ReactNode } from "react";

interface Props {
  title: string;
  children?: ReactNode;
  icon?: TablerIcon;
  action?: ReactNode;
  /** 1 where it is the whole page. */
  order?: 1 | 2;
}

/** Nothing here yet: says why, and what to do next. */
export function EmptyState({ title, children, icon: Icon = IconBox, action, order = 2 }: Props) {
  return (
    <Stack align="center" gap="sm" py={48} px="md" ta="center">
      <ThemeIcon size={44} radius="xl" variant="light" color="gray" aria-hidden>
        <Icon size={22} stroke={1.6} />
      </ThemeIcon>
      <Title order={order} size="h3">
        {title}
      </Title>
      {children && (
        <Text c="dimmed" size="sm" maw={440} component="div">
          {children}
        </Text>
      )}
      {action}
    </Stack>
  );
}
