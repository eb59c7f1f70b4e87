import { Badge, Group, Text } from "@mantine/core";
import { ApiMark } from "@/ui/ApiMark";
import { PlainLink } from "@/ui/links";
import { StatusBadge } from "@/ui/StatusBadge";
import classes from "./ApiCard.module.css";

export interface ApiSummary {
  slug: string;
  name: string;
  summary: string;
  category?: string | null;
  tags: string[];
  kind: string;
  lifecycle: string;
  owner: { name: string };
}

interface Part {
  text: string;
  match: boolean;
}

/** An API in a list: what it is, whose it is, whether one may build on it. */
export function ApiCard({ api, highlight = [] }: { api: ApiSummary; highlight?: readonly Part[] }) {
  return (
    <PlainLink to="/apis/$slug" params={{ slug: api.slug }} className={classes.card}>
      <Group wrap="nowrap" gap="sm">
        <ApiMark name={api.name} seed={api.slug} />
        <div style={{ minWidth: 0, flex: 1 }}>
          <Text fw={600} truncate>
            {api.name}
          </Text>
          <Text size="xs" c="dimmed" truncate>
            {api.owner.name}
          </Text>
        </div>
        {api.lifecycle !== "published" && <StatusBadge state={api.lifecycle} />}
      </Group>
      <Text size="sm" c="dimmed" lineClamp={3} className={classes.summary}>
        {highlight.some((part) => part.match) ? (
          <Marked parts={highlight} />
        ) : (
          api.summary || "No summary yet."
        )}
      </Text>
      <Group gap={6}>
        {api.category && <Badge color="gray">{api.category}</Badge>}
        {api.tags.slice(0, 3).map((tag) => (
          <Badge key={tag} color="gray" variant="transparent" px={2}>
            #{tag}
          </Badge>
        ))}
      </Group>
    </PlainLink>
  );
}

/** Where the search found its words; parts are text, so nothing of it is read as markup. */
function Marked({ parts }: { parts: readonly Part[] }) {
  let at = 0;
  return parts.map((part) => {
    at += part.text.length + 1;
    return part.match ? (
      <mark key={at} className={classes.mark}>
        {part.text}
      </mark>
    ) : (
      <span key={at}>{part.text}</span>
    );
  });
}
