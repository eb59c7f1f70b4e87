import { Box, Button, Group, SimpleGrid, Stack, Text, TextInput, Title } from "@mantine/core";
import { IconArrowRight, IconSearch } from "@tabler/icons-react";
import { useNavigate } from "@tanstack/react-router";
import { type FormEvent, type ReactNode, useState } from "react";
import { api } from "@/client/http";
import { useHub, useSession } from "@/client/session";
import { ApiCard } from "@/features/consumer/catalog/ApiCard";
import { plural } from "@/lib/format";
import { EmptyState } from "@/ui/EmptyState";
import { Loaded } from "@/ui/Loaded";
import { LoadingCards } from "@/ui/Loading";
import { ButtonLink, PlainLink, TextLink } from "@/ui/links";
import { usePageTitle } from "@/ui/PageHeader";
import { GettingStarted } from "./GettingStarted";
import classes from "./HomePage.module.css";
import { useOwnAccess, YourAccess } from "./YourAccess";

/** The front door: one question ("what do you need?"), then what there is. */
export function HomePage() {
  usePageTitle("");
  const found = api.useQuery("get", "/api/v1/search", { params: { query: { limit: 6 } } });
  const access = useOwnAccess();
  return (
    <Stack gap={48}>
      <Hero total={found.data?.total} />
      {access.length > 0 && <YourAccess subscriptions={access} />}
      <Loaded query={found} loading={<LoadingCards />}>
        {(data) =>
          data.items.length === 0 ? (
            <NothingYet />
          ) : (
            <>
              <Section title="Start with one of these" more>
                <SimpleGrid cols={{ base: 1, sm: 2, lg: 3 }}>
                  {data.items.map((item) => (
                    <ApiCard key={item.api.id} api={item.api} />
                  ))}
                </SimpleGrid>
              </Section>
              <Categories values={data.facets.category ?? []} />
            </>
          )
        }
      </Loaded>
      {access.length === 0 && <GettingStarted />}
    </Stack>
  );
}

function NothingYet() {
  const session = useSession();
  return (
    <EmptyState
      title="No API has been published yet"
      action={session && <ButtonLink to="/studio">Go to the studio</ButtonLink>}
    >
      {session
        ? "Bring the first one in the studio: import its definition and publish it."
        : "Once a team publishes one, it appears here."}
    </EmptyState>
  );
}

function Hero({ total }: { total: number | undefined }) {
  const hub = useHub();
  const navigate = useNavigate();
  const [text, setText] = useState("");
  const search = (event: FormEvent) => {
    event.preventDefault();
    void navigate({ to: "/apis", search: text.trim() ? { q: text.trim() } : {} });
  };
  return (
    <Box className={classes.hero}>
      <Title order={1} className={classes.title}>
        {hub.tagline || "Find the API you need, and build on it."}
      </Title>
      <search className={classes.search}>
        <form onSubmit={search}>
          <TextInput
            size="lg"
            radius="lg"
            aria-label="Search APIs and operations"
            placeholder="What do you want to build?"
            value={text}
            onChange={(event) => setText(event.currentTarget.value)}
            leftSection={<IconSearch size={20} />}
            rightSectionWidth={104}
            rightSection={
              <Button type="submit" radius="md">
                Search
              </Button>
            }
          />
        </form>
      </search>
      <Text c="dimmed" size="sm" mt="sm" mih={20}>
        {total ? `${plural(total, "API")} to build on, all with one kind of key` : ""}
      </Text>
    </Box>
  );
}

function Section({ title, more = false, children }: { title: string; more?: boolean; children: ReactNode }) {
  return (
    <section>
      <Group justify="space-between" mb="md">
        <Title order={2}>{title}</Title>
        {more && (
          <TextLink to="/apis" size="sm">
            All APIs <IconArrowRight size={14} style={{ verticalAlign: "-2px" }} />
          </TextLink>
        )}
      </Group>
      {children}
    </section>
  );
}

function Categories({
  values,
}: {
  values: readonly { value: string; label?: string | null; count: number }[];
}) {
  if (values.length === 0) return null;
  return (
    <Section title="By category">
      <SimpleGrid cols={{ base: 2, sm: 3, lg: 4 }} spacing="sm">
        {values.map((item) => (
          <PlainLink
            key={item.value}
            to="/apis"
            search={{ category: item.value }}
            className={classes.category}
          >
            <span>{item.label || item.value}</span>
            <Text span size="xs" c="dimmed">
              {item.count}
            </Text>
          </PlainLink>
        ))}
      </SimpleGrid>
    </Section>
  );
}
