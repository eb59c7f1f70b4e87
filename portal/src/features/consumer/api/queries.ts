import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { api, http } from "@/client/http";
import type { Api } from "@/client/types";

/** The API whose page this is; every tab asks for it, one request answers. */
export function useApi() {
  const { slug } = useParams({ strict: false });
  return api.useQuery("get", "/api/v1/apis/{api_id}", { params: { path: { api_id: slug ?? "" } } });
}

/** The current version's document as consumers call it: servers are gateways, the key scheme is the hub's. */
export function useReference(versionId: string | null | undefined) {
  return useQuery({
    queryKey: ["reference", versionId],
    enabled: Boolean(versionId),
    staleTime: 60_000,
    queryFn: async () => {
      const { data } = await http.GET("/api/v1/versions/{version_id}/reference", {
        params: { path: { version_id: versionId ?? "" } },
      });
      return (data ?? {}) as Record<string, unknown>;
    },
  });
}

/** The reader's own subscriptions to this API: who is signed out has none. */
export function useOwnSubscriptions(target: Api | undefined, signedIn: boolean) {
  return api.useQuery(
    "get",
    "/api/v1/subscriptions",
    { params: { query: { api_id: target?.id ?? "", role: "consumer" } } },
    { enabled: signedIn && Boolean(target) },
  );
}
