import type { Plan, PlanTerms } from "@/client/types";

type RateLimit = NonNullable<PlanTerms["rate_limits"]>[number];
type Quota = NonNullable<PlanTerms["quotas"]>[number];

/** A plan as the form holds it: one rate limit, one quota, a price in whole and part units. */
export interface PlanDraft {
  name: string;
  description: string;
  requests: number | string;
  seconds: string;
  quota: number | string;
  window: Quota["window"];
  price: number | string;
  currency: string;
  approval: boolean;
  features: string[];
  /** What the form has no fields for: a version of the terms that is made by it keeps them. */
  kept: { rate: Partial<RateLimit>; rates: RateLimit[]; quotas: Quota[] };
}

export const NEW_PLAN: PlanDraft = {
  name: "",
  description: "",
  requests: 10,
  seconds: "1",
  quota: 1000,
  window: "day",
  price: "",
  currency: "EUR",
  approval: false,
  features: [],
  kept: { rate: {}, rates: [], quotas: [] },
};

export const PERIODS = [
  { value: "1", label: "second" },
  { value: "60", label: "minute" },
  { value: "3600", label: "hour" },
];

export function draftOf(plan: Plan): PlanDraft {
  const terms = plan.current_version;
  const [limit, ...rates] = terms.rate_limits;
  const plain = terms.quotas.find(isPlain);
  return {
    name: plan.name,
    description: plan.description,
    requests: limit?.requests ?? "",
    seconds: String(limit?.seconds ?? 1),
    quota: plain?.amount ?? "",
    window: plain?.window ?? "day",
    price: terms.price ? terms.price.amount_cents / 100 : "",
    currency: terms.price?.currency ?? "EUR",
    approval: terms.approval,
    features: terms.features,
    kept: { rate: limit ?? {}, rates, quotas: terms.quotas.filter((one) => one !== plain) },
  };
}

/** Calls by the calendar, nothing else: what the form's two fields say. */
const isPlain = (one: Quota): boolean =>
  (one.unit ?? "requests") === "requests" && !one.rolling && !one.overage && !one.soft_percent;

/** What is kept though the form does not show it. */
export const keptOf = ({ kept }: PlanDraft): (RateLimit | Quota)[] => [...kept.rates, ...kept.quotas];

const given = (value: number | string): boolean => value !== "" && Number(value) > 0;

/** The terms as the API takes them; an empty field is no limit, no quota, no price. */
export function termsOf(draft: PlanDraft): PlanTerms {
  return {
    rate_limits: [
      ...(given(draft.requests)
        ? [{ ...draft.kept.rate, requests: Number(draft.requests), seconds: Number(draft.seconds) }]
        : []),
      ...draft.kept.rates,
    ],
    quotas: [
      ...(given(draft.quota) ? [{ amount: Number(draft.quota), window: draft.window }] : []),
      ...draft.kept.quotas,
    ],
    price: given(draft.price)
      ? { amount_cents: Math.round(Number(draft.price) * 100), currency: draft.currency, period: "month" }
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
