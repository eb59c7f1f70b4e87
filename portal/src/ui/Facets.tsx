import { Button, Checkbox, Fieldset, Group, Stack, Text } from "@mantine/core";
import { useState } from "react";

export interface FacetValue {
  value: string;
  count: number;
  label?: string | null;
}

interface Props {
  title: string;
  values: readonly FacetValue[];
  chosen: string | undefined;
  onChoose: (value: string | undefined) => void;
}

const SHOWN = 6;

/** One dimension to narrow a search by; choosing the chosen one again takes it back. */
export function Facet({ title, values, chosen, onChoose }: Props) {
  const [all, setAll] = useState(false);
  if (values.length === 0 && !chosen) return null;
  const shown = all ? values : values.filter((item, index) => index < SHOWN || item.value === chosen);
  return (
    <Fieldset
      legend={title}
      variant="unstyled"
      styles={{
        legend: { fontSize: 12, fontWeight: 600, color: "var(--mantine-color-dimmed)", marginBottom: 8 },
      }}
    >
      <Stack gap={9}>
        {shown.map((item) => (
          <Checkbox
            key={item.value}
            size="xs"
            checked={item.value === chosen}
            onChange={() => onChoose(item.value === chosen ? undefined : item.value)}
            styles={{ body: { alignItems: "center" }, labelWrapper: { flex: 1 }, label: { fontSize: 13 } }}
            label={
              <Group justify="space-between" wrap="nowrap" gap="xs">
                <span>{item.label || item.value}</span>
                <Text span size="xs" c="dimmed">
                  {item.count}
                </Text>
              </Group>
            }
          />
        ))}
        {values.length > SHOWN && (
          <Button variant="transparent" size="compact-xs" px={0} w="fit-content" onClick={() => setAll(!all)}>
            {all ? "Show fewer" : `Show all ${values.length}`}
          </Button>
        )}
      </Stack>
    </Fieldset>
  );
}
