import { http, ifMatch } from "@/client/http";
import { asProblem } from "@/client/problem";
import type { Policy } from "@/client/types";

/** A place where policies are attached. */
export type Spot =
  | { level: "api"; apiId: string }
  | { level: "version"; versionId: string }
  | { level: "operation"; versionId: string; operationId: string };

type Config = Record<string, unknown>;

const ofVersion = (spot: Exclude<Spot, { level: "api" }>, kind: string) => ({
  path: { version_id: spot.versionId, kind },
  query: spot.level === "operation" ? { operation_id: spot.operationId } : {},
});

async function get(spot: Spot, kind: string): Promise<Policy | undefined> {
  if (spot.level === "api") {
    const params = { path: { api_id: spot.apiId, kind } };
    return (await http.GET("/api/v1/apis/{api_id}/policies/{kind}", { params })).data;
  }
  const params = ofVersion(spot, kind);
  return (await http.GET("/api/v1/versions/{version_id}/policies/{kind}", { params })).data;
}

/** The policy set at this very place, if there is one. */
export async function readPolicy(spot: Spot, kind: string): Promise<Policy | null> {
  try {
    return (await get(spot, kind)) ?? null;
  } catch (error) {
    if (asProblem(error).status === 404) return null;
    throw error;
  }
}

// A policy that is not there yet has no revision to name; the contract marks the header as required all the same.
const revisionOf = (policy: Policy | null) => (policy ? ifMatch(policy) : ({} as ReturnType<typeof ifMatch>));

export async function writePolicy(
  spot: Spot,
  kind: string,
  policy: Policy | null,
  config: Config,
): Promise<void> {
  const header = revisionOf(policy);
  const body = { config };
  if (spot.level === "api") {
    const params = { path: { api_id: spot.apiId, kind }, header };
    await http.PUT("/api/v1/apis/{api_id}/policies/{kind}", { params, body });
  } else {
    const params = { ...ofVersion(spot, kind), header };
    await http.PUT("/api/v1/versions/{version_id}/policies/{kind}", { params, body });
  }
}

export async function removePolicy(spot: Spot, kind: string, policy: Policy): Promise<void> {
  const header = ifMatch(policy);
  if (spot.level === "api") {
    const params = { path: { api_id: spot.apiId, kind }, header };
    await http.DELETE("/api/v1/apis/{api_id}/policies/{kind}", { params });
  } else {
    const params = { ...ofVersion(spot, kind), header };
    await http.DELETE("/api/v1/versions/{version_id}/policies/{kind}", { params });
  }
}
