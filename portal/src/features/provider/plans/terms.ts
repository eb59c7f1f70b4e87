import { formErrors } from "@/client/problem";
import type { Plan, PlanTerms } from "@/client/types";

type RateLimit = NonNullable<PlanTerms["rate_limits"]>[number];
type Quota = NonNullable<PlanTerms["quotas"]>[number];

/** What a number field holds: a number, or what is typed so far. */
type Typed = number | string;

/** So many requests per so many units of time; `held` is the limit as it came, with whatever the form has no field for. */
export interface RateDraft {
  requests: Typed;
  every: Typed;
  unit: string;
  burst: Typed;
  by: NonNullable<RateLimit["by"]>;
  claim: string;
  held: Partial<RateLimit>;
}

export interface QuotaDraft {
  amount: Typed;
  unit: NonNullable<Quota["unit"]>;
  header: string;
  window: Quota["window"];
  rolling: boolean;
  soft_percent: Typed;
  overage: boolean;
  held: Partial<Quota>;
}

/** A plan as the form holds it: all its limits and quotas, a price in whole and part units. */
export interface PlanDraft {
  name: string;
  description: string;
  rate_limits: RateDraft[];
  quotas: QuotaDraft[];
  price: Typed;
  currency: string;
  approval: boolean;
  features: string[];
  /** As it came: a price is kept by the month, whatever else may stand in it. */
  held: Partial<NonNullable<PlanTerms["price"]>>;
}

/** As many of each as the API takes. */
export const MOST = 5;

export const UNITS = [
  { value: "1", label: "seconds" },
  { value: "60", label: "minutes" },
  { value: "3600", label: "hours" },
  { value: "86400", label: "days" },
];

/** The most asked for first. */
export const WINDOWS: Quota["window"][] = ["day", "month", "hour", "week"];

export const NEW_RATE: RateDraft = {
  requests: 10,
  every: 1,
  unit: "1",
  burst: "",
  by: "subscription",
  claim: "",
  held: {},
};

export const NEW_QUOTA: QuotaDraft = {
  amount: 1000,
  unit: "requests",
  header: "",
  window: "day",
  rolling: false,
  soft_percent: "",
  overage: false,
  held: {},
};

export const NEW_PLAN: PlanDraft = {
  name: "",
  description: "",
  rate_limits: [NEW_RATE],
  quotas: [NEW_QUOTA],
  price: "",
  currency: "EUR",
  approval: false,
  features: [],
  held: {},
};

/** One more limit, for the first time that has none yet: two for the same time cannot hold together. */
export function nextRate(rates: readonly RateDraft[]): RateDraft {
  const taken = new Set(rates.map((one) => Number(one.every) * Number(one.unit)));
  const free = UNITS.find((one) => !taken.has(Number(one.value)));
  return { ...NEW_RATE, unit: free?.value ?? NEW_RATE.unit };
}

/** The same of quotas. */
export function nextQuota(quotas: readonly QuotaDraft[]): QuotaDraft {
  const free = WINDOWS.find((window) => !quotas.some((one) => one.window === window));
  return { ...NEW_QUOTA, window: free ?? NEW_QUOTA.window };
}

/** 120 seconds are 2 minutes, 90 stay seconds. */
function rateDraft(held: RateLimit): RateDraft {
  const sizes = UNITS.map((one) => Number(one.value)).reverse();
  const size = sizes.find((one) => held.seconds % one === 0) ?? 1;
  return {
    requests: held.requests,
    every: held.seconds / size,
    unit: String(size),
    burst: held.burst || "",
    by: held.by ?? NEW_RATE.by,
    claim: held.claim ?? "",
    held,
  };
}

const quotaDraft = (held: Quota): QuotaDraft => ({
  amount: held.amount,
  unit: held.unit ?? NEW_QUOTA.unit,
  header: held.header ?? "",
  window: held.window,
  rolling: held.rolling ?? false,
  soft_percent: held.soft_percent || "",
  overage: held.overage ?? false,
  held,
});

export function draftOf(plan: Plan): PlanDraft {
  const terms = plan.current_version;
  return {
    name: plan.name,
    description: plan.description,
    rate_limits: terms.rate_limits.map(rateDraft),
    quotas: terms.quotas.map(quotaDraft),
    price: terms.price ? terms.price.amount_cents / 100 : "",
    currency: terms.price?.currency ?? NEW_PLAN.currency,
    approval: terms.approval,
    features: terms.features,
    held: terms.price ?? {},
  };
}

const given = (value: Typed): boolean => value !== "" && Number(value) > 0;

const rateOf = ({ requests, every, unit, burst, by, claim, held }: RateDraft): RateLimit => ({
  ...held,
  requests: Number(requests),
  seconds: Number(every) * Number(unit),
  burst: Number(burst),
  by,
  claim: by === "claim" ? claim.trim() : "",
});

const quotaOf = ({
  amount,
  unit,
  header,
  window,
  rolling,
  soft_percent,
  overage,
  held,
}: QuotaDraft): Quota => ({
  ...held,
  amount: Number(amount),
  window,
  unit,
  header: unit === "header" ? header.trim() : "",
  rolling,
  soft_percent: Number(soft_percent),
  overage,
});

/** The terms as the API takes them; an empty price is none. */
export function termsOf(draft: PlanDraft): PlanTerms {
  return {
    rate_limits: draft.rate_limits.map(rateOf),
    quotas: draft.quotas.map(quotaOf),
    price: given(draft.price)
      ? {
          period: "month",
          ...draft.held,
          amount_cents: Math.round(Number(draft.price) * 100),
          currency: draft.currency,
        }
      : null,
    approval: draft.approval,
    features: draft.features,
  };
}

/** Whether saving needs new terms (existing subscriptions keep theirs) or only touches the words. */
export function termsDiffer(plan: Plan, draft: PlanDraft): boolean {
  const before = JSON.stringify(termsOf(draftOf(plan)));
  return before !== JSON.stringify(termsOf(draft));
}

const LEAST = (said: string) => (value: Typed) => (given(value) ? null : said);

/** What can be told before the hub is asked, by the form's own fields. */
export const CHECKS = {
  name: (name: string) => (name.trim() ? null : "A plan needs a name, such as Free"),
  rate_limits: {
    requests: LEAST("How many?"),
    every: LEAST("In which time?"),
    claim: (claim: string, { rate_limits }: PlanDraft, path: string) =>
      rowAt(rate_limits, path)?.by === "claim" && !claim.trim() ? "Which claim?" : null,
  },
  quotas: {
    amount: LEAST("How much?"),
    header: (header: string, { quotas }: PlanDraft, path: string) =>
      rowAt(quotas, path)?.unit === "header" && !header.trim() ? "Which header?" : null,
  },
};

/** The row that a form's path is about: `quotas.1.header`. */
const rowAt = <Row>(rows: Row[], path: string): Row | undefined => rows[Number(path.split(".")[1])];

/** The hub speaks of terms inside a plan or alone, of seconds and of cents; the form has its own fields for them. */
export function planErrors(error: unknown): Record<string, string> {
  const said = Object.entries(formErrors(error)).map(([path, message]) => [
    path
      .replace(/^version\./, "")
      .replace(/^(rate_limits\.\d+\.)seconds$/, "$1every")
      .replace(/^price\.currency$/, "currency")
      .replace(/^price\..*$/, "price"),
    message,
  ]);
  return Object.fromEntries(said);
}
