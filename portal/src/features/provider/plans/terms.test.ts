import { describe, expect, it } from "vitest";
import type { Plan } from "@/client/types";
import { draftOf, NEW_PLAN, termsDiffer, termsOf } from "./terms";

const PLAN = {
  name: "Pro",
  description: "",
  current_version: {
    rate_limits: [{ requests: 100, seconds: 60 }],
    quota: { requests: 5000, window: "month" },
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
    expect(terms).toMatchObject({ rate_limits: [], quota: null, price: null });
  });

  it("round cents, whatever floating point says", () => {
    expect(termsOf({ ...NEW_PLAN, price: 19.99 }).price?.amount_cents).toBe(1999);
  });

  it("differ by terms, not by words", () => {
    expect(termsDiffer(PLAN, { ...draftOf(PLAN), description: "new words" })).toBe(false);
    expect(termsDiffer(PLAN, { ...draftOf(PLAN), quota: 6000 })).toBe(true);
  });
});
