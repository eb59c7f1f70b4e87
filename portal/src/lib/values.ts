import { count, dateTime, words } from "./format";

/** Any value of a configuration or a fact in words: lists with commas, objects by the names of their parts. */
export function inWords(value: unknown): string {
  if (value === null || value === undefined || value === "") return "–";
  if (typeof value === "boolean") return value ? "Yes" : "No";
  if (typeof value === "number") return count(value);
  if (typeof value === "string") return /^\d{4}-\d\d-\d\dT/.test(value) ? dateTime(value) : value;
  if (Array.isArray(value)) return value.map(inWords).join("; ") || "none";
  return Object.entries(value as object)
    .filter(([, part]) => !isNothing(part))
    .map(([name, part]) => (part === true ? words(name).toLowerCase() : `${name}: ${inWords(part)}`))
    .map((part) => part.replaceAll("_", " "))
    .join(", ");
}

const isNothing = (part: unknown): boolean =>
  part === "" || part === null || part === false || part === 0 || (Array.isArray(part) && part.length === 0);
