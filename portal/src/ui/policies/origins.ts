import type { EffectivePolicy } from "@/client/types";
import type { Spot } from "./spots";

type Origin = EffectivePolicy["from"];

const NOUNS: Record<string, string> = {
  default: "By default",
  hub: "From the hub",
  team: "From the team",
  api: "From the API",
  version: "From version",
  operation: "From the operation",
  plan: "From the plan",
};

/** Where a policy, or a part of one, comes from, in words. */
export function originOf(origin: Origin, spot: Spot): string {
  if (origin.level === spot.level) return "Set here";
  const words = NOUNS[origin.level] ?? origin.level;
  return origin.name && (origin.level === "version" || origin.level === "team")
    ? `${words} ${origin.name}`
    : words;
}
