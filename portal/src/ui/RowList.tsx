import { ActionIcon, Button, Fieldset, Group, Paper, Stack, Text, Tooltip } from "@mantine/core";
import { IconPlus, IconTrash } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { Said } from "./Said";

interface Props<Row> {
  label: string;
  description?: string;
  /** What one row is called: "Limit 2", "Add limit". */
  noun: string;
  rows: readonly Row[];
  error?: ReactNode;
  most?: number;
  onAdd: () => void;
  onRemove: (index: number) => void;
  children: (row: Row, index: number) => ReactNode;
}

/** Rows of inputs: each may be taken away, one more may be added at the end. */
export function RowList<Row>({ label, description, noun, rows, error, most, ...rest }: Props<Row>) {
  const { onAdd, onRemove, children } = rest;
  return (
    <Fieldset legend={label}>
      <Stack gap="sm">
        {description && (
          <Text size="xs" c="dimmed">
            <Said>{description}</Said>
          </Text>
        )}
        {error && (
          <Text size="xs" c="var(--mantine-color-error)" role="alert">
            {error}
          </Text>
        )}
        {rows.map((row, index) => (
          // Rows have no identity but their place.
          // biome-ignore lint/suspicious/noArrayIndexKey: see above
          <Paper key={index} p="sm" role="group" aria-label={`${noun} ${index + 1}`}>
            <Group justify="space-between" mb={4}>
              <Text size="xs" fw={600} c="dimmed">
                {noun} {index + 1}
              </Text>
              <Tooltip label="Take this one away">
                <ActionIcon
                  color="gray"
                  aria-label={`Take ${noun.toLowerCase()} ${index + 1} away`}
                  onClick={() => onRemove(index)}
                >
                  <IconTrash size={16} />
                </ActionIcon>
              </Tooltip>
            </Group>
            {children(row, index)}
          </Paper>
        ))}
        {(most === undefined || rows.length < most) && (
          <Button
            variant="default"
            size="compact-sm"
            w="fit-content"
            leftSection={<IconPlus size={14} />}
            onClick={onAdd}
          >
            Add {noun.toLowerCase()}
          </Button>
        )}
      </Stack>
    </Fieldset>
  );
}
