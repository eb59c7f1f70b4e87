import {
  Fieldset,
  JsonInput,
  MultiSelect,
  NumberInput,
  PasswordInput,
  Select,
  Stack,
  Switch,
  TagsInput,
  Text,
  TextInput,
} from "@mantine/core";
import { words } from "@/lib/format";
import { IssuerSelect } from "../issuers/IssuerSelect";
import { Said } from "../Said";
import { type Field, fieldsOf, type Json, startOf } from "./fields";
import { ObjectList } from "./ObjectList";

/** What is wrong, by JSON pointer from the form's root: `/limits/0/requests`. */
export type FormErrors = Record<string, string>;

export interface FormProps {
  schema: Json;
  value: Json;
  onChange: (value: Json) => void;
  errors?: FormErrors;
  /** The pointer of this object itself. */
  at?: string;
}

/** A form made from a JSON Schema, so that a new kind of policy needs no new page. */
export function SchemaForm({ schema, value, onChange, errors = {}, at = "" }: FormProps) {
  return (
    <Stack gap="sm">
      {fieldsOf(schema).map((field) => (
        <FieldInput
          key={field.name}
          field={field}
          value={value[field.name] === undefined ? field.fallback : value[field.name]}
          onChange={(next) => onChange({ ...value, [field.name]: next })}
          errors={errors}
          at={`${at}/${field.name}`}
        />
      ))}
    </Stack>
  );
}

interface InputProps {
  field: Field;
  value: unknown;
  onChange: (value: unknown) => void;
  errors: FormErrors;
  at: string;
}

const text = (value: unknown): string => (typeof value === "string" ? value : "");
const strings = (value: unknown): string[] => (Array.isArray(value) ? value.map(String) : []);
const object = (value: unknown): Json =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Json) : {};

/** The first error of this place or, for lists of plain values, of anything inside. */
function errorAt(errors: FormErrors, at: string): string | undefined {
  const inside = Object.keys(errors).find((pointer) => pointer === at || pointer.startsWith(`${at}/`));
  return inside === undefined ? undefined : errors[inside];
}

function FieldInput({ field, value, onChange, errors, at }: InputProps) {
  const label = words(field.name);
  const shared = {
    label,
    description: field.description && <Said>{field.description}</Said>,
    error: errorAt(errors, at),
    withAsterisk: field.required,
  };
  switch (field.kind) {
    case "boolean":
      return (
        <Switch
          label={label}
          description={shared.description}
          error={shared.error}
          checked={value === true}
          onChange={(event) => onChange(event.currentTarget.checked)}
        />
      );
    case "number":
      return (
        <NumberInput
          {...shared}
          {...(field.min === undefined ? {} : { min: field.min })}
          {...(field.max === undefined ? {} : { max: field.max })}
          value={typeof value === "number" ? value : ""}
          onChange={(next) => onChange(next === "" ? undefined : Number(next))}
        />
      );
    case "text":
      return (
        <TextInput
          {...shared}
          value={text(value)}
          onChange={(event) => onChange(event.currentTarget.value)}
        />
      );
    case "issuer":
      return <IssuerSelect {...shared} value={text(value) || null} onChange={onChange} />;
    case "secret":
      return (
        <PasswordInput
          {...shared}
          autoComplete="new-password"
          value={text(value)}
          onChange={(event) => onChange(event.currentTarget.value)}
        />
      );
    case "moment":
      return (
        <TextInput
          {...shared}
          type="datetime-local"
          value={localMoment(value)}
          onChange={(event) => onChange(isoMoment(event.currentTarget.value))}
        />
      );
    case "choice":
      return (
        <Select
          {...shared}
          allowDeselect={false}
          data={field.choices.map((one) => ({ value: one, label: words(one) }))}
          value={text(value) || null}
          onChange={onChange}
        />
      );
    case "choices":
      return <MultiSelect {...shared} data={field.choices} value={strings(value)} onChange={onChange} />;
    case "texts":
      return (
        <TagsInput
          {...shared}
          placeholder="Type one and press Enter"
          splitChars={[",", " "]}
          value={strings(value)}
          onChange={onChange}
        />
      );
    case "numbers":
      return (
        <TagsInput
          {...shared}
          splitChars={[",", " "]}
          value={strings(value)}
          onChange={(next) => onChange(next.map(Number).filter(Number.isFinite))}
        />
      );
    case "object":
      return <ObjectField field={field} value={value} onChange={onChange} errors={errors} at={at} />;
    case "objects":
      return (
        <ObjectList
          label={label}
          description={field.description}
          schema={field.schema}
          values={Array.isArray(value) ? value.map(object) : []}
          onChange={onChange}
          errors={errors}
          at={at}
        />
      );
    case "json":
      return (
        <JsonField
          {...shared}
          description={`${field.description} As JSON.`}
          value={value}
          onChange={onChange}
        />
      );
  }
}

interface ObjectProps extends Omit<InputProps, "field"> {
  field: Extract<Field, { kind: "object" | "objects" }>;
}

/** An object inside; one that may be absent has a switch of its own. */
function ObjectField({ field, value, onChange, errors, at }: ObjectProps) {
  const absent = value === null || value === undefined;
  const form = (
    <SchemaForm schema={field.schema} value={object(value)} onChange={onChange} errors={errors} at={at} />
  );
  return (
    <Fieldset legend={words(field.name)}>
      <Stack gap="sm">
        {field.description && (
          <Text size="xs" c="dimmed">
            <Said>{field.description}</Said>
          </Text>
        )}
        {field.optional && (
          <Switch
            label="Given here"
            checked={!absent}
            onChange={(event) => onChange(event.currentTarget.checked ? startOf(field.schema) : null)}
          />
        )}
        {!(field.optional && absent) && form}
      </Stack>
    </Fieldset>
  );
}

interface JsonProps {
  label: string;
  description: string;
  error: string | undefined;
  value: unknown;
  onChange: (value: unknown) => void;
}

/** For what no input fits: JSON, taken over whenever it can be read. */
function JsonField({ label, description, error, value, onChange }: JsonProps) {
  const absent = value === null || value === undefined;
  return (
    <JsonInput
      label={label}
      description={<Said>{description}</Said>}
      error={error}
      autosize
      minRows={2}
      formatOnBlur
      validationError="This is no JSON yet"
      defaultValue={absent ? "" : JSON.stringify(value, null, 2)}
      onChange={(given) => {
        const parsed = parse(given);
        if (parsed.ok) onChange(parsed.value);
      }}
    />
  );
}

function parse(given: string): { ok: true; value: unknown } | { ok: false } {
  if (given.trim() === "") return { ok: true, value: null };
  try {
    return { ok: true, value: JSON.parse(given) };
  } catch {
    return { ok: false };
  }
}

/** As `datetime-local` wants it: local time to the minute. */
function localMoment(value: unknown): string {
  if (typeof value !== "string" || !value) return "";
  const at = new Date(value);
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

const isoMoment = (given: string): string | null => (given ? new Date(given).toISOString() : null);
