import { api } from "@/client/http";

export function useSubscribers(apiId: string) {
  const query = { api_id: apiId, role: "provider" as const, limit: 200 };
  return api.useQuery("get", "/api/v1/subscriptions", { params: { query } });
}
