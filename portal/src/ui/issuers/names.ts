import { api } from "@/client/http";

/** Issuers in a configuration by their names; policies know them by ids. What the reader is not shown keeps its id. */
export function useIssuersByName<T>(config: T): T {
  const query = { params: { query: { limit: 200 } } };
  const enabled = JSON.stringify(config).includes('"iss_');
  const issuers = api.useQuery("get", "/api/v1/issuers", query, { enabled });
  return byName(config, new Map((issuers.data?.items ?? []).map((one) => [one.id, one.name || one.url])));
}

/** A value with every text that is a known id replaced, however deep it stands. */
export function byName<T>(value: T, names: ReadonlyMap<string, string>): T {
  if (typeof value === "string") return (names.get(value) ?? value) as T;
  if (Array.isArray(value)) return value.map((item) => byName(item, names)) as T;
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, byName(part, names)])) as T;
}
