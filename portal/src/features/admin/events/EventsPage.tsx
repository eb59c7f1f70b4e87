import { Badge, Button, Code, Group, Modal, Select, Text, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { IconHistory, IconSearch, IconShieldCheck } from "@tabler/icons-react";
import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { api, http } from "@/client/http";
import type { HubEvent } from "@/client/types";
import { count, dateTime, words } from "@/lib/format";
import { CodeBlock } from "@/ui/Code";
import { type Column, DataTable } from "@/ui/DataTable";
import { EmptyState } from "@/ui/EmptyState";
import { ErrorState } from "@/ui/ErrorState";
import { LoadingRows } from "@/ui/Loading";
import { PageHeader } from "@/ui/PageHeader";
import { PhoneRow } from "@/ui/PhoneRow";

async function page(kind: string, actor: string | undefined, cursor: string | undefined) {
  const query = { kind: kind || undefined, actor_id: actor, limit: 50, cursor, sort: "-seq" };
  const { data } = await http.GET("/api/v1/events", { params: { query } });
  if (!data) throw new Error("The hub answered without a body.");
  return data;
}

/** Everything that happened, in order, chained so that nothing can be changed unnoticed. */
export function EventsPage() {
  const [text, setText] = useState("");
  const [kind] = useDebouncedValue(text.trim(), 250);
  const { actor } = useSearch({ from: "/admin/events" });
  const [opened, setOpened] = useState<HubEvent | null>(null);
  const events = useInfiniteQuery({
    queryKey: ["events", kind, actor],
    queryFn: ({ pageParam }) => page(kind, actor, pageParam),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next_cursor ?? undefined,
    placeholderData: keepPreviousData,
  });
  const rows = events.data?.pages.flatMap((one) => one.items) ?? [];
  return (
    <>
      <PageHeader
        title="Events"
        description="Everything that happened, in order, chained so that nothing can be changed unnoticed."
        actions={<Verify />}
      />
      <Group mb="md">
        <TextInput
          type="search"
          aria-label="Kind of event"
          placeholder="Kind, such as app.created or app.*"
          leftSection={<IconSearch size={16} />}
          flex="1 1 240px"
          maw={380}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
        />
        <Actor actor={actor} />
      </Group>
      {events.isError && <ErrorState error={events.error} retry={() => void events.refetch()} />}
      {events.isPending && <LoadingRows rows={10} />}
      {events.data && (
        <EventTable
          events={rows}
          onOpen={setOpened}
          more={
            events.hasNextPage
              ? { load: () => void events.fetchNextPage(), loading: events.isFetchingNextPage }
              : undefined
          }
        />
      )}
      <Modal opened={opened !== null} onClose={() => setOpened(null)} title={opened?.kind} size="lg">
        {opened && (
          <CodeBlock code={JSON.stringify(opened, null, 2)} language="json" label="The whole event" />
        )}
      </Modal>
    </>
  );
}

interface TableProps {
  events: HubEvent[];
  onOpen: (event: HubEvent) => void;
  more: { load: () => void; loading: boolean } | undefined;
}

function EventTable({ events, onOpen, more }: TableProps) {
  return (
    <DataTable
      caption="Events"
      rows={events}
      rowKey={(row) => row.id}
      more={more}
      empty={
        <EmptyState title="No such event" icon={IconHistory}>
          Another kind or another person finds more; <code>team.*</code> finds every kind that begins so.
        </EmptyState>
      }
      columns={COLUMNS.concat({
        title: "No.",
        right: true,
        render: (row) => <Details event={row} onOpen={onOpen} />,
      })}
      phone={(row) => <Short event={row} onOpen={onOpen} />}
    />
  );
}

/** Whose doings are shown: anybody's, or one person's. */
function Actor({ actor }: { actor: string | undefined }) {
  const navigate = useNavigate({ from: "/admin/events" });
  const people = api.useQuery("get", "/api/v1/users", { params: { query: { limit: 200 } } });
  return (
    <Select
      aria-label="Who did it"
      placeholder="Whoever did it"
      searchable
      clearable
      allowDeselect
      data={(people.data?.items ?? []).map(({ id, name }) => ({ value: id, label: name }))}
      value={actor ?? null}
      onChange={(id) => void navigate({ search: id ? { actor: id } : {}, replace: true })}
    />
  );
}

const NAMELESS: Record<string, string> = { system: "The hub itself", anonymous: "Nobody signed in" };

const who = ({ actor }: HubEvent): string => actor.name || (NAMELESS[actor.kind] ?? words(actor.kind));

/** What it is, and its name where it has one. */
function Thing({ event: { object } }: { event: HubEvent }) {
  return (
    <>
      <Text span inherit c="dimmed">
        {words(object.kind)}
      </Text>{" "}
      {object.kind !== "hub" && object.label}
    </>
  );
}

const COLUMNS: Column<HubEvent>[] = [
  { title: "When", render: (row) => dateTime(row.at) },
  { title: "What", render: (row) => <Code>{row.kind}</Code> },
  { title: "Who", render: who },
  {
    title: "On",
    render: (row) => (
      <Text size="sm" lineClamp={1}>
        <Thing event={row} />
      </Text>
    ),
  },
];

interface OpenProps {
  event: HubEvent;
  onOpen: (event: HubEvent) => void;
}

function Details({ event, onOpen }: OpenProps) {
  return (
    <Button variant="subtle" size="compact-xs" ff="monospace" onClick={() => onOpen(event)}>
      {event.seq}
    </Button>
  );
}

/** On a phone an event is two lines: what on what, and who when. */
function Short({ event, onOpen }: OpenProps) {
  return (
    <PhoneRow note={`${who(event)}, ${dateTime(event.at)}`} side={<Details event={event} onOpen={onOpen} />}>
      <Text size="sm" style={{ overflowWrap: "anywhere" }}>
        <Code>{event.kind}</Code> <Thing event={event} />
      </Text>
    </PhoneRow>
  );
}

function Verify() {
  const check = api.useQuery("get", "/api/v1/events/verify", {}, { enabled: false });
  return (
    <Group gap={check.data ? "sm" : 0}>
      <Button
        variant="default"
        leftSection={<IconShieldCheck size={16} />}
        loading={check.isFetching}
        onClick={() => void check.refetch()}
      >
        Verify the chain
      </Button>
      <div aria-live="polite">
        {check.data &&
          (check.data.ok ? (
            <Badge color="green">{count(check.data.checked)} events, unbroken</Badge>
          ) : (
            <Badge color="red">Broken at no. {check.data.broken_at}</Badge>
          ))}
      </div>
    </Group>
  );
}
