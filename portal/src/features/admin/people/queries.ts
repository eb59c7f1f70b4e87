import { api } from "@/client/http";

const of = (userId: string) => ({ params: { path: { user_id: userId } } });

export const useTokens = (userId: string) =>
  api.useQuery("get", "/api/v1/users/{user_id}/tokens", {
    params: { ...of(userId).params, query: { limit: 200 } },
  });

export const useSessions = (userId: string) =>
  api.useQuery("get", "/api/v1/users/{user_id}/sessions", of(userId));
