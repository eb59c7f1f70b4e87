import { count, duration, plural, share, shortCount } from "@/lib/format";
import { Loaded } from "../Loaded";
import { LoadingCards } from "../Loading";
import { Stats } from "../Stat";
import { type UsageScope, useSummary } from "./queries";
import type { Range } from "./ranges";

const NONE = { calls: 0, refused: 0, errors_4xx: 0, errors_5xx: 0, p50_us: 0, p95_us: 0, p99_us: 0 };

/** The five numbers one looks at first, with what they were before. */
export function Totals({ scope, range }: { scope: UsageScope; range: Range }) {
  return (
    <Loaded query={useSummary(scope, range)} loading={<LoadingCards cards={3} height={92} />}>
      {(given) => {
        const now = { ...NONE, ...given };
        return (
          <Stats
            items={[
              { label: "Calls", value: shortCount(now.calls), note: change(now.calls, now.previous?.calls) },
              { label: "Refused", value: shortCount(now.refused), note: "no key, no access or over a limit" },
              {
                label: "Client errors",
                value: rate(now.errors_4xx, now.calls),
                note: `${plural(now.errors_4xx, "answer")} 4xx`,
              },
              {
                label: "Server errors",
                value: rate(now.errors_5xx, now.calls),
                note: `${plural(now.errors_5xx, "answer")} 5xx`,
              },
              {
                label: "Latency p95",
                value: now.calls ? duration(now.p95_us) : "–",
                note: now.calls
                  ? `p50 ${duration(now.p50_us)} · p99 ${duration(now.p99_us)}`
                  : "no call to measure",
              },
            ]}
          />
        );
      }}
    </Loaded>
  );
}

function rate(part: number, whole: number): string {
  return whole === 0 ? "–" : share(part / whole);
}

function change(now: number, before: number | undefined): string {
  if (!before) return "none in the time before";
  if (now > before * 10) return `${count(before)} in the time before`;
  const ratio = now / before - 1;
  return `${ratio >= 0 ? "+" : "−"}${share(Math.abs(ratio))} against the time before`;
}
