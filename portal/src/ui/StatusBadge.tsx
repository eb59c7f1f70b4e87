import { Badge, type BadgeProps } from "@mantine/core";
import { words } from "@/lib/format";

const GREEN = ["active", "live", "online", "published", "approved", "ok", "stable", "ready", "signing"];
const YELLOW = [
  "pending",
  "awaiting",
  "rotating",
  "withdrawing",
  "deprecated",
  "drifted",
  "beta",
  "warning",
  "retiring",
];
const RED = ["quarantined", "refused", "offline", "failed", "error", "retired", "failing", "taken_over"];

function colorOf(state: string): string {
  if (GREEN.includes(state)) return "green";
  if (YELLOW.includes(state)) return "yellow";
  return RED.includes(state) ? "red" : "gray";
}

interface Props extends BadgeProps {
  state: string;
  label?: string;
}

/** A state as a word with a dot; the colour only repeats what the word says. */
export function StatusBadge({ state, label, ...rest }: Props) {
  return (
    <Badge
      color={colorOf(state)}
      miw="max-content"
      leftSection={
        <span
          aria-hidden
          style={{ width: 6, height: 6, borderRadius: 6, background: "currentColor", display: "block" }}
        />
      }
      {...rest}
    >
      {label ?? words(state)}
    </Badge>
  );
}

/** The colour of an HTTP status, for badges and charts. */
export function statusColor(status: number): string {
  if (status >= 500) return "red";
  if (status >= 400) return "yellow";
  return status >= 300 ? "gray" : "green";
}

const METHOD_COLORS: Record<string, string> = {
  GET: "blue",
  POST: "green",
  PUT: "yellow",
  PATCH: "yellow",
  DELETE: "red",
};

export function MethodBadge({ method }: { method: string }) {
  const name = method.toUpperCase();
  return (
    <Badge
      color={METHOD_COLORS[name] ?? "gray"}
      ff="monospace"
      fw={600}
      miw={64}
      style={{ flex: "none", overflow: "visible" }}
      styles={{ label: { overflow: "visible" } }}
    >
      {name}
    </Badge>
  );
}
