import { queryOptions, useQuery, useSuspenseQuery } from "@tanstack/react-query";
import { forgetKeys } from "@/lib/keyring";
import { http, keepCsrfToken } from "./http";
import { asProblem } from "./problem";
import { queryClient } from "./query";
import type { Hub, Session } from "./types";

/** The hub leaves a readable cookie beside that of the session: who has none is a visitor, and nothing need be asked. */
const mayBeSignedIn = (): boolean => /(^|; )signed_in=1/.test(document.cookie);

async function readSession(): Promise<Session | null> {
  if (!mayBeSignedIn()) return keepSession(null);
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

/** Whether the reader runs the hub; auditors see most of that and change nothing. */
export const useAdministrator = (): boolean => useSession()?.hub_role === "administrator";

/** The branding of this hub. Loaded before any page is shown. */
export function useHub(): Hub {
  return useSuspenseQuery(hubQuery).data;
}

/** What was answered to somebody else goes; what is on the page is asked for anew. */
async function handOver(session: Session | null): Promise<void> {
  queryClient.setQueryData(sessionQuery.queryKey, keepSession(session));
  await Promise.all([
    queryClient.resetQueries({
      predicate: ({ queryKey }) => queryKey[0] !== "session" && queryKey[0] !== "hub",
    }),
    // Its name and colours stay on the page; what one may do with it differs.
    queryClient.invalidateQueries({ queryKey: hubQuery.queryKey }),
  ]);
}

/** After signing in: the answer is the session. */
export async function startSession(session: Session): Promise<void> {
  await handOver(session);
}

export async function endSession(): Promise<void> {
  await http.DELETE("/api/v1/session");
  forgetKeys();
  await handOver(null);
}

/** Owners the session may create things for: the person, then each team. */
export function ownersOf(session: Session | null): { value: string; label: string }[] {
  if (!session) return [];
  return [
    { value: session.user.id, label: `${session.user.name} (you)` },
    ...session.memberships.map((team) => ({ value: team.team_id, label: team.team_name })),
  ];
}
