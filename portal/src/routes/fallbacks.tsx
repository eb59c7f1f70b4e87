import { Center, Container, Loader } from "@mantine/core";
import { IconMapOff } from "@tabler/icons-react";
import type { ErrorComponentProps } from "@tanstack/react-router";
import { EmptyState } from "@/ui/EmptyState";
import { ErrorState } from "@/ui/ErrorState";
import { ButtonLink } from "@/ui/links";

export function MissingPage() {
  return (
    <EmptyState
      order={1}
      title="There is no such page"
      icon={IconMapOff}
      action={<ButtonLink to="/apis">Explore the APIs</ButtonLink>}
    >
      It may have been moved or removed, or it belongs to a team you are not in.
    </EmptyState>
  );
}

export function FailedPage({ error, reset }: ErrorComponentProps) {
  return (
    <Container size="sm" py="xl">
      <ErrorState error={error} retry={reset} />
    </Container>
  );
}

export function PendingPage() {
  return (
    <Center mih={240}>
      <Loader size="sm" aria-label="Loading the page" />
    </Center>
  );
}
