const BY_OBJECT: Record<string, string[]> = {
  account: ["read", "write"],
  teams: ["read", "write"],
  catalog: ["read", "write"],
  plans: ["write"],
  deployments: ["write"],
  apps: ["read", "write"],
  subscriptions: ["read", "write", "approve"],
  gateways: ["read", "write"],
  analytics: ["read"],
  events: ["read"],
  hub: ["write"],
  users: ["read", "write"],
};

/** What an access token may be allowed to do. */
export const SCOPES = Object.entries(BY_OBJECT).flatMap(([object, verbs]) =>
  verbs.map((verb) => `${object}:${verb}`),
);

export const EXPIRIES = [
  { value: "7", label: "In 7 days" },
  { value: "30", label: "In 30 days" },
  { value: "90", label: "In 90 days" },
  { value: "365", label: "In a year" },
  { value: "", label: "Never" },
];

export function expiresAt(days: string, now: number = Date.now()): string | null {
  return days ? new Date(now + Number(days) * 86_400_000).toISOString() : null;
}
