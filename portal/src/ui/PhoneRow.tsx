import { Group, Text } from "@mantine/core";
import type { ReactNode } from "react";

interface Props {
  /** What the row is about. */
  children: ReactNode;
  /** What else is said of it, in a line or two. */
  note: ReactNode;
  /** At its end, whole: a state, a number, what can be done. */
  side?: ReactNode;
}

/** A row of a table on a phone that is read at a glance. */
export function PhoneRow({ children, note, side }: Props) {
  return (
    <Group justify="space-between" wrap="nowrap" gap="xs" align="flex-start">
      <div style={{ minWidth: 0 }}>
        {children}
        <Text size="xs" c="dimmed" component="div" fw={400} mt={2}>
          {note}
        </Text>
      </div>
      <div style={{ flex: "none" }}>{side}</div>
    </Group>
  );
}
