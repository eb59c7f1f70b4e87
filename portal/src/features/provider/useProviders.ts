import { api } from "@/client/http";
import { useSession } from "@/client/session";

/** The teams for which the reader may provide APIs: an administrator for any, a member where the role allows it.
 *  Undefined until it is known. */
export function useProviders(): { value: string; label: string }[] | undefined {
  const session = useSession();
  const teams = api.useQuery("get", "/api/v1/teams", { params: { query: { limit: 200 } } });
  if (teams.isPending) return undefined;
  const own = new Set((session?.memberships ?? []).map((one) => one.team_id));
  return (teams.data?.items ?? [])
    .filter(
      (team) =>
        team.may.includes("create_api") || ["developer", "maintainer", "owner"].includes(team.role ?? ""),
    )
    .sort((a, b) => Number(own.has(b.id)) - Number(own.has(a.id)))
    .map((team) => ({ value: team.id, label: team.name }));
}
