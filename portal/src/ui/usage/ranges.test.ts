import { describe, expect, it } from "vitest";
import { filled, rangeOf, windowOf } from "./ranges";

const NOW = Date.parse("2026-03-01T12:00:30Z");

describe("ranges", () => {
  it("falls to a day for anything unknown", () => {
    expect(rangeOf("forever").id).toBe("24h");
  });

  it("moves with the time", () => {
    expect(windowOf(rangeOf("1h"), NOW)).toEqual({
      from: "2026-03-01T11:00:30.000Z",
      to: "2026-03-01T12:00:30.000Z",
    });
  });
});

describe("filled", () => {
  it("has every minute of an hour, quiet ones as zero, the present one last", () => {
    const points = filled(
      rangeOf("1h"),
      [{ at: "2026-03-01T12:00:00Z", calls: 4 }],
      (at) => ({ at, calls: 0 }),
      NOW,
    );
    expect(points).toHaveLength(60);
    expect(points.at(-1)).toEqual({ at: "2026-03-01T12:00:00Z", calls: 4 });
    expect(points[0]).toEqual({ at: "2026-03-01T11:01:00.000Z", calls: 0 });
  });
});
