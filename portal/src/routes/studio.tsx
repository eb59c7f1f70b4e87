import {
  IconApi,
  IconInbox,
  IconRosetteDiscountCheck,
  IconUpload,
  IconUsersGroup,
} from "@tabler/icons-react";
import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { optionalText } from "@/lib/search";
import { rootRoute, signedIn } from "./root";
import { SideLayout, type SidePlace } from "./SideLayout";

const PLACES: SidePlace[] = [
  { to: "/studio", label: "Your APIs", icon: IconApi, exact: true, holds: "/studio/apis/" },
  { to: "/studio/import", label: "Import", icon: IconUpload },
  { to: "/studio/approvals", label: "Approvals", icon: IconInbox },
  { to: "/studio/teams", label: "Teams", icon: IconUsersGroup },
  { to: "/studio/issuers", label: "Issuers", icon: IconRosetteDiscountCheck },
];

const studio = createRoute({
  getParentRoute: () => rootRoute,
  path: "/studio",
  beforeLoad: signedIn,
  component: () => <SideLayout title="Studio" places={PLACES} />,
});

const index = createRoute({
  getParentRoute: () => studio,
  path: "/",
  component: lazyRouteComponent(() => import("@/features/provider/apis/StudioPage"), "StudioPage"),
});

const imports = createRoute({
  getParentRoute: () => studio,
  path: "/import",
  component: lazyRouteComponent(() => import("@/features/provider/imports/ImportPage"), "ImportPage"),
});

const approvals = createRoute({
  getParentRoute: () => studio,
  path: "/approvals",
  component: lazyRouteComponent(() => import("@/ui/subscriptions/ApprovalsPage"), "ApprovalsPage"),
});

const teams = createRoute({
  getParentRoute: () => studio,
  path: "/teams",
  component: lazyRouteComponent(() => import("@/features/provider/teams/TeamsPage"), "TeamsPage"),
});

const team = createRoute({
  getParentRoute: () => studio,
  path: "/teams/$teamId",
  component: lazyRouteComponent(() => import("@/ui/teams/TeamPage"), "StudioTeam"),
});

const issuers = createRoute({
  getParentRoute: () => studio,
  path: "/issuers",
  component: lazyRouteComponent(() => import("@/ui/issuers/IssuersPage"), "IssuersPage"),
});

const subscription = createRoute({
  getParentRoute: () => studio,
  path: "/subscriptions/$subscriptionId",
  component: lazyRouteComponent(() => import("@/ui/subscriptions/SubscriptionPage"), "ProviderSubscription"),
});

const api = createRoute({
  getParentRoute: () => studio,
  path: "/apis/$slug",
  component: lazyRouteComponent(() => import("@/features/provider/apis/StudioApiPage"), "StudioApiPage"),
});

const details = createRoute({
  getParentRoute: () => api,
  path: "/",
  component: lazyRouteComponent(() => import("@/features/provider/apis/DetailsTab"), "DetailsTab"),
});

const versions = createRoute({
  getParentRoute: () => api,
  path: "/versions",
  component: lazyRouteComponent(() => import("@/features/provider/versions/VersionsTab"), "VersionsTab"),
});

const operation = createRoute({
  getParentRoute: () => api,
  path: "/versions/$versionId/operations/$operationId",
  component: lazyRouteComponent(
    () => import("@/features/provider/operations/OperationPage"),
    "OperationPage",
  ),
});

const plans = createRoute({
  getParentRoute: () => api,
  path: "/plans",
  component: lazyRouteComponent(() => import("@/features/provider/plans/PlansTab"), "PlansTab"),
});

const plan = createRoute({
  getParentRoute: () => api,
  path: "/plans/$planId",
  component: lazyRouteComponent(() => import("@/features/provider/plans/PlanPage"), "PlanPage"),
});

const policies = createRoute({
  getParentRoute: () => api,
  path: "/policies",
  component: lazyRouteComponent(() => import("@/features/provider/policies/PoliciesTab"), "PoliciesTab"),
});

const publish = createRoute({
  getParentRoute: () => api,
  path: "/publish",
  component: lazyRouteComponent(() => import("@/features/provider/publish/PublishTab"), "PublishTab"),
});

const subscribers = createRoute({
  getParentRoute: () => api,
  path: "/subscribers",
  component: lazyRouteComponent(
    () => import("@/features/provider/subscribers/SubscribersTab"),
    "SubscribersTab",
  ),
});

const usage = createRoute({
  getParentRoute: () => api,
  path: "/usage",
  validateSearch: (search: Record<string, unknown>): { range?: string } => optionalText(search, ["range"]),
  component: lazyRouteComponent(() => import("@/features/provider/apis/UsageTab"), "UsageTab"),
});

export const studioRoutes = studio.addChildren([
  index,
  imports,
  approvals,
  teams,
  team,
  issuers,
  subscription,
  api.addChildren([details, versions, operation, plans, plan, policies, publish, subscribers, usage]),
]);
