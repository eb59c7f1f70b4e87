import { api } from "@/client/http";
import { useSession } from "@/client/session";
import { can } from "@/lib/may";

export interface IssuerOwner {
  value: string;
  label: string;
}

export const EVERY_API: IssuerOwner = { value: "", label: "Every API" };

/** For whom the reader may trust an issuer: administrators for every API, maintainers for their team's. */
export function useIssuerOwners(): IssuerOwner[] {
  const session = useSession();
  const teams = api.useQuery("get", "/api/v1/teams", { params: { query: { limit: 200 } } });
  const own = (teams.data?.items ?? [])
    .filter((team) => can(team, "create_api"))
    .map((team) => ({ value: team.id, label: team.name }));
  return session?.hub_role === "administrator" ? [EVERY_API, ...own] : own;
}
