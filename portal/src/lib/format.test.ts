import { describe, expect, it } from "vitest";
import {
  ago,
  bytes,
  dateTime,
  duration,
  formatName,
  listed,
  milliseconds,
  price,
  rate,
  span,
  time,
  words,
  zone,
} from "./format";

describe("format", () => {
  it("says durations in the unit that fits", () => {
    expect(duration(640)).toBe("640 µs");
    expect(duration(12_440)).toBe("12.4 ms");
    expect(duration(340_000)).toBe("340 ms");
    expect(duration(1_250_000)).toBe("1.25 s");
    expect(duration(null)).toBe("–");
    expect(milliseconds(180)).toBe("180 ms");
    expect(milliseconds(1_874)).toBe("1.87 s");
    expect(milliseconds(null)).toBe("–");
  });

  it("says sizes", () => {
    expect(bytes(0)).toBe("0 B");
    expect(bytes(1_500)).toBe("1.5 kB");
    expect(bytes(20_000_000)).toBe("20 MB");
  });

  it("says limits as a sentence", () => {
    expect(span(60)).toBe("minute");
    expect(span(7_200)).toBe("2 hours");
    expect(span(90)).toBe("90 seconds");
    expect(rate({ requests: 1, seconds: 1 })).toBe("1 request per second");
  });

  it("says prices", () => {
    expect(price(null)).toEqual({ amount: "Free", per: "" });
    expect(price({ amount_cents: 4_900, currency: "EUR", period: "month" }).amount).toContain("49");
  });

  it("says how long ago", () => {
    const now = Date.parse("2026-01-02T00:00:00Z");
    expect(ago("2026-01-01T23:59:58Z", now)).toBe("just now");
    expect(ago("2026-01-01T23:57:00Z", now)).toBe("3 minutes ago");
    expect(ago("2026-01-04T00:00:00Z", now)).toBe("in 2 days");
  });

  it("names the zone of a moment, and the day of a time that is not today's", () => {
    const at = "2026-01-02T09:30:15Z";
    expect(zone()).not.toBe("");
    expect(dateTime(at)).toContain(zone());
    expect(time(at, new Date(at))).not.toMatch(/Jan/);
    expect(time(at, new Date("2026-01-05T09:30:15Z"))).toMatch(/Jan/);
  });

  it("says the formats of definitions by their own names", () => {
    expect(formatName("openapi-3.1")).toBe("OpenAPI 3.1");
    expect(formatName("swagger-2.0")).toBe("Swagger 2.0");
    expect(formatName("other")).toBe("other");
  });

  it("lists names, and counts those that are too many", () => {
    expect(listed([])).toBe("");
    expect(listed(["A"])).toBe("A");
    expect(listed(["A", "B", "C", "D"])).toBe("A, B, C and D");
    expect(listed(["A", "B", "C", "D", "E"])).toBe("A, B, C and 2 more");
  });

  it("turns codes into words", () => {
    expect(words("rate_limited")).toBe("Rate limited");
  });
});
