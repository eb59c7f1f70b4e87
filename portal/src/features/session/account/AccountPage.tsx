import { Paper, SimpleGrid, Stack, Title } from "@mantine/core";
import type { ReactNode } from "react";
import { PageHeader } from "@/ui/PageHeader";
import { PasswordForm } from "./PasswordForm";
import { ProfileForm } from "./ProfileForm";
import { Sessions } from "./Sessions";
import { Tokens } from "./Tokens";

export function AccountPage() {
  return (
    <>
      <PageHeader title="Account" description="Who you are here, and what may act in your name." />
      <Stack gap="xl">
        <SimpleGrid cols={{ base: 1, md: 2 }} spacing="xl">
          <Section title="Profile" boxed>
            <ProfileForm />
          </Section>
          <Section title="Password" boxed>
            <PasswordForm />
          </Section>
        </SimpleGrid>
        <Tokens />
        <Section title="Where you are signed in">
          <Sessions />
        </Section>
      </Stack>
    </>
  );
}

function Section({
  title,
  boxed = false,
  children,
}: {
  title: string;
  boxed?: boolean;
  children: ReactNode;
}) {
  return (
    <section>
      <Title order={2} mb="sm">
        {title}
      </Title>
      {boxed ? <Paper p="lg">{children}</Paper> : children}
    </section>
  );
}
