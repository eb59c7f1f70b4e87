import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { optionalText } from "@/lib/search";
import { rootRoute, signedIn } from "./root";

export interface LoginSearch {
  next?: string;
  /** A one-time sign-in link carries its token here. */
  token?: string;
}

const login = createRoute({
  getParentRoute: () => rootRoute,
  path: "/login",
  validateSearch: (search: Record<string, unknown>): LoginSearch => optionalText(search, ["next", "token"]),
  component: lazyRouteComponent(() => import("@/features/session/login/LoginPage"), "LoginPage"),
});

const signup = createRoute({
  getParentRoute: () => rootRoute,
  path: "/signup",
  component: lazyRouteComponent(() => import("@/features/session/login/SignupPage"), "SignupPage"),
});

const account = createRoute({
  getParentRoute: () => rootRoute,
  path: "/account",
  beforeLoad: signedIn,
  component: lazyRouteComponent(() => import("@/features/session/account/AccountPage"), "AccountPage"),
});

export const sessionRoutes = [login, signup, account] as const;
