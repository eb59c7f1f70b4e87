import { useMutation } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useChanged } from "@/client/changed";
import { http, ifMatch } from "@/client/http";
import type { Person } from "@/client/types";
import { listed, plural, words } from "@/lib/format";
import { ConfirmDialog } from "@/ui/ConfirmDialog";
import { notifyDone } from "@/ui/notify";
import type { HubRole } from "./PersonDialog";
import { useSessions, useTokens } from "./queries";

export type Change = { hub_role: HubRole } | { state: "active" | "disabled" } | "delete";

interface Reactions {
  onSuccess?: () => Promise<void>;
  onError?: (error: unknown) => void;
}

export function useChangePerson(person: Person, { onSuccess, onError }: Reactions) {
  const changed = useChanged();
  const params = { path: { user_id: person.id }, header: ifMatch(person) };
  return useMutation<unknown, unknown, Change>({
    mutationFn: (change) =>
      change === "delete"
        ? http.DELETE("/api/v1/users/{user_id}", { params })
        : http.PATCH("/api/v1/users/{user_id}", { params, body: change }),
    onSuccess: async () => {
      await onSuccess?.();
      await changed();
    },
    onError,
  });
}

const DUTIES: Record<HubRole, string> = {
  member: "They use and provide APIs, and see no more of others than everybody does.",
  auditor: "They also read everything: people, events, usage and subscriptions of every team.",
  administrator: "They may change everything on this hub, people and their roles included.",
};

function question(person: Person, change: Change) {
  if (change === "delete")
    return { title: `Delete ${person.name}?`, action: "Delete", done: `${person.name} is deleted` };
  if ("state" in change)
    return { title: `Lock ${person.name} out?`, action: "Lock out", done: `${person.name} is locked out` };
  const role = words(change.hub_role).toLowerCase();
  const article = /^a/.test(role) ? "an" : "a";
  return {
    title: `Make ${person.name} ${article} ${role}?`,
    action: `Make ${article} ${role}`,
    done: `${person.name} is ${article} ${role} now`,
  };
}

interface Props {
  person: Person;
  change: Change;
  onClose: () => void;
}

/** Asks before a person is locked out, deleted, or given another role. */
export function ChangePersonDialog({ person, change, onClose }: Props) {
  const { title, action, done } = question(person, change);
  const navigate = useNavigate();
  const save = useChangePerson(person, {
    onSuccess: async () => {
      notifyDone(done);
      onClose();
      if (change === "delete") await navigate({ to: "/admin" });
    },
  });
  const isRole = change !== "delete" && "hub_role" in change;
  return (
    <ConfirmDialog
      opened
      title={title}
      action={action}
      danger={!isRole}
      busy={save.isPending}
      error={save.error}
      onClose={onClose}
      onConfirm={() => save.mutate(change)}
    >
      {isRole ? (
        <>{DUTIES[change.hub_role]} Where they are signed in, they have to sign in anew.</>
      ) : (
        <Ends person={person} forGood={change === "delete"} />
      )}
    </ConfirmDialog>
  );
}

/** What ends with a person's account. */
function Ends({ person, forGood }: { person: Person; forGood: boolean }) {
  const tokens = useTokens(person.id).data?.items.map((one) => one.name) ?? [];
  const sessions = useSessions(person.id).data?.items.length ?? 0;
  const browsers = sessions > 0 ? `, and are signed out in ${plural(sessions, "browser")}` : "";
  const ended = tokens.length > 0 ? ` ${listed(tokens)} will stop working, for good.` : "";
  return (
    <>
      They can no longer sign in{browsers}.
      {ended && ` Their access ${tokens.length === 1 ? "token" : "tokens"}`}
      {ended}{" "}
      {forGood
        ? "This works only once they own nothing any more. What they did stays in the events."
        : "Keys of their apps go on working. You can let them in again."}
    </>
  );
}
