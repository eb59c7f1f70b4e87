import { describe, expect, it } from "vitest";
import { ProblemError, readProblem } from "@/client/problem";
import type { Plan } from "@/client/types";
import {
  CHECKS,
  draftOf,
  NEW_PLAN,
  NEW_QUOTA,
  NEW_RATE,
  nextQuota,
  nextRate,
  planErrors,
  termsDiffer,
  termsOf,
} from "./terms";

const RATE = { requests: 100, seconds: 60, burst: 0, by: "subscription", claim: "" };
const QUOTA = {
  amount: 5000,
  window: "month",
  unit: "requests",
  header: "",
  rolling: false,
  soft_percent: 0,
  overage: false,
};
const PLAN = planOf({ rate_limits: [RATE], quotas: [QUOTA] });

function planOf(terms: object): Plan {
  const rest = {
    price: { amount_cents: 1990, currency: "EUR", period: "month" },
    approval: true,
    features: ["mail"],
  };
  return { name: "Pro", description: "", current_version: { ...rest, ...terms } } as unknown as Plan;
}

describe("plan terms", () => {
  it("come through the form unchanged, however many limits and quotas there are", () => {
    const full = planOf({
      rate_limits: [
        RATE,
        { requests: 5, seconds: 1, burst: 20, by: "ip", claim: "" },
        { requests: 7, seconds: 90, burst: 0, by: "claim", claim: "tenant" },
      ],
      quotas: [
        QUOTA,
        { ...QUOTA, amount: 5e9, unit: "bytes", window: "day", rolling: true, soft_percent: 80 },
        { ...QUOTA, amount: 9, unit: "header", header: "x-tokens", overage: true },
      ],
    });
    for (const plan of [PLAN, full]) expect(termsOf(draftOf(plan))).toEqual(plan.current_version);
  });

  it("read an empty field as none, not as zero", () => {
    const terms = termsOf({ ...NEW_PLAN, rate_limits: [], quotas: [], price: "" });
    expect(terms).toMatchObject({ rate_limits: [], quotas: [], price: null });
    expect(termsOf({ ...NEW_PLAN, rate_limits: [{ ...NEW_RATE, burst: "" }] }).rate_limits?.[0]?.burst).toBe(
      0,
    );
  });

  it("keep what the form has no fields for", () => {
    const plan = planOf({
      rate_limits: [{ ...RATE, shadow: true }, RATE],
      quotas: [{ ...QUOTA, shared_with: "team" }],
      price: { amount_cents: 100, currency: "EUR", period: "month", tax: "included" },
    });
    const draft = draftOf(plan);
    const [first] = draft.rate_limits;
    const terms = termsOf({ ...draft, price: 2, rate_limits: first ? [{ ...first, requests: 200 }] : [] });
    expect(terms.rate_limits).toEqual([{ ...RATE, requests: 200, shadow: true }]);
    expect(terms.quotas).toEqual([{ ...QUOTA, shared_with: "team" }]);
    expect(terms.price).toEqual({ amount_cents: 200, currency: "EUR", period: "month", tax: "included" });
  });

  it("say a time in its largest whole unit", () => {
    const every = [1, 60, 120, 90, 3600, 86_400].map((seconds) => {
      const draft = draftOf(planOf({ rate_limits: [{ ...RATE, seconds }], quotas: [] })).rate_limits[0];
      return [draft?.every, draft?.unit];
    });
    expect(every).toEqual([
      [1, "1"],
      [1, "60"],
      [2, "60"],
      [90, "1"],
      [1, "3600"],
      [1, "86400"],
    ]);
  });

  it("forget a claim and a header that nothing is counted by any more", () => {
    const rate = { ...NEW_RATE, by: "app" as const, claim: "tenant" };
    const quota = { ...NEW_QUOTA, header: "x-tokens" };
    const terms = termsOf({ ...NEW_PLAN, rate_limits: [rate], quotas: [quota] });
    expect(terms.rate_limits?.[0]).toMatchObject({ by: "app", claim: "" });
    expect(terms.quotas?.[0]?.header).toBe("");
  });

  it("round cents, whatever floating point says", () => {
    expect(termsOf({ ...NEW_PLAN, price: 19.99 }).price?.amount_cents).toBe(1999);
  });

  it("differ by terms, not by words", () => {
    const draft = draftOf(PLAN);
    expect(termsDiffer(PLAN, { ...draft, description: "new words" })).toBe(false);
    expect(termsDiffer(PLAN, { ...draft, quotas: [...draft.quotas, NEW_QUOTA] })).toBe(true);
    expect(termsDiffer(PLAN, { ...draft, rate_limits: [] })).toBe(true);
  });
});

it("begins one more where none is yet", () => {
  expect(nextRate([])).toMatchObject({ every: 1, unit: "1" });
  expect(nextRate([NEW_RATE, { ...NEW_RATE, every: 60 }]).unit).toBe("3600");
  expect(nextQuota([NEW_QUOTA]).window).toBe("month");
  expect(nextQuota([]).window).toBe("day");
});

describe("what is wrong with a plan", () => {
  it("is told before the hub is asked, where it can be", () => {
    const values = {
      ...NEW_PLAN,
      rate_limits: [NEW_RATE, { ...NEW_RATE, by: "claim" as const }],
      quotas: [{ ...NEW_QUOTA, unit: "header" as const }],
    };
    expect(CHECKS.rate_limits.requests("")).not.toBeNull();
    expect(CHECKS.rate_limits.requests(3)).toBeNull();
    expect(CHECKS.rate_limits.claim("", values, "rate_limits.0.claim")).toBeNull();
    expect(CHECKS.rate_limits.claim("", values, "rate_limits.1.claim")).not.toBeNull();
    expect(CHECKS.quotas.header("", values, "quotas.0.header")).not.toBeNull();
  });

  it("stands at the form's own field, for a new plan and for new terms", () => {
    const errors = [
      { pointer: "/body/version/rate_limits/1/seconds", message: "too long" },
      { pointer: "/body/quotas/0/soft_percent", message: "too much" },
      { pointer: "/body/version/price/amount_cents", message: "too dear" },
    ];
    expect(planErrors(new ProblemError(readProblem(422, { errors })))).toEqual({
      "rate_limits.1.every": "too long",
      "quotas.0.soft_percent": "too much",
      price: "too dear",
    });
  });
});
