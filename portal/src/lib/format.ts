const LOCALE = undefined; // the browser's own

const whole = new Intl.NumberFormat(LOCALE);
const compact = new Intl.NumberFormat(LOCALE, { notation: "compact", maximumFractionDigits: 1 });
const percent = new Intl.NumberFormat(LOCALE, { style: "percent", maximumFractionDigits: 1 });
const day = new Intl.DateTimeFormat(LOCALE, { dateStyle: "medium" });
const DAY = { day: "numeric", month: "short" } as const;
const MINUTE = { hour: "2-digit", minute: "2-digit" } as const;
const moment = new Intl.DateTimeFormat(LOCALE, { ...DAY, year: "numeric", ...MINUTE, timeZoneName: "short" });
const clock = new Intl.DateTimeFormat(LOCALE, { ...MINUTE, second: "2-digit" });
const dayAndClock = new Intl.DateTimeFormat(LOCALE, { ...DAY, ...MINUTE, second: "2-digit" });
const relative = new Intl.RelativeTimeFormat(LOCALE, { numeric: "auto" });

const separator = (type: "group" | "decimal"): string =>
  new Intl.NumberFormat(LOCALE).formatToParts(12_345.6).find((part) => part.type === type)?.value ?? "";

/** What stands between the digits of a number that is typed, as in numbers that are read. */
export const SEPARATORS = { thousandSeparator: separator("group"), decimalSeparator: separator("decimal") };

export const count = (value: number): string => whole.format(value);
export const shortCount = (value: number): string =>
  Math.abs(value) < 10_000 ? whole.format(value) : compact.format(value);
export const share = (value: number): string => percent.format(value);
export const date = (value: string): string => day.format(new Date(value));
export const dateTime = (value: string): string => moment.format(new Date(value));

/** The zone that every time on these pages is in, as people call it: `UTC`, `GMT+1`. */
export const zone = (): string =>
  moment.formatToParts().find((part) => part.type === "timeZoneName")?.value ?? "";

/** A time to the second, with its day where that is not today. */
export function time(value: string, now: Date = new Date()): string {
  const at = new Date(value);
  return (at.toDateString() === now.toDateString() ? clock : dayAndClock).format(at);
}

/** Microseconds as people say them: `640 µs`, `12.4 ms`, `1.25 s`. */
export function duration(micros: number | null | undefined): string {
  if (micros === null || micros === undefined) return "–";
  if (micros < 1_000) return `${Math.round(micros)} µs`;
  if (micros < 1_000_000) return `${trim(micros / 1_000, micros < 100_000 ? 1 : 0)} ms`;
  return `${trim(micros / 1_000_000, 2)} s`;
}

/** The same of milliseconds: `180 ms`, `1.87 s`. */
export const milliseconds = (value: number | null | undefined): string =>
  duration(value === null || value === undefined ? value : value * 1_000);

const FORMATS: Record<string, string> = { openapi: "OpenAPI", swagger: "Swagger", graphql: "GraphQL" };

/** The format of a definition by its own name: `openapi-3.1` → `OpenAPI 3.1`. */
export function formatName(code: string): string {
  const [family = "", ...version] = code.split("-");
  return [FORMATS[family] ?? family, ...version].join(" ");
}

const ENGINES: Record<string, string> = { envoy: "Envoy", haproxy: "HAProxy" };

/** An engine by its own name. */
export const engineName = (code: string): string => ENGINES[code] ?? code;

export function bytes(value: number | null | undefined): string {
  if (value === null || value === undefined) return "–";
  const units = ["B", "kB", "MB", "GB", "TB"];
  let scaled = value;
  let unit = 0;
  while (scaled >= 1000 && unit < units.length - 1) {
    scaled /= 1000;
    unit += 1;
  }
  return `${trim(scaled, unit === 0 ? 0 : 1)} ${units[unit]}`;
}

function trim(value: number, digits: number): string {
  return String(Number(value.toFixed(digits)));
}

const STEPS: [Intl.RelativeTimeFormatUnit, number][] = [
  ["year", 31_536_000],
  ["month", 2_592_000],
  ["week", 604_800],
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
];

/** `3 minutes ago`, `in 2 days`; below a minute `just now`. */
export function ago(value: string, now: number = Date.now()): string {
  const seconds = Math.round((new Date(value).getTime() - now) / 1000);
  for (const [unit, size] of STEPS) {
    if (Math.abs(seconds) >= size) return relative.format(Math.trunc(seconds / size), unit);
  }
  return seconds > 5 ? "in a moment" : "just now";
}

const SPANS: [number, string][] = [
  [86_400, "day"],
  [3_600, "hour"],
  [60, "minute"],
  [1, "second"],
];

/** `1 operation`, `12 operations`. */
export const plural = (value: number, noun: string, many = `${noun}s`): string =>
  `${count(value)} ${value === 1 ? noun : many}`;

/** Names as people say them: `A`, `A and B`, `A, B, C and 4 more`. */
export function listed(names: readonly string[], most = 3): string {
  const shown = names.length > most + 1 ? names.slice(0, most) : names.slice(0, -1);
  const last = names.length > most + 1 ? `${names.length - most} more` : names.at(-1);
  return shown.length > 0 ? `${shown.join(", ")} and ${last}` : (last ?? "");
}

/** A span in its largest whole unit: 60 → `minute`, 7200 → `2 hours`. */
export function span(seconds: number): string {
  for (const [size, name] of SPANS) {
    if (seconds % size === 0) return seconds === size ? name : `${seconds / size} ${name}s`;
  }
  return `${seconds} seconds`;
}

const BY: Record<string, string> = {
  app: " and app",
  plan: ", all subscribers together",
  ip: " and address",
  claim: " and",
};

interface Limit {
  requests: number;
  seconds: number;
  by?: string;
  claim?: string;
}

/** `60 requests per minute and address`. */
export const rate = (limit: Limit): string =>
  `${plural(limit.requests, "request")} per ${span(limit.seconds)}${BY[limit.by ?? ""] ?? ""}${
    limit.by === "claim" ? ` ${limit.claim}` : ""
  }`;

interface Quota {
  amount: number;
  window: string;
  unit?: string;
  header?: string;
  rolling?: boolean;
  overage?: boolean;
}

/** An amount of whatever a quota counts: `2,000 requests`, `5 GB`, `400 of x-tokens`. */
export function amountOf(value: number, { unit, header }: Pick<Quota, "unit" | "header">): string {
  if (unit === "bytes") return bytes(value);
  return unit === "header" ? `${count(value)} of ${header}` : plural(value, "request");
}

/** `2,000 requests per day`, `5 GB in any month, more is counted`. */
export const quota = (limit: Quota): string =>
  `${amountOf(limit.amount, limit)} ${limit.rolling ? "in any" : "per"} ${limit.window}${
    limit.overage ? ", more is counted" : ""
  }`;

/** The limits of a plan's terms, a line for each; that there is no quota is worth one too. */
export const limitsOf = (terms: { rate_limits: readonly Limit[]; quotas: readonly Quota[] }): string[] => [
  ...terms.rate_limits.map(rate),
  ...(terms.quotas.length > 0 ? terms.quotas.map(quota) : ["No quota"]),
];

export interface Price {
  amount_cents: number;
  currency: string;
  period?: string;
}

export function price(value: Price | null | undefined): { amount: string; per: string } {
  if (!value || value.amount_cents === 0) return { amount: "Free", per: "" };
  const format = new Intl.NumberFormat(LOCALE, {
    style: "currency",
    currency: value.currency,
    minimumFractionDigits: value.amount_cents % 100 === 0 ? 0 : 2,
  });
  return { amount: format.format(value.amount_cents / 100), per: `per ${value.period ?? "month"}` };
}

/** `open_api` → `Open api`: codes from the API that have no text of their own. */
export function words(code: string): string {
  const spaced = code.replaceAll(/[_-]+/g, " ").trim();
  return (spaced.charAt(0).toUpperCase() + spaced.slice(1)).replace(/\b(api|ip|id|url|jwt)\b/gi, (name) =>
    name.toUpperCase(),
  );
}
