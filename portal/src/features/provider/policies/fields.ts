type Json = Record<string, unknown>;

/** One input of a form made from a JSON Schema. */
export interface Field {
  name: string;
  kind: "boolean" | "number" | "text" | "texts" | "choices" | "json";
  description: string;
  fallback: unknown;
  choices: string[];
}

const record = (value: unknown): Json => (typeof value === "object" && value !== null ? (value as Json) : {});

function kindOf(schema: Json): Pick<Field, "kind" | "choices"> {
  const items = record(schema.items);
  if (schema.type === "boolean") return { kind: "boolean", choices: [] };
  if (schema.type === "integer" || schema.type === "number") return { kind: "number", choices: [] };
  if (schema.type === "string") return { kind: "text", choices: [] };
  if (schema.type === "array" && Array.isArray(items.enum))
    return { kind: "choices", choices: items.enum.map(String) };
  if (schema.type === "array" && items.type === "string") return { kind: "texts", choices: [] };
  return { kind: "json", choices: [] };
}

/** The inputs for an object's properties, in the schema's order. */
export function fieldsOf(schema: Json): Field[] {
  return Object.entries(record(schema.properties)).map(([name, given]) => {
    const property = record(given);
    const description = typeof property.description === "string" ? property.description : "";
    return { name, description, fallback: property.default, ...kindOf(property) };
  });
}
