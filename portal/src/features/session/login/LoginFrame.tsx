import { Box, Center, Paper, Stack, Text, Title } from "@mantine/core";
import { IconArrowLeft } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { useHub } from "@/client/session";
import { HubMark } from "@/ui/HubMark";
import { TextLink } from "@/ui/links";
import { usePageTitle } from "@/ui/PageHeader";

interface Props {
  title: string;
  text?: string;
  children: ReactNode;
  below?: ReactNode;
}

export function LoginFrame({ title, text, children, below }: Props) {
  const hub = useHub();
  usePageTitle(title);
  return (
    <Center mih="100dvh" p="md" bg="var(--sunken)">
      <Stack w="100%" maw={400}>
        <Paper p="xl" bg="var(--page)">
          <Box mb="md">
            <HubMark hub={hub} size={36} />
          </Box>
          <Title order={1} size="h2" mb={text ? 4 : "lg"}>
            {title}
          </Title>
          {text && (
            <Text c="dimmed" size="sm" mb="lg">
              {text}
            </Text>
          )}
          {children}
        </Paper>
        <Stack align="center" gap={6} fz="sm">
          {below}
          <TextLink to="/" size="sm">
            <IconArrowLeft size={13} style={{ verticalAlign: "-1px" }} /> Look around without signing in
          </TextLink>
        </Stack>
      </Stack>
    </Center>
  );
}
