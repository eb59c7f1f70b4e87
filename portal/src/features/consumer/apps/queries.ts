import { api } from "@/client/http";

export const useKeys = (appId: string) =>
  api.useQuery("get", "/api/v1/apps/{app_id}/credentials", { params: { path: { app_id: appId } } });

export function useSubscriptionsOf(appId: string) {
  const query = { app_id: appId, role: "consumer" as const, limit: 200 };
  return api.useQuery("get", "/api/v1/subscriptions", { params: { query } });
}
