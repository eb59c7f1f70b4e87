import { Group, Text } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { createSpotlight, Spotlight } from "@mantine/spotlight";
import { IconSearch } from "@tabler/icons-react";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { api } from "@/client/http";
import type { SearchHit } from "@/client/types";
import { hashOf } from "@/lib/reference";
import { ApiMark } from "@/ui/ApiMark";
import { MethodBadge } from "@/ui/StatusBadge";

const [store, spotlight] = createSpotlight();

export const openQuickSearch = (): void => spotlight.open();

/** For the list's scroll area, to which it hands on what it does not know itself: what scrolls is reached by keys. */
const SCROLLED = { viewportProps: { tabIndex: 0, role: "region", "aria-label": "What was found" } };

/** Ctrl K from anywhere: an API or an operation, two keys away. */
export function QuickSearch() {
  const [text, setText] = useState("");
  const [q] = useDebouncedValue(text.trim(), 150);
  const navigate = useNavigate();
  const found = api.useQuery(
    "get",
    "/api/v1/search",
    { params: { query: { q, limit: 8 } } },
    { enabled: q.length > 0 },
  );
  const items = q ? (found.data?.items ?? []) : [];
  return (
    <Spotlight.Root
      store={store}
      attributes={{ content: { "aria-label": "Search" } }}
      styles={{ search: { outline: "none" } }}
      query={text}
      onQueryChange={setText}
      shortcut={["mod + K", "/"]}
      scrollable
      maxHeight={420}
    >
      <Spotlight.Search
        aria-label="Search APIs and operations"
        placeholder="Search APIs and operations"
        leftSection={<IconSearch size={18} />}
      />
      <Spotlight.ActionsList {...SCROLLED}>
        {items.map((item) => (
          <Hit
            key={`${item.api.id}${item.operation?.id ?? ""}`}
            item={item}
            onOpen={() =>
              void navigate({
                to: item.operation ? "/apis/$slug/reference" : "/apis/$slug",
                params: { slug: item.api.slug },
                ...(item.operation && { hash: hashOf(item.operation) }),
              })
            }
          />
        ))}
        {items.length === 0 && (
          <Spotlight.Empty>
            {q
              ? found.isFetching
                ? "Searching…"
                : "Nothing found for this."
              : "Type a name, a path or what it is about."}
          </Spotlight.Empty>
        )}
      </Spotlight.ActionsList>
    </Spotlight.Root>
  );
}

function Hit({ item, onOpen }: { item: SearchHit; onOpen: () => void }) {
  return (
    <Spotlight.Action onClick={onOpen}>
      <Group wrap="nowrap" gap="sm" w="100%">
        <ApiMark name={item.api.name} seed={item.api.slug} size={32} />
        <div style={{ minWidth: 0, flex: 1 }}>
          <Text size="sm" fw={550} truncate>
            {item.operation ? item.operation.summary || item.operation.path : item.api.name}
          </Text>
          <Text size="xs" c="dimmed" truncate>
            {item.operation ? `${item.api.name} · ${item.operation.path}` : item.api.summary}
          </Text>
        </div>
        {item.operation && <MethodBadge method={item.operation.method} />}
      </Group>
    </Spotlight.Action>
  );
}
