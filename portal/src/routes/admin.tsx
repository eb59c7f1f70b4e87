import { IconUsers } from "@tabler/icons-react";
import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { rootRoute, signedIn } from "./root";
import { SideLayout, type SidePlace } from "./SideLayout";

const PLACES: SidePlace[] = [{ to: "/admin", label: "People", icon: IconUsers, exact: true }];

export const admin = createRoute({
  getParentRoute: () => rootRoute,
  path: "/admin",
  beforeLoad: signedIn,
  component: () => <SideLayout title="Administration" places={PLACES} />,
});

const index = createRoute({
  getParentRoute: () => admin,
  path: "/",
  component: lazyRouteComponent(() => import("@/features/admin/people/PeoplePage"), "PeoplePage"),
});

export const adminRoutes = admin.addChildren([index]);
