import {
  IconBuilding,
  IconHistory,
  IconInbox,
  IconKey,
  IconPalette,
  IconRosetteDiscountCheck,
  IconServer2,
  IconShield,
  IconUsers,
  IconUsersGroup,
} from "@tabler/icons-react";
import { createRoute, lazyRouteComponent, redirect } from "@tanstack/react-router";
import { optionalText } from "@/lib/search";
import { rootRoute, signedIn } from "./root";
import { SideLayout, type SidePlace } from "./SideLayout";

const PLACES: SidePlace[] = [
  { to: "/admin", label: "People", icon: IconUsers, exact: true, holds: "/admin/people" },
  { to: "/admin/organisations", label: "Organisations", icon: IconBuilding },
  { to: "/admin/teams", label: "Teams", icon: IconUsersGroup },
  { to: "/admin/gateways", label: "Gateways", icon: IconServer2 },
  { to: "/admin/policies", label: "Policies", icon: IconShield, administrators: true },
  { to: "/admin/issuers", label: "Issuers", icon: IconRosetteDiscountCheck },
  { to: "/admin/signing-keys", label: "Signing keys", icon: IconKey, administrators: true },
  { to: "/admin/approvals", label: "Approvals", icon: IconInbox },
  { to: "/admin/events", label: "Events", icon: IconHistory },
  { to: "/admin/branding", label: "Branding", icon: IconPalette },
];

const admin = createRoute({
  getParentRoute: () => rootRoute,
  path: "/admin",
  beforeLoad: signedIn,
  component: () => <SideLayout title="Administration" places={PLACES} />,
});

const people = createRoute({
  getParentRoute: () => admin,
  path: "/",
  component: lazyRouteComponent(() => import("@/features/admin/people/PeoplePage"), "PeoplePage"),
});

// Who shortens the address of a person looks for the list.
const peopleAddress = createRoute({
  getParentRoute: () => admin,
  path: "/people",
  beforeLoad: () => {
    throw redirect({ to: "/admin", replace: true });
  },
});

const person = createRoute({
  getParentRoute: () => admin,
  path: "/people/$userId",
  component: lazyRouteComponent(() => import("@/features/admin/people/PersonPage"), "PersonPage"),
});

const organisations = createRoute({
  getParentRoute: () => admin,
  path: "/organisations",
  component: lazyRouteComponent(
    () => import("@/features/admin/organisations/OrganisationsPage"),
    "OrganisationsPage",
  ),
});

const organisation = createRoute({
  getParentRoute: () => admin,
  path: "/organisations/$organisationId",
  component: lazyRouteComponent(
    () => import("@/features/admin/organisations/OrganisationPage"),
    "OrganisationPage",
  ),
});

const teams = createRoute({
  getParentRoute: () => admin,
  path: "/teams",
  component: lazyRouteComponent(() => import("@/features/admin/teams/TeamsPage"), "TeamsPage"),
});

const team = createRoute({
  getParentRoute: () => admin,
  path: "/teams/$teamId",
  component: lazyRouteComponent(() => import("@/ui/teams/TeamPage"), "AdminTeam"),
});

const gateways = createRoute({
  getParentRoute: () => admin,
  path: "/gateways",
  component: lazyRouteComponent(() => import("@/features/admin/gateways/GatewaysPage"), "GatewaysPage"),
});

const gateway = createRoute({
  getParentRoute: () => admin,
  path: "/gateways/$gatewayId",
  component: lazyRouteComponent(() => import("@/features/admin/gateways/GatewayPage"), "GatewayPage"),
});

const policies = createRoute({
  getParentRoute: () => admin,
  path: "/policies",
  component: lazyRouteComponent(() => import("@/features/admin/policies/HubPoliciesPage"), "HubPoliciesPage"),
});

const issuers = createRoute({
  getParentRoute: () => admin,
  path: "/issuers",
  component: lazyRouteComponent(() => import("@/ui/issuers/IssuersPage"), "IssuersPage"),
});

const signingKeys = createRoute({
  getParentRoute: () => admin,
  path: "/signing-keys",
  component: lazyRouteComponent(() => import("@/features/admin/signing/SigningKeysPage"), "SigningKeysPage"),
});

const approvals = createRoute({
  getParentRoute: () => admin,
  path: "/approvals",
  component: lazyRouteComponent(() => import("@/ui/subscriptions/ApprovalsPage"), "ApprovalsPage"),
});

const events = createRoute({
  getParentRoute: () => admin,
  path: "/events",
  validateSearch: (search: Record<string, unknown>): { actor?: string } => optionalText(search, ["actor"]),
  component: lazyRouteComponent(() => import("@/features/admin/events/EventsPage"), "EventsPage"),
});

const branding = createRoute({
  getParentRoute: () => admin,
  path: "/branding",
  component: lazyRouteComponent(() => import("@/features/admin/branding/BrandingPage"), "BrandingPage"),
});

export const adminRoutes = admin.addChildren([
  people,
  peopleAddress,
  person,
  organisations,
  organisation,
  teams,
  team,
  gateways,
  gateway,
  policies,
  issuers,
  signingKeys,
  approvals,
  events,
  branding,
]);
