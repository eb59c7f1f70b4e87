import type { QueryClient } from "@tanstack/react-query";
import { createRootRouteWithContext, redirect } from "@tanstack/react-router";
import { hubQuery, sessionQuery } from "@/client/session";
import { FailedPage, MissingPage } from "./fallbacks";
import { Shell } from "./Shell";

interface Context {
  queryClient: QueryClient;
}

/** Branding and session are there before any page: no page flickers from one name or one menu to another. */
export const rootRoute = createRootRouteWithContext<Context>()({
  beforeLoad: async ({ context }) => {
    const [session] = await Promise.all([
      context.queryClient.ensureQueryData(sessionQuery),
      context.queryClient.ensureQueryData(hubQuery),
    ]);
    return { session };
  },
  component: Shell,
  notFoundComponent: MissingPage,
  errorComponent: FailedPage,
});

interface Guarded {
  context: { session: { must_set_password: boolean; hub_role: string } | null };
  location: { href: string };
}

/** For `beforeLoad` of whatever needs a person: to the sign-in page and back. */
export function signedIn({ context, location }: Guarded): void {
  if (!context.session) throw redirect({ to: "/login", search: { next: location.href } });
  if (context.session.must_set_password) throw redirect({ to: "/login", search: { next: location.href } });
}
