import { JsonInput, MultiSelect, NumberInput, Stack, Switch, TagsInput, TextInput } from "@mantine/core";
import { words } from "@/lib/format";
import { type Field, fieldsOf } from "./fields";

export type Config = Record<string, unknown>;

interface Props {
  schema: Config;
  value: Config;
  onChange: (value: Config) => void;
}

/** A form made from a policy's JSON Schema, so that a new kind of policy needs no new page. */
export function SchemaForm({ schema, value, onChange }: Props) {
  return (
    <Stack gap="sm">
      {fieldsOf(schema).map((field) => (
        <FieldInput
          key={field.name}
          field={field}
          value={value[field.name] ?? field.fallback}
          onChange={(next) => onChange({ ...value, [field.name]: next })}
        />
      ))}
    </Stack>
  );
}

interface InputProps {
  field: Field;
  value: unknown;
  onChange: (value: unknown) => void;
}

function FieldInput({ field, value, onChange }: InputProps) {
  const shared = { label: words(field.name), description: field.description };
  switch (field.kind) {
    case "boolean":
      return (
        <Switch
          {...shared}
          checked={value === true}
          onChange={(event) => onChange(event.currentTarget.checked)}
        />
      );
    case "number":
      return (
        <NumberInput
          {...shared}
          value={typeof value === "number" ? value : ""}
          onChange={(next) => onChange(next === "" ? undefined : Number(next))}
        />
      );
    case "text":
      return (
        <TextInput
          {...shared}
          value={typeof value === "string" ? value : ""}
          onChange={(event) => onChange(event.currentTarget.value)}
        />
      );
    case "choices":
      return <MultiSelect {...shared} data={field.choices} value={strings(value)} onChange={onChange} />;
    case "texts":
      return <TagsInput {...shared} value={strings(value)} onChange={onChange} />;
    case "json":
      return <JsonField {...shared} value={value} onChange={onChange} />;
  }
}

const strings = (value: unknown): string[] => (Array.isArray(value) ? value.map(String) : []);

interface JsonProps {
  label: string;
  description: string;
  value: unknown;
  onChange: (value: unknown) => void;
}

/** For lists of objects and the like: JSON, taken over whenever it can be read. */
function JsonField({ label, description, value, onChange }: JsonProps) {
  const absent = value === null || value === undefined;
  return (
    <Stack gap={4}>
      <JsonInput
        label={label}
        description={`${description} As JSON.`}
        autosize
        minRows={2}
        formatOnBlur
        validationError="This is no JSON yet"
        defaultValue={absent ? "" : JSON.stringify(value, null, 2)}
        onChange={(text) => {
          const parsed = parse(text);
          if (parsed.ok) onChange(parsed.value);
        }}
      />
    </Stack>
  );
}

function parse(text: string): { ok: true; value: unknown } | { ok: false } {
  if (text.trim() === "") return { ok: true, value: null };
  try {
    return { ok: true, value: JSON.parse(text) };
  } catch {
    return { ok: false };
  }
}
