import { Stack, Text, Title } from "@mantine/core";
import { useParams } from "@tanstack/react-router";
import { api, http, ifMatch } from "@/client/http";
import type { Team } from "@/client/types";
import { can } from "@/lib/may";
import { ChangeButton } from "@/ui/ChangeButton";
import { DeleteButton } from "@/ui/DeleteButton";
import { Loaded } from "@/ui/Loaded";
import { BackLink } from "@/ui/links";
import { PageHeader } from "@/ui/PageHeader";
import { PolicySet } from "@/ui/policies/PolicySet";
import { Members } from "./Members";
import { TeamDialog } from "./TeamDialog";

type List = "/admin/teams" | "/studio/teams";

export const AdminTeam = () => <TeamPage list="/admin/teams" />;
export const StudioTeam = () => <TeamPage list="/studio/teams" />;

/** A team as administrators and as its members see it: who belongs to it, and what holds for all of its APIs. */
function TeamPage({ list }: { list: List }) {
  const { teamId } = useParams({ strict: false });
  const path = { team_id: teamId ?? "" };
  const team = api.useQuery("get", "/api/v1/teams/{team_id}", { params: { path } });
  return (
    <Loaded query={team} page>
      {(data) => (
        <>
          <Top team={data} list={list} />
          <Stack gap="xl">
            <Members team={data} />
            <Policies team={data} />
          </Stack>
        </>
      )}
    </Loaded>
  );
}

function Top({ team, list }: { team: Team; list: List }) {
  return (
    <PageHeader
      title={team.name}
      description={team.description}
      above={<BackLink to={list}>Teams</BackLink>}
      actions={
        <>
          {can(team, "update") && (
            <ChangeButton>{(dialog) => <TeamDialog {...dialog} team={team} />}</ChangeButton>
          )}
          {can(team, "delete") && (
            <DeleteButton name={team.name} then={list} remove={() => remove(team)}>
              This works only once it owns nothing any more.
            </DeleteButton>
          )}
        </>
      }
    />
  );
}

function Policies({ team }: { team: Team }) {
  const editable = can(team, "update");
  return (
    <section>
      <Title order={2}>Policies</Title>
      <Text size="sm" c="dimmed" mb="sm">
        For every API of this team. {!editable && "Its owners can change them."}
      </Text>
      <PolicySet spot={{ level: "team", id: team.id }} editable={editable} order={3} />
    </section>
  );
}

function remove(team: Team) {
  const params = { path: { team_id: team.id }, header: ifMatch(team) };
  return http.DELETE("/api/v1/teams/{team_id}", { params });
}
