import { api } from "@/client/http";
import { Loaded } from "@/ui/Loaded";
import { PageHeader } from "@/ui/PageHeader";
import { TeamTable } from "@/ui/teams/TeamTable";
import { NoTeam } from "../NoTeam";

/** The reader's teams; on the page of each, who is in it and what holds for its APIs. */
export function TeamsPage() {
  const teams = api.useQuery("get", "/api/v1/teams", { params: { query: { limit: 200 } } });
  return (
    <>
      <PageHeader title="Teams" description="Who is in them, and what holds for every API of each." />
      <Loaded query={teams}>
        {({ items }) => <TeamTable teams={items} to="/studio/teams/$teamId" withRole empty={<NoTeam />} />}
      </Loaded>
    </>
  );
}
