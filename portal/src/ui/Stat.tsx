import { Paper, SimpleGrid, Text } from "@mantine/core";
import type { ReactNode } from "react";
import classes from "./Stat.module.css";

interface Props {
  label: string;
  value: ReactNode;
  note?: ReactNode;
}

export function Stat({ label, value, note }: Props) {
  return (
    <Paper p="md">
      <Text size="xs" c="dimmed" fw={550}>
        {label}
      </Text>
      <Text fz={24} fw={620} lh={1.3} style={{ fontVariantNumeric: "tabular-nums" }}>
        {value}
      </Text>
      {note && (
        <Text size="xs" c="dimmed" component="div">
          {note}
        </Text>
      )}
    </Paper>
  );
}

export function Stats({ items }: { items: Props[] }) {
  return (
    <SimpleGrid
      cols={{ base: 2, sm: items.length > 4 ? 3 : 2, lg: items.length }}
      spacing="sm"
      className={classes.stats}
    >
      {items.map((item) => (
        <Stat key={item.label} {...item} />
      ))}
    </SimpleGrid>
  );
}
