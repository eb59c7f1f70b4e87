import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { optionalText } from "@/lib/search";
import { rootRoute, signedIn } from "./root";

const home = createRoute({
  getParentRoute: () => rootRoute,
  path: "/",
  component: lazyRouteComponent(() => import("@/features/consumer/home/HomePage"), "HomePage"),
});

export interface CatalogSearch {
  q?: string;
  category?: string;
  tag?: string;
  kind?: string;
  team?: string;
  lifecycle?: string;
}

const catalog = createRoute({
  getParentRoute: () => rootRoute,
  path: "/apis",
  validateSearch: (search: Record<string, unknown>): CatalogSearch =>
    optionalText(search, ["q", "category", "tag", "kind", "team", "lifecycle"]),
  component: lazyRouteComponent(() => import("@/features/consumer/catalog/CatalogPage"), "CatalogPage"),
});

const api = createRoute({
  getParentRoute: () => rootRoute,
  path: "/apis/$slug",
  validateSearch: (search: Record<string, unknown>): { version?: string } =>
    optionalText(search, ["version"]),
  component: lazyRouteComponent(() => import("@/features/consumer/api/ApiPage"), "ApiPage"),
});

const overview = createRoute({
  getParentRoute: () => api,
  path: "/",
  component: lazyRouteComponent(() => import("@/features/consumer/api/OverviewTab"), "OverviewTab"),
});

const reference = createRoute({
  getParentRoute: () => api,
  path: "/reference",
  component: lazyRouteComponent(() => import("@/features/consumer/api/ReferenceTab"), "ReferenceTab"),
});

const plans = createRoute({
  getParentRoute: () => api,
  path: "/plans",
  component: lazyRouteComponent(() => import("@/features/consumer/api/PlansTab"), "PlansTab"),
});

const apps = createRoute({
  getParentRoute: () => rootRoute,
  path: "/apps",
  beforeLoad: signedIn,
  component: lazyRouteComponent(() => import("@/features/consumer/apps/AppsPage"), "AppsPage"),
});

const app = createRoute({
  getParentRoute: () => rootRoute,
  path: "/apps/$appId",
  beforeLoad: signedIn,
  component: lazyRouteComponent(() => import("@/features/consumer/apps/AppPage"), "AppPage"),
});

const subscription = createRoute({
  getParentRoute: () => rootRoute,
  path: "/subscriptions/$subscriptionId",
  beforeLoad: signedIn,
  component: lazyRouteComponent(() => import("@/ui/subscriptions/SubscriptionPage"), "ConsumerSubscription"),
});

const decisions = createRoute({
  getParentRoute: () => rootRoute,
  path: "/decisions",
  beforeLoad: signedIn,
  component: lazyRouteComponent(() => import("@/ui/decisions/DecisionsPage"), "DecisionsPage"),
});

const decision = createRoute({
  getParentRoute: () => rootRoute,
  path: "/decisions/$decisionId",
  beforeLoad: signedIn,
  component: lazyRouteComponent(() => import("@/ui/decisions/DecisionPage"), "DecisionPage"),
});

export interface UsageSearch {
  range?: string;
  app?: string;
  api?: string;
}

const usage = createRoute({
  getParentRoute: () => rootRoute,
  path: "/usage",
  beforeLoad: signedIn,
  validateSearch: (search: Record<string, unknown>): UsageSearch =>
    optionalText(search, ["range", "app", "api"]),
  component: lazyRouteComponent(() => import("@/features/consumer/usage/UsagePage"), "UsagePage"),
});

export const consumerRoutes = [
  home,
  catalog,
  api.addChildren([overview, reference, plans]),
  apps,
  app,
  subscription,
  decisions,
  decision,
  usage,
] as const;
