/** What the portal needs of an OpenAPI document, read with care: the document was written by others. */
export interface CallExample {
  id: string;
  method: string;
  path: string;
  summary: string;
  url: string;
  query: { name: string; value: string }[];
  body: string | undefined;
}

export interface KeyPlace {
  scheme: string;
  in: "header" | "query" | "cookie";
  name: string;
}

type Json = Record<string, unknown>;

const METHODS = ["get", "post", "put", "patch", "delete", "head", "options"];

const record = (value: unknown): Json =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Json) : {};
const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
const text = (value: unknown): string => (typeof value === "string" ? value : "");

/** Follows a local `$ref` (a few steps, so that a circle ends). */
function resolve(document: Json, value: unknown, depth = 0): Json {
  const found = record(value);
  const ref = text(found.$ref);
  if (!ref.startsWith("#/") || depth > 8) return found;
  const target = ref
    .slice(2)
    .split("/")
    .reduce<unknown>((at, part) => record(at)[part.replaceAll("~1", "/").replaceAll("~0", "~")], document);
  return resolve(document, target, depth + 1);
}

export function serverUrl(document: unknown): string {
  return text(record(list(record(document).servers)[0]).url).replace(/\/$/, "");
}

/** How a link to the reference names an operation, in whatever group it is shown there: `GET/cities`. */
export const hashOf = ({ method, path }: { method: string; path: string }): string =>
  `${method.toUpperCase()}${path}`;

/** The place of an operation that a link names; empty where the reference has none of its own for it. */
export function anchorOf(document: unknown, hash: string): string {
  const [, method = "", path = ""] = /^([A-Z]+)(\/.*)$/.exec(hash) ?? [];
  const operation = record(record(record(document).paths)[path])[method.toLowerCase()];
  const tag = text(list(record(operation).tags)[0]);
  return tag && `tag/${slug(tag)}/${hash}`;
}

/** As on GitHub, which the reference follows. */
const slug = (title: string): string =>
  title
    .toLowerCase()
    .replace(/[^\p{L}\p{M}\p{N}\p{Pc}\- ]/gu, "")
    .replaceAll(" ", "-");

/** Where the gateway wants the key; undefined when the API needs none. */
export function keyPlace(document: unknown): KeyPlace | undefined {
  const schemes = record(record(record(document).components).securitySchemes);
  for (const [scheme, given] of Object.entries(schemes)) {
    const { type, name, in: place } = record(given);
    if (type === "apiKey" && (place === "header" || place === "query" || place === "cookie")) {
      return { scheme, in: place, name: text(name) };
    }
  }
  return undefined;
}

function example(document: Json, given: unknown): unknown {
  const thing = resolve(document, given);
  if ("example" in thing) return thing.example;
  const named = record(Object.values(record(thing.examples))[0]);
  if ("value" in named) return named.value;
  return sample(document, thing.schema, 0);
}

/** A value that fits a schema: its example, default, first choice, or the plainest of its type. */
export function sample(document: Json, given: unknown, depth: number): unknown {
  const schema = resolve(document, given);
  if ("example" in schema) return schema.example;
  const first = list(schema.examples)[0] ?? schema.default ?? schema.const ?? list(schema.enum)[0];
  if (first !== undefined) return first;
  if (depth > 4) return null;
  const choice = list(schema.oneOf)[0] ?? list(schema.anyOf)[0];
  if (choice) return sample(document, choice, depth + 1);
  if (schema.allOf)
    return Object.assign({}, ...list(schema.allOf).map((part) => record(sample(document, part, depth + 1))));
  return plain(document, schema, depth);
}

function plain(document: Json, schema: Json, depth: number): unknown {
  const type = Array.isArray(schema.type) ? schema.type.find((one) => one !== "null") : schema.type;
  if (type === "object" || schema.properties) {
    const properties = Object.entries(record(schema.properties)).slice(0, 20);
    return Object.fromEntries(properties.map(([name, part]) => [name, sample(document, part, depth + 1)]));
  }
  if (type === "array") return [sample(document, schema.items, depth + 1)];
  if (type === "integer" || type === "number") return schema.minimum ?? 1;
  if (type === "boolean") return true;
  if (type === "string") return STRINGS[text(schema.format)] ?? "string";
  return null;
}

const STRINGS: Record<string, string> = {
  date: "2026-01-31",
  "date-time": "2026-01-31T12:00:00Z",
  email: "name@example.com",
  uri: "https://example.com",
  uuid: "3fa85f64-5717-4562-b3fc-2c963f66afa6",
};

function parameters(document: Json, path: Json, operation: Json): Json[] {
  return [...list(path.parameters), ...list(operation.parameters)].map((one) => resolve(document, one));
}

function bodyOf(document: Json, operation: Json): string | undefined {
  const content = record(resolve(document, operation.requestBody).content);
  const json = Object.entries(content).find(([type]) => /[/+]json\b/.test(type));
  if (!json) return undefined;
  return JSON.stringify(example(document, json[1]) ?? {}, null, 2);
}

function callOf(document: Json, path: string, method: string, item: Json): CallExample {
  const operation = record(item[method]);
  const given = parameters(document, item, operation);
  const filled = path.replaceAll(/\{([^}]+)\}/g, (whole, name: string) => {
    const parameter = given.find((one) => one.in === "path" && one.name === name);
    const value = parameter && example(document, parameter);
    return value === undefined || value === null ? whole : encodeURIComponent(String(value));
  });
  const query = given
    .filter((one) => one.in === "query" && one.required === true)
    .map((one) => ({ name: text(one.name), value: String(example(document, one) ?? "") }));
  return {
    id: text(operation.operationId) || `${method} ${path}`,
    method: method.toUpperCase(),
    path,
    summary: text(operation.summary),
    url: serverUrl(document) + filled,
    query,
    body: bodyOf(document, operation),
  };
}

/** Every operation as a call one could send, with examples filled in. */
export function callExamples(given: unknown): CallExample[] {
  const document = record(given);
  return Object.entries(record(document.paths)).flatMap(([path, value]) => {
    const item = resolve(document, value);
    return METHODS.filter((method) => method in item).map((method) => callOf(document, path, method, item));
  });
}
