export type Json = Record<string, unknown>;

interface Shared {
  name: string;
  description: string;
  fallback: unknown;
  required: boolean;
}

/** One input of a form made from a JSON Schema. */
export type Field = Shared &
  (
    | { kind: "boolean" | "text" | "secret" | "texts" | "numbers" | "moment" | "issuer" | "json" }
    | { kind: "number"; min: number | undefined; max: number | undefined }
    | { kind: "choice" | "choices"; choices: string[] }
    | { kind: "object" | "objects"; schema: Json; optional: boolean }
  );

type Kind = Field extends infer One ? (One extends Field ? Omit<One, keyof Shared> : never) : never;

const record = (value: unknown): Json =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Json) : {};
const number = (value: unknown): number | undefined => (typeof value === "number" ? value : undefined);

/** A local `$ref` followed; keywords beside it stay. The root's definitions travel along, for what is nested. */
function resolve(schema: Json, root: Json): Json {
  const ref = schema.$ref;
  if (typeof ref !== "string" || !ref.startsWith("#/$defs/")) return schema;
  const { $ref: _, ...beside } = schema;
  return { ...record(record(root.$defs)[ref.slice("#/$defs/".length)]), ...beside };
}

/** `anyOf` something or null, as what it is when it is there. */
function present(schema: Json): { schema: Json; optional: boolean } {
  const ways = Array.isArray(schema.anyOf) ? schema.anyOf.map(record) : [];
  const others = ways.filter((one) => one.type !== "null");
  const only = others[0];
  if (ways.length !== 2 || others.length !== 1 || !only) return { schema, optional: false };
  const { anyOf: _, ...beside } = schema;
  return { schema: { ...only, ...beside }, optional: true };
}

const withDefinitions = (schema: Json, root: Json): Json => ({ ...schema, $defs: root.$defs });

function listKind(schema: Json, root: Json): Kind {
  const items = resolve(record(schema.items), root);
  if (Array.isArray(items.enum)) return { kind: "choices", choices: items.enum.map(String) };
  if (items.type === "string") return { kind: "texts" };
  if (items.type === "integer" || items.type === "number") return { kind: "numbers" };
  if (items.properties) return { kind: "objects", schema: withDefinitions(items, root), optional: false };
  return { kind: "json" };
}

function kindOf(given: Json, root: Json): Kind {
  const { schema: found, optional } = present(given);
  const schema = resolve(found, root);
  if (Array.isArray(schema.enum)) return { kind: "choice", choices: schema.enum.map(String) };
  switch (schema.type) {
    case "boolean":
      return { kind: "boolean" };
    case "integer":
    case "number":
      return { kind: "number", min: number(schema.minimum), max: number(schema.maximum) };
    case "string":
      if (schema.format === "date-time") return { kind: "moment" };
      if (schema.format === "issuer") return { kind: "issuer" };
      return { kind: schema.writeOnly === true || schema.format === "password" ? "secret" : "text" };
    case "array":
      return listKind(schema, root);
    case "object":
      return schema.properties
        ? { kind: "object", schema: withDefinitions(schema, root), optional }
        : { kind: "json" };
    default:
      return { kind: "json" };
  }
}

/** The inputs for an object's properties, in the schema's order. */
export function fieldsOf(schema: Json): Field[] {
  const required = new Set(Array.isArray(schema.required) ? schema.required : []);
  return Object.entries(record(schema.properties)).map(([name, given]) => {
    const property = record(given);
    const description = typeof property.description === "string" ? property.description : "";
    return {
      name,
      description,
      fallback: property.default,
      required: required.has(name),
      ...kindOf(property, schema),
    };
  });
}

/** What a new object of this schema begins with. */
export function startOf(schema: Json): Json {
  const start: Json = {};
  for (const field of fieldsOf(schema)) {
    if (field.fallback !== undefined) start[field.name] = field.fallback;
    else if (field.kind === "objects") start[field.name] = field.required ? [startOf(field.schema)] : [];
    else if (field.kind === "object" && field.required) start[field.name] = startOf(field.schema);
  }
  return start;
}
