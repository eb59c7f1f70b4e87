import { Button, Center, Group, Pill, SimpleGrid, Stack, Text } from "@mantine/core";
import { IconSearchOff } from "@tabler/icons-react";
import { useSession } from "@/client/session";
import type { SearchHit } from "@/client/types";
import { hashOf } from "@/lib/reference";
import { EmptyState } from "@/ui/EmptyState";
import { PlainLink } from "@/ui/links";
import { MethodBadge } from "@/ui/StatusBadge";
import { ApiCard } from "./ApiCard";
import classes from "./ApiCard.module.css";
import type { CatalogFilters, CatalogFound } from "./queries";

interface Props {
  found: CatalogFound;
  filters: CatalogFilters;
  onClear: () => void;
}

export function CatalogResults({ found, filters, onClear }: Props) {
  const pages = found.data?.pages ?? [];
  const items = pages.flatMap((page) => page.items);
  const operations = items.filter((item) => item.operation);
  const narrowed = Object.values(filters).some(Boolean);
  if (items.length === 0) return <NothingFound narrowed={narrowed} onClear={onClear} />;
  return (
    <Stack aria-busy={found.isFetching}>
      <Group justify="space-between" mih={28}>
        <Text size="sm" c="dimmed" role="status">
          {pages[0]?.total} {pages[0]?.total === 1 ? "result" : "results"}
        </Text>
        {narrowed && <Chosen filters={filters} onClear={onClear} />}
      </Group>
      <SimpleGrid cols={{ base: 1, sm: 2, lg: 3 }}>
        {items
          .filter((item) => !item.operation)
          .map((item) => (
            <ApiCard key={item.api.id} api={item.api} highlight={item.highlight ?? []} />
          ))}
      </SimpleGrid>
      {operations.length > 0 && <Operations hits={operations} />}
      {found.hasNextPage && (
        <Center>
          <Button
            variant="default"
            loading={found.isFetchingNextPage}
            onClick={() => void found.fetchNextPage()}
          >
            Show more
          </Button>
        </Center>
      )}
    </Stack>
  );
}

function Chosen({ filters, onClear }: { filters: CatalogFilters; onClear: () => void }) {
  return (
    <Group gap="xs">
      {Object.entries(filters).map(([name, value]) => value && <Pill key={name}>{value}</Pill>)}
      <Button variant="subtle" size="compact-xs" onClick={onClear}>
        Clear all
      </Button>
    </Group>
  );
}

function Operations({ hits }: { hits: SearchHit[] }) {
  return (
    <Stack gap="xs" component="section" aria-label="Operations">
      <Text fw={600} size="sm" mt="sm">
        Operations
      </Text>
      {hits.map(({ api, operation }) => (
        <PlainLink
          key={operation?.id}
          to="/apis/$slug/reference"
          params={{ slug: api.slug }}
          hash={operation ? hashOf(operation) : ""}
          className={classes.card}
          style={{ height: "auto" }}
        >
          <Group wrap="nowrap" gap="sm">
            <MethodBadge method={operation?.method ?? ""} />
            <div style={{ minWidth: 0, flex: 1 }}>
              <Text ff="monospace" size="sm" truncate>
                {operation?.path}
              </Text>
              <Text size="sm" c="dimmed" truncate>
                {[api.name, operation?.summary].filter(Boolean).join(" · ")}
              </Text>
            </div>
          </Group>
        </PlainLink>
      ))}
    </Stack>
  );
}

function NothingFound({ narrowed, onClear }: { narrowed: boolean; onClear: () => void }) {
  const signedIn = useSession() !== null;
  return (
    <EmptyState
      title={narrowed ? "Nothing matches" : "No API has been published yet"}
      icon={IconSearchOff}
      action={narrowed && <Button onClick={onClear}>Clear the search</Button>}
    >
      {narrowed ? "Fewer words or fewer filters find more." : "Once a team publishes one, it appears here."}
      {!signedIn && " Some APIs are shown only to who is signed in."}
    </EmptyState>
  );
}
