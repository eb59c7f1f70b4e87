export interface Range {
  id: string;
  label: string;
  seconds: number;
  interval: "minute" | "hour" | "day";
}

const DAY = 86_400;

export const RANGES: readonly Range[] = [
  { id: "1h", label: "Last hour", seconds: 3_600, interval: "minute" },
  { id: "24h", label: "Last 24 hours", seconds: DAY, interval: "hour" },
  { id: "7d", label: "Last 7 days", seconds: 7 * DAY, interval: "hour" },
  { id: "30d", label: "Last 30 days", seconds: 30 * DAY, interval: "day" },
];

const FALLBACK: Range = { id: "24h", label: "Last 24 hours", seconds: DAY, interval: "hour" };

export function rangeOf(id: string | undefined): Range {
  return RANGES.find((range) => range.id === id) ?? FALLBACK;
}

/** From and to as the API takes them; asked anew at every fetch, so that the window moves with the time. */
export function windowOf(range: Range, now: number = Date.now()): { from: string; to: string } {
  return { from: new Date(now - range.seconds * 1000).toISOString(), to: new Date(now).toISOString() };
}

/** A point in time as short as the range allows. */
export function labelOf(range: Range, at: string): string {
  const options: Intl.DateTimeFormatOptions =
    range.seconds <= DAY
      ? { hour: "2-digit", minute: "2-digit" }
      : range.interval === "day"
        ? { day: "numeric", month: "short" }
        : { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" };
  return new Intl.DateTimeFormat(undefined, options).format(new Date(at));
}

/** Every step of the range, so that quiet times show as zero rather than being drawn over. */
export function filled<P extends { at: string }>(
  range: Range,
  points: readonly P[],
  empty: (at: string) => P,
  now: number = Date.now(),
): P[] {
  const step = { minute: 60_000, hour: 3_600_000, day: 86_400_000 }[range.interval];
  const known = new Map(points.map((point) => [Math.floor(Date.parse(point.at) / step), point]));
  const last = Math.floor(now / step);
  const steps = Math.round((range.seconds * 1000) / step);
  return Array.from({ length: steps }, (_, index) => {
    const slot = last - steps + 1 + index;
    return known.get(slot) ?? empty(new Date(slot * step).toISOString());
  });
}
