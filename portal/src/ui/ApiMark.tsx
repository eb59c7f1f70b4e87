import { Avatar } from "@mantine/core";
import classes from "./ApiMark.module.css";

const HUES = ["blue", "teal", "violet", "orange", "cyan", "grape", "green", "pink", "indigo"] as const;

function hueOf(seed: string): (typeof HUES)[number] {
  let sum = 0;
  for (const letter of seed) sum = (sum * 31 + letter.charCodeAt(0)) % 997;
  return HUES[sum % HUES.length] ?? "blue";
}

function initials(name: string): string {
  const parts = name.split(/[^\p{L}\p{N}]+/u).filter(Boolean);
  return ((parts[0]?.[0] ?? "?") + (parts[1]?.[0] ?? parts[0]?.[1] ?? "")).toUpperCase();
}

/** A quiet picture for things without one: initials on a colour that stays the same for the same slug. */
export function ApiMark({ name, seed, size = 40 }: { name: string; seed: string; size?: number }) {
  const hue = hueOf(seed);
  return (
    <Avatar
      size={size}
      radius="md"
      color={hue}
      variant="light"
      aria-hidden
      style={{ flex: "none" }}
      classNames={{ placeholder: classes.placeholder ?? "" }}
      __vars={{
        "--mark-faint": `var(--mantine-color-${hue}-1)`,
        "--mark-pale": `var(--mantine-color-${hue}-2)`,
        "--mark-deep": `var(--mantine-color-${hue}-9)`,
      }}
    >
      {initials(name)}
    </Avatar>
  );
}
