import { Box, Group, Stack, Text, Title } from "@mantine/core";
import { type ReactNode, useEffect, useRef } from "react";
import { useHub } from "@/client/session";
import { takeFocus } from "@/lib/focus";

interface Props {
  title: string;
  description?: ReactNode;
  /** Above the title: breadcrumbs or a way back. */
  above?: ReactNode;
  badges?: ReactNode;
  actions?: ReactNode;
  /** Before the title: a mark or picture. */
  mark?: ReactNode;
}

/** Sets the browser's title: the page, then the hub's own name. */
export function usePageTitle(title: string): void {
  const hub = useHub();
  useEffect(() => {
    document.title = title ? `${title} · ${hub.name}` : hub.name;
  }, [title, hub.name]);
}

/** The one `h1` of a page; it takes the focus after a navigation, so that a screen reader says where one is. */
export function PageHeader({ title, description, above, badges, actions, mark }: Props) {
  usePageTitle(title);
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => takeFocus(heading.current), []);
  return (
    <Box mb="lg">
      {above && <Box mb="xs">{above}</Box>}
      <Group justify="space-between" align="flex-start" gap="md">
        <Group gap="md" align="flex-start" wrap="nowrap" style={{ flex: "1 1 320px", minWidth: 0 }}>
          {mark}
          <Stack gap={4} style={{ minWidth: 0 }}>
            <Group gap="sm" align="center">
              <Title
                order={1}
                ref={heading}
                tabIndex={-1}
                style={{ outline: "none", overflowWrap: "anywhere" }}
              >
                {title}
              </Title>
              {badges}
            </Group>
            {description && (
              <Text c="dimmed" component="div" maw={720}>
                {description}
              </Text>
            )}
          </Stack>
        </Group>
        {actions && <Group gap="sm">{actions}</Group>}
      </Group>
    </Box>
  );
}
