import { http, ifMatch } from "@/client/http";
import { asProblem } from "@/client/problem";
import type { ChangePlan, EffectivePolicy, Policy, PolicyDraft } from "@/client/types";

/** A place where policies are attached. */
export type Spot =
  | { level: "hub" }
  | { level: "team"; id: string }
  | { level: "api"; id: string }
  | { level: "version"; id: string }
  | { level: "operation"; id: string; versionId: string }
  | { level: "plan"; id: string };

export type Config = Record<string, unknown>;

/** Only the two widest places can forbid nearer ones to say something else. */
export const canLock = (spot: Spot): boolean => spot.level === "hub" || spot.level === "team";

// The contract has one path per level; these are the same four verbs on each of them.
const LIST = {
  hub: "/api/v1/hub/policies",
  team: "/api/v1/teams/{team_id}/policies",
  api: "/api/v1/apis/{api_id}/policies",
  version: "/api/v1/versions/{version_id}/policies",
  operation: "/api/v1/versions/{version_id}/policies",
  plan: "/api/v1/plans/{plan_id}/policies",
} as const;
const ONE = {
  hub: "/api/v1/hub/policies/{kind}",
  team: "/api/v1/teams/{team_id}/policies/{kind}",
  api: "/api/v1/apis/{api_id}/policies/{kind}",
  version: "/api/v1/versions/{version_id}/policies/{kind}",
  operation: "/api/v1/versions/{version_id}/policies/{kind}",
  plan: "/api/v1/plans/{plan_id}/policies/{kind}",
} as const;

const PLAN = {
  hub: "/api/v1/hub/policies/{kind}/plan",
  team: "/api/v1/teams/{team_id}/policies/{kind}/plan",
  api: "/api/v1/apis/{api_id}/policies/{kind}/plan",
  version: "/api/v1/versions/{version_id}/policies/{kind}/plan",
  operation: "/api/v1/versions/{version_id}/policies/{kind}/plan",
  plan: "/api/v1/plans/{plan_id}/policies/{kind}/plan",
} as const;

function placeOf(spot: Spot): { path: Record<string, string>; query: Record<string, string> } {
  switch (spot.level) {
    case "hub":
      return { path: {}, query: {} };
    case "operation":
      return { path: { version_id: spot.versionId }, query: { operation_id: spot.id } };
    default:
      return { path: { [`${spot.level}_id`]: spot.id }, query: {} };
  }
}

/** Typed for one of the levels; all of them take and answer the same. */
const listAt = (spot: Spot) =>
  http.GET(LIST[spot.level] as (typeof LIST)["version"], { params: placeOf(spot) as never });

const target = (spot: Spot, kind: string, revision: number | undefined) => {
  const { path, query } = placeOf(spot);
  const header = revision === undefined ? {} : ifMatch({ revision });
  return { params: { path: { ...path, kind }, query, header } as never };
};

/** What is set at this very place. */
export async function policiesAt(spot: Spot): Promise<Policy[]> {
  return (await listAt(spot)).data?.items ?? [];
}

/** The policy of one kind set at this very place, if there is one. */
export async function readPolicy(spot: Spot, kind: string): Promise<Policy | null> {
  try {
    const found = await http.GET(ONE[spot.level] as (typeof ONE)["version"], target(spot, kind, undefined));
    return found.data ?? null;
  } catch (error) {
    if (asProblem(error).status === 404) return null;
    throw error;
  }
}

export interface Wanted {
  config: Config;
  locked: boolean;
}

/** What setting it, or taking it away, would touch. Nothing is written. */
export async function planPolicy(spot: Spot, kind: string, wanted: Wanted | "remove"): Promise<ChangePlan> {
  const path = PLAN[spot.level] as (typeof PLAN)["version"];
  const body = wanted === "remove" ? { remove: true } : wanted;
  const { data } = await http.POST(path, { ...target(spot, kind, undefined), body: body as PolicyDraft });
  if (!data) throw new Error("The hub answered without a body.");
  return data;
}

export async function writePolicy(
  spot: Spot,
  kind: string,
  before: Policy | null,
  wanted: Wanted,
): Promise<void> {
  const path = ONE[spot.level] as (typeof ONE)["version"];
  await http.PUT(path, { ...target(spot, kind, before?.revision), body: wanted });
}

export async function removePolicy(spot: Spot, kind: string, before: Policy): Promise<void> {
  const path = ONE[spot.level] as (typeof ONE)["version"];
  await http.DELETE(path, target(spot, kind, before.revision));
}

const asSet = (policy: Policy): EffectivePolicy => ({
  kind: policy.kind,
  config: policy.config,
  locked: policy.locked ?? false,
  origins: [],
  from: { level: policy.target.level, id: policy.target.id, name: "" },
});

/** What holds at a place in the end. At hub, team and plan that is what is set there: nothing is resolved for them. */
export async function effectiveAt(spot: Spot): Promise<EffectivePolicy[]> {
  switch (spot.level) {
    case "hub":
    case "team":
    case "plan":
      return (await policiesAt(spot)).map(asSet);
    case "api": {
      const params = { path: { api_id: spot.id } };
      return (await http.GET("/api/v1/apis/{api_id}/effective-policies", { params })).data?.items ?? [];
    }
    case "version":
    case "operation": {
      const params = placeOf(spot) as { path: { version_id: string }; query: { operation_id?: string } };
      return (
        (await http.GET("/api/v1/versions/{version_id}/effective-policies", { params })).data?.items ?? []
      );
    }
  }
}
