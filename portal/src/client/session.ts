import { queryOptions, useQuery, useSuspenseQuery } from "@tanstack/react-query";
import { http, keepCsrfToken } from "./http";
import { asProblem } from "./problem";
import { queryClient } from "./query";
import type { Hub, Session } from "./types";

async function readSession(): Promise<Session | null> {
  try {
    const { data } = await http.GET("/api/v1/session");
    return keepSession(data ?? null);
  } catch (error) {
    if (asProblem(error).status === 401) return keepSession(null);
    throw error;
  }
}

function keepSession(session: Session | null): Session | null {
  keepCsrfToken(session?.csrf_token ?? "");
  return session;
}

export const sessionQuery = queryOptions({
  queryKey: ["session"],
  queryFn: readSession,
  staleTime: 5 * 60_000,
});

export const hubQuery = queryOptions({
  queryKey: ["hub"],
  queryFn: async () => {
    const { data } = await http.GET("/api/v1/hub");
    if (!data) throw new Error("The hub answered without a body.");
    return data;
  },
  staleTime: 5 * 60_000,
});

/** Who is signed in; null for a visitor. Loaded before any page is shown. */
export function useSession(): Session | null {
  return useQuery(sessionQuery).data ?? null;
}

/** The branding of this hub. Loaded before any page is shown. */
export function useHub(): Hub {
  return useSuspenseQuery(hubQuery).data;
}

/** After signing in: the answer is the session, and nothing cached for a visitor stays. */
export function startSession(session: Session): void {
  queryClient.clear();
  queryClient.setQueryData(sessionQuery.queryKey, keepSession(session));
}

export async function endSession(): Promise<void> {
  await http.DELETE("/api/v1/session");
  keepSession(null);
  queryClient.clear();
  queryClient.setQueryData(sessionQuery.queryKey, null);
}

/** Owners the session may create things for: the person, then each team. */
export function ownersOf(session: Session | null): { value: string; label: string }[] {
  if (!session) return [];
  return [
    { value: session.user.id, label: `${session.user.name} (you)` },
    ...session.memberships.map((team) => ({ value: team.team_id, label: team.team_name })),
  ];
}
