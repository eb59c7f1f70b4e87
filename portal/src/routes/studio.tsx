import { IconApi } from "@tabler/icons-react";
import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { rootRoute, signedIn } from "./root";
import { SideLayout, type SidePlace } from "./SideLayout";

const PLACES: SidePlace[] = [{ to: "/studio", label: "Your APIs", icon: IconApi, exact: true }];

export const studio = createRoute({
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

export const studioRoutes = studio.addChildren([index]);
