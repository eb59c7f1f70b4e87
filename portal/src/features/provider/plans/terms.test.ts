import { describe, expect, it } from "vitest";
import type { Plan } from "@/client/types";
import { draftOf, NEW_PLAN, termsDiffer, termsOf } from "./terms";

const PLAN = {
  name: "Pro",
  description: "",
  current_version: {
    rate_limits: [{ requests: 100, seconds: 60 }],
    quotas: [{ amount: 5000, window: "month" }],
    price: { amount_cents: 1990, currency: "EUR", period: "month" },
    approval: true,
    features: ["mail"],
  },
} as unknown as Plan;

describe("plan terms", () => {
  it("come through the form unchanged", () => {
    expect(termsOf(draftOf(PLAN))).toEqual(PLAN.current_version);
  });

  it("read an empty field as none, not as zero", () => {
    const terms = termsOf({ ...NEW_PLAN, requests: "", quota: "", price: "" });
    expect(terms).toMatchObject({ rate_limits: [], quotas: [], price: null });
  });

  it("keep what the form has no fields for", () => {
    const current_version = {
      ...PLAN.current_version,
      rate_limits: [
        { requests: 100, seconds: 60, burst: 10, by: "app" },
        { requests: 5, seconds: 1, by: "ip" },
      ],
      quotas: [
        { amount: 1, window: "day" },
        { amount: 9, window: "month", unit: "bytes", overage: true },
      ],
    };
    const terms = termsOf({ ...draftOf({ ...PLAN, current_version } as Plan), requests: 200, quota: 2 });
    expect(terms.rate_limits).toEqual([
      { requests: 200, seconds: 60, burst: 10, by: "app" },
      { requests: 5, seconds: 1, by: "ip" },
    ]);
    expect(terms.quotas).toEqual([{ amount: 2, window: "day" }, current_version.quotas[1]]);
  });

  it("round cents, whatever floating point says", () => {
    expect(termsOf({ ...NEW_PLAN, price: 19.99 }).price?.amount_cents).toBe(1999);
  });

  it("differ by terms, not by words", () => {
    expect(termsDiffer(PLAN, { ...draftOf(PLAN), description: "new words" })).toBe(false);
    expect(termsDiffer(PLAN, { ...draftOf(PLAN), quota: 6000 })).toBe(true);
  });
});
