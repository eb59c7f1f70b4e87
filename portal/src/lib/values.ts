import { count, dateTime, plural, quota, rate, words } from "./format";

/** Any value of a configuration or a fact in words: lists with commas, objects by the names of their parts. */
export function inWords(value: unknown): string {
  if (value === null || value === undefined || value === "") return "–";
  if (typeof value === "boolean") return value ? "Yes" : "No";
  if (typeof value === "number") return count(value);
  if (typeof value === "string") return /^\d{4}-\d\d-\d\dT/.test(value) ? dateTime(value) : value;
  if (Array.isArray(value)) return value.map(inWords).join("; ") || "none";
  return objectInWords(value as Record<string, unknown>);
}

type Parts = Record<string, unknown>;

/** Objects of a shape that people have a sentence for; what else they say comes after it. */
const SENTENCES: { about: readonly string[]; say: (value: never) => string }[] = [
  { about: ["requests", "seconds", "by", "claim"], say: rate },
  { about: ["amount", "window", "unit", "header", "rolling", "overage"], say: quota },
  {
    about: ["name", "value"],
    say: ({ name, value }: { name: string; value: unknown }) => `${name}: ${inWords(value)}`,
  },
];

function objectInWords(value: Parts): string {
  const known = SENTENCES.find(({ about: [first = "", second = ""] }) => first in value && second in value);
  const others = Object.entries(value).filter(([name]) => !known?.about.includes(name));
  const said = [known?.say(value as never), partsInWords(Object.fromEntries(others))].filter(Boolean);
  return said.join(", ") || "empty";
}

function partsInWords(value: Parts): string {
  return Object.entries(value)
    .filter(([name, part]) => !isNothing(part) || isMainSwitch(name, part))
    .map(([name, part]) => partInWords(name, part))
    .join(", ");
}

function partInWords(name: string, part: unknown): string {
  const { label, value } = fieldInWords(name, part);
  if (typeof part === "boolean") return part ? label.toLowerCase() : `not ${label.toLowerCase()}`;
  return `${label.toLowerCase()}: ${inWords(value)}`;
}

/** The one thing that a policy is about; that it is off says more than all else. */
export const isMainSwitch = (name: string, value: unknown): boolean =>
  typeof value === "boolean" && ["enabled", "allowed"].includes(name);

const isNothing = (part: unknown): boolean =>
  part === "" || part === null || part === false || part === 0 || (Array.isArray(part) && part.length === 0);

/** Exactly, since these are what was configured. */
const UNITS: [suffix: string, say: (value: number) => string][] = [
  ["_ms", (value) => (value % 1_000 === 0 ? plural(value / 1_000, "second") : `${count(value)} ms`)],
  ["_seconds", (value) => plural(value, "second")],
  ["_bytes", (value) => plural(value, "byte")],
];

/** The name and value of a field; a number whose name ends with its unit carries it itself. */
export function fieldInWords(name: string, value: unknown): { label: string; value: unknown } {
  const [suffix = "", say] = UNITS.find(([unit]) => name.endsWith(unit)) ?? [];
  if (!say || typeof value !== "number") return { label: words(name), value };
  return { label: words(name.slice(0, -suffix.length)), value: say(value) };
}
