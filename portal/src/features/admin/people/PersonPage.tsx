import { Badge, Group, Stack, Text, Title } from "@mantine/core";
import { IconDeviceLaptop, IconKey } from "@tabler/icons-react";
import { useParams } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { api, http } from "@/client/http";
import type { AccessToken, Person, SignedInBrowser } from "@/client/types";
import { browserOf } from "@/lib/browser";
import { ago, date, words } from "@/lib/format";
import { can } from "@/lib/may";
import { AskButton } from "@/ui/AskButton";
import { SessionTable } from "@/ui/account/SessionTable";
import { TokenTable } from "@/ui/account/TokenTable";
import { EmptyState } from "@/ui/EmptyState";
import { Loaded } from "@/ui/Loaded";
import { BackLink, ButtonLink } from "@/ui/links";
import { PageHeader } from "@/ui/PageHeader";
import { StatusBadge } from "@/ui/StatusBadge";
import { PersonActions } from "./PersonActions";
import { useSessions, useTokens } from "./queries";

/** One person, and all that lets somebody act in their name. */
export function PersonPage() {
  const { userId } = useParams({ from: "/admin/people/$userId" });
  const person = api.useQuery("get", "/api/v1/users/{user_id}", { params: { path: { user_id: userId } } });
  return (
    <Loaded query={person} page>
      {(data) => (
        <>
          <PageHeader
            title={data.name}
            above={<BackLink to="/admin">People</BackLink>}
            badges={
              <>
                <Badge color={data.hub_role === "member" ? "gray" : "brand"}>{words(data.hub_role)}</Badge>
                <StatusBadge state={data.state} />
              </>
            }
            description={about(data)}
            actions={
              <>
                <ButtonLink to="/admin/events" search={{ actor: data.id }} variant="default">
                  What they did
                </ButtonLink>
                <PersonActions person={data} label="Manage" />
              </>
            }
          />
          <Stack gap="xl">
            <Tokens person={data} />
            <Sessions person={data} />
          </Stack>
        </>
      )}
    </Loaded>
  );
}

const about = (person: Person): string =>
  [
    person.email,
    `here since ${date(person.created_at)}`,
    person.last_login_at ? `signed in ${ago(person.last_login_at)}` : "never signed in",
    !person.has_password && "no password yet",
  ]
    .filter(Boolean)
    .join(" · ");

function Section({ title, text, action, children }: Record<"title" | "text", string> & SectionParts) {
  return (
    <section>
      <Group justify="space-between" align="flex-end" mb="sm">
        <div>
          <Title order={2}>{title}</Title>
          <Text size="sm" c="dimmed">
            {text}
          </Text>
        </div>
        {action}
      </Group>
      {children}
    </section>
  );
}

interface SectionParts {
  action: ReactNode;
  children: ReactNode;
}

function Tokens({ person }: { person: Person }) {
  const tokens = useTokens(person.id);
  const params = { path: { user_id: person.id } };
  return (
    <Section
      title="Access tokens"
      text="For the command line, for CI and for agents. Their values are known to nobody here."
      action={
        can(person, "update") &&
        tokens.data?.items.length !== 0 && (
          <AskButton
            label="Revoke all"
            title={`Revoke all access tokens of ${person.name}?`}
            action="Revoke all"
            run={() => http.DELETE("/api/v1/users/{user_id}/tokens", { params })}
            done="All tokens revoked"
          >
            Whatever uses one of them stops working at once. This cannot be taken back.
          </AskButton>
        )
      }
    >
      <Loaded query={tokens}>
        {({ items }) => (
          <TokenTable
            caption="Access tokens"
            tokens={items}
            empty={<EmptyState title="No access tokens" icon={IconKey} />}
            action={(token) => can(person, "update") && <RevokeToken person={person} token={token} />}
          />
        )}
      </Loaded>
    </Section>
  );
}

function RevokeToken({ person, token }: { person: Person; token: AccessToken }) {
  const params = { path: { user_id: person.id, token_id: token.id } };
  return (
    <AskButton
      label="Revoke"
      name={`Revoke ${token.name}`}
      size="compact-xs"
      title={`Revoke “${token.name}” of ${person.name}?`}
      action="Revoke it"
      run={() => http.DELETE("/api/v1/users/{user_id}/tokens/{token_id}", { params })}
      done="Token revoked"
    >
      {token.last_used_at ? `It was last used ${ago(token.last_used_at)}.` : "It was never used."} Whatever
      uses it stops working at once, and so do the tokens that were made with it. This cannot be taken back.
    </AskButton>
  );
}

function Sessions({ person }: { person: Person }) {
  const sessions = useSessions(person.id);
  const params = { path: { user_id: person.id } };
  return (
    <Section
      title="Where they are signed in"
      text="Browsers, with the address from which they signed in."
      action={
        can(person, "update") && (
          <AskButton
            label="Sign out everywhere"
            title={`Sign ${person.name} out everywhere?`}
            action="Sign out everywhere"
            run={() => http.DELETE("/api/v1/users/{user_id}/sessions", { params })}
            done="Signed out everywhere"
          >
            They have to sign in anew, and a sign-in link that they have not used yet no longer works. Access
            tokens stay what they are.
          </AskButton>
        )
      }
    >
      <Loaded query={sessions}>
        {({ items }) => (
          <SessionTable
            caption="Sessions"
            sessions={items}
            empty={<EmptyState title="Not signed in anywhere" icon={IconDeviceLaptop} />}
            action={(session) => can(person, "update") && <EndSession person={person} session={session} />}
          />
        )}
      </Loaded>
    </Section>
  );
}

function EndSession({ person, session }: { person: Person; session: SignedInBrowser }) {
  const params = { path: { user_id: person.id, session_id: session.id } };
  return (
    <AskButton
      label="Sign out"
      size="compact-xs"
      title={`Sign ${person.name} out there?`}
      action="Sign out"
      run={() => http.DELETE("/api/v1/users/{user_id}/sessions/{session_id}", { params })}
      done="Signed out there"
    >
      {browserOf(session.user_agent)}, from {session.address}: they have to sign in anew.
    </AskButton>
  );
}
