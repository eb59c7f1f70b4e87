import { createRouter } from "@tanstack/react-router";
import { queryClient } from "@/client/query";
import { adminRoutes } from "./admin";
import { consumerRoutes } from "./consumer";
import { FailedPage, MissingPage, PendingPage } from "./fallbacks";
import { rootRoute } from "./root";
import { sessionRoutes } from "./session";
import { studioRoutes } from "./studio";

export const router = createRouter({
  routeTree: rootRoute.addChildren([...consumerRoutes, ...sessionRoutes, studioRoutes, adminRoutes]),
  context: { queryClient },
  defaultPreload: "intent",
  defaultPreloadStaleTime: 0,
  scrollRestoration: true,
  defaultPendingComponent: PendingPage,
  defaultNotFoundComponent: MissingPage,
  defaultErrorComponent: FailedPage,
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
