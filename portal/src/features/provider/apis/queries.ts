import { useParams } from "@tanstack/react-router";
import { api } from "@/client/http";
import type { Version } from "@/client/types";

/** The API that is being worked on. */
export function useStudioApi() {
  const { slug } = useParams({ strict: false });
  return api.useQuery("get", "/api/v1/apis/{api_id}", { params: { path: { api_id: slug ?? "" } } });
}

export function useVersions(apiId: string) {
  return api.useQuery("get", "/api/v1/apis/{api_id}/versions", { params: { path: { api_id: apiId } } });
}

/** The version consumers get, or the newest while nothing is published. */
export function currentOf(versions: readonly Version[]): Version | undefined {
  return versions.find((one) => one.current) ?? versions[0];
}
