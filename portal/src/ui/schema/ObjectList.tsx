import { ActionIcon, Button, Fieldset, Group, Paper, Stack, Text, Tooltip } from "@mantine/core";
import { IconPlus, IconTrash } from "@tabler/icons-react";
import { words } from "@/lib/format";
import { type Json, startOf } from "./fields";
import { type FormErrors, SchemaForm } from "./SchemaForm";

interface Props {
  label: string;
  description: string;
  schema: Json;
  values: Json[];
  onChange: (values: Json[]) => void;
  errors: FormErrors;
  at: string;
}

/** Rows of objects: each a small form, with one more at the end. */
export function ObjectList({ label, description, schema, values, onChange, errors, at }: Props) {
  const noun = words(
    typeof schema.title === "string" ? schema.title.replace(/([a-z])([A-Z])/g, "$1 $2") : "item",
  );
  const error = errors[at];
  return (
    <Fieldset legend={label}>
      <Stack gap="sm">
        {description && (
          <Text size="xs" c="dimmed">
            {description}
          </Text>
        )}
        {error && (
          <Text size="xs" c="var(--mantine-color-error)" role="alert">
            {error}
          </Text>
        )}
        {values.map((value, index) => (
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
                  onClick={() => onChange(values.filter((_, other) => other !== index))}
                >
                  <IconTrash size={16} />
                </ActionIcon>
              </Tooltip>
            </Group>
            <SchemaForm
              schema={schema}
              value={value}
              onChange={(next) => onChange(values.map((old, other) => (other === index ? next : old)))}
              errors={errors}
              at={`${at}/${index}`}
            />
          </Paper>
        ))}
        <Button
          variant="default"
          size="compact-sm"
          w="fit-content"
          leftSection={<IconPlus size={14} />}
          onClick={() => onChange([...values, startOf(schema)])}
        >
          Add {noun.toLowerCase()}
        </Button>
      </Stack>
    </Fieldset>
  );
}
