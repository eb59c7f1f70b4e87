import { Alert, Group, Paper, Stack, Title } from "@mantine/core";
import { IconRefreshDot } from "@tabler/icons-react";
import { useParams } from "@tanstack/react-router";
import { api } from "@/client/http";
import type { Decision } from "@/client/types";
import { dateTime } from "@/lib/format";
import { CopyField } from "@/ui/CopyField";
import { Loaded } from "@/ui/Loaded";
import { BackLink, ButtonLink } from "@/ui/links";
import { PageHeader } from "@/ui/PageHeader";
import { Said } from "@/ui/Said";
import { DecidedByCard, Facts, ResultBadge, WayOut } from "./parts";

const MISSING = {
  says: "A call shows within seconds and for seven days, to whoever made it with a key of a subscription, to the API's team and to administrators.",
  link: (
    <ButtonLink to="/decisions" variant="default">
      Ask about another call
    </ButtonLink>
  ),
};

/** Why one call was let through or refused: the policy, where it stands, the facts, and what to do. */
export function DecisionPage() {
  const { decisionId } = useParams({ from: "/decisions/$decisionId" });
  const found = api.useQuery("get", "/api/v1/decisions/{decision_id}", {
    params: { path: { decision_id: decisionId } },
  });
  return (
    <Loaded query={found} page={MISSING}>
      {(decision) => (
        <>
          <Top decision={decision} />
          <Stack gap="lg" maw={920}>
            <WayOut steps={decision.way_out} />
            {decision.decided_by && <DecidedByCard by={decision.decided_by} />}
            {decision.facts.length > 0 && (
              <Paper p="lg" component="section" aria-labelledby="facts">
                <Title order={2} size="h3" id="facts" mb="sm">
                  On these facts
                </Title>
                <Facts facts={decision.facts} caption="Facts of the decision" />
              </Paper>
            )}
            <Now decision={decision} />
            <CopyField value={decision.decision_id} label="decision id" />
          </Stack>
        </>
      )}
    </Loaded>
  );
}

function Top({ decision }: { decision: Decision }) {
  const { api: target, app, gateway, operation, at } = decision;
  const parts = [operation?.label, target?.name, app && `by ${app.name}`, gateway && `on ${gateway.name}`];
  return (
    <PageHeader
      title={`${decision.status}: ${decision.title}`}
      above={<BackLink to="/decisions">Why was a call refused?</BackLink>}
      badges={<ResultBadge result={decision.result} />}
      description={[...parts.filter(Boolean), dateTime(at)].join(" · ")}
    />
  );
}

/** Whether the reader has to do anything still. */
function Now({ decision: { now } }: { decision: Decision }) {
  if (!now) return null;
  return (
    <Alert
      color="gray"
      icon={<IconRefreshDot />}
      title={`The same call now: ${now.result === "unknown" ? "nobody knows" : now.same ? "no different" : "different"}`}
    >
      <Group gap="xs">
        <ResultBadge result={now.result} />
        <span>
          <Said>{now.text}</Said>
        </span>
      </Group>
    </Alert>
  );
}
