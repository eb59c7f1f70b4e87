import type { Plan, PlanTerms } from "@/client/types";

/** A plan as the form holds it: one rate limit, one quota, a price in whole and part units. */
export interface PlanDraft {
  name: string;
  description: string;
  requests: number | string;
  seconds: string;
  quota: number | string;
  window: NonNullable<PlanTerms["quota"]>["window"];
  price: number | string;
  currency: string;
  approval: boolean;
  features: string[];
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
};

export const PERIODS = [
  { value: "1", label: "second" },
  { value: "60", label: "minute" },
  { value: "3600", label: "hour" },
];

export function draftOf(plan: Plan): PlanDraft {
  const terms = plan.current_version;
  const limit = terms.rate_limits[0];
  return {
    name: plan.name,
    description: plan.description,
    requests: limit?.requests ?? "",
    seconds: String(limit?.seconds ?? 1),
    quota: terms.quota?.requests ?? "",
    window: terms.quota?.window ?? "day",
    price: terms.price ? terms.price.amount_cents / 100 : "",
    currency: terms.price?.currency ?? "EUR",
    approval: terms.approval,
    features: terms.features,
  };
}

const given = (value: number | string): boolean => value !== "" && Number(value) > 0;

/** The terms as the API takes them; an empty field is no limit, no quota, no price. */
export function termsOf(draft: PlanDraft): PlanTerms {
  return {
    rate_limits: given(draft.requests)
      ? [{ requests: Number(draft.requests), seconds: Number(draft.seconds) }]
      : [],
    quota: given(draft.quota) ? { requests: Number(draft.quota), window: draft.window } : null,
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
