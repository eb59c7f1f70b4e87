import { SimpleGrid, Stack } from "@mantine/core";
import type { SeriesPoint } from "@/client/types";
import { duration, shortCount, zone } from "@/lib/format";
import { Loaded } from "../Loaded";
import { LoadingCards } from "../Loading";
import { TimeSeries } from "../TimeSeries";
import { Breakdown } from "./Breakdown";
import { type Dimension, type UsageScope, useSeries } from "./queries";
import { RecentCalls } from "./RecentCalls";
import { filled, labelOf, type Range } from "./ranges";
import { Totals } from "./Totals";

interface Props {
  scope: UsageScope;
  range: Range;
  /** The dimensions worth splitting by here, most telling first. */
  by: readonly Dimension[];
}

/** The numbers of an API or an app, the same for both sides of it. */
export function UsagePanel({ scope, range, by }: Props) {
  return (
    <Stack gap="md">
      <Totals scope={scope} range={range} />
      <Charts scope={scope} range={range} />
      <Breakdown scope={scope} range={range} by={by} />
      <RecentCalls scope={scope} range={range} />
    </Stack>
  );
}

const QUIET = {
  calls: 0,
  ok: 0,
  client_errors: 0,
  server_errors: 0,
  p50_us: 0,
  p95_us: 0,
  p99_us: 0,
  bytes_out: 0,
};

/** No calls have no latency: a gap, not a zero. */
const NO_LATENCY = { p50_us: null, p95_us: null, p99_us: null };

const OUTCOMES = [
  { name: "ok", label: "OK", color: "teal.6" },
  { name: "client_errors", label: "4xx", color: "yellow.6" },
  { name: "server_errors", label: "5xx", color: "red.6" },
];

const LATENCIES = [
  { name: "p99_us", label: "p99", color: "violet.4" },
  { name: "p95_us", label: "p95", color: "indigo.5" },
  { name: "p50_us", label: "p50", color: "teal.6" },
];

function Charts({ scope, range }: Omit<Props, "by">) {
  const series = useSeries(scope, range);
  return (
    <Loaded query={series} loading={<LoadingCards cards={2} height={280} />}>
      {(data) => {
        const points = filled<SeriesPoint>(range, data.points, (at) => ({ at, ...QUIET })).map(numbers);
        if (points.every((point) => point.calls === 0)) return null; // said once, by the calls below
        const shared = {
          points,
          formatTime: (at: string) => labelOf(range, at),
          note: `per ${range.interval}, ${zone()}`,
        };
        return (
          <SimpleGrid cols={{ base: 1, lg: 2 }}>
            <TimeSeries title="Calls" lines={OUTCOMES} kind="stacked" formatValue={shortCount} {...shared} />
            <TimeSeries title="Latency" lines={LATENCIES} formatValue={duration} {...shared} />
          </SimpleGrid>
        );
      }}
    </Loaded>
  );
}

function numbers(point: SeriesPoint) {
  return { ...point, ...(point.calls === 0 ? NO_LATENCY : {}) };
}
