import { useQuery } from "@tanstack/react-query";
import { useParams, useSearch } from "@tanstack/react-router";
import { api, http } from "@/client/http";
import type { Api, Version } from "@/client/types";

/** The API whose page this is; every tab asks for it, one request answers. */
export function useApi() {
  const { slug } = useParams({ strict: false });
  return api.useQuery("get", "/api/v1/apis/{api_id}", { params: { path: { api_id: slug ?? "" } } });
}

interface Chosen {
  versions: readonly Version[];
  /** What is shown: the version named in the address, or the current one. */
  version: Version | undefined;
  /** Its id, known without asking where the address names none; undefined while it is looked up. */
  versionId: string | null | undefined;
  /** The name in the address, where no version has it. */
  missing: string | undefined;
}

/** The version that the pages of an API are about. */
export function useChosenVersion(target: Api): Chosen {
  const wanted = useSearch({ from: "/apis/$slug" }).version;
  const found = api.useQuery("get", "/api/v1/apis/{api_id}/versions", {
    params: { path: { api_id: target.id } },
  });
  const versions = found.data?.items ?? [];
  const current = versions.find((one) => one.id === target.current_version_id);
  const named = versions.find((one) => one.name === wanted);
  if (!wanted)
    return { versions, version: current, versionId: target.current_version_id, missing: undefined };
  if (found.isPending) return { versions, version: undefined, versionId: undefined, missing: undefined };
  const version = named ?? current;
  return {
    versions,
    version,
    versionId: version?.id ?? target.current_version_id,
    missing: named ? undefined : wanted,
  };
}

/** A version's document as consumers call it: servers are gateways, the key scheme is the hub's. */
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
