import { http, ifMatch } from "@/client/http";
import type { App, Credential } from "@/client/types";
import { ago, listed } from "@/lib/format";
import { AskButton } from "@/ui/AskButton";
import { DeleteButton } from "@/ui/DeleteButton";
import { useKeys, useSubscriptionsOf } from "./queries";

export function RevokeKey({ credential }: { credential: Credential }) {
  const params = { path: { credential_id: credential.id } };
  return (
    <AskButton
      label="Revoke"
      name={`Revoke ${credential.name}`}
      size="compact-xs"
      title={`Revoke “${credential.name}”?`}
      action="Revoke it"
      run={() => http.POST("/api/v1/credentials/{credential_id}/revoke", { params })}
      done="Revoked"
    >
      {credential.last_used_at ? `It was last used ${ago(credential.last_used_at)}.` : "It was never used."}{" "}
      <Opens appId={credential.app_id} /> Every gateway refuses it within a second. This cannot be taken back;
      to change keys without a gap, rotate.
    </AskButton>
  );
}

/** What the keys of an app open, in a sentence. */
function Opens({ appId }: { appId: string }) {
  const apis = useActive(appId);
  return apis.length > 0 ? <>It opens {listed(apis)}.</> : null;
}

function useActive(appId: string): string[] {
  const items = useSubscriptionsOf(appId).data?.items ?? [];
  return items.filter(({ state }) => state === "active").map(({ api }) => api.name);
}

export function DeleteApp({ app }: { app: App }) {
  const params = { path: { app_id: app.id }, header: ifMatch(app) };
  return (
    <DeleteButton
      name={app.name}
      then="/apps"
      remove={() => http.DELETE("/api/v1/apps/{app_id}", { params })}
    >
      <EndsWith app={app} /> This cannot be taken back.
    </DeleteButton>
  );
}

/** What goes with an app. */
function EndsWith({ app }: { app: App }) {
  const keys = (useKeys(app.id).data?.items ?? []).filter(({ state }) => state !== "revoked");
  const apis = useActive(app.id);
  return (
    <>
      {keys.length > 0 ? (
        <>
          Its {keys.length === 1 ? "key" : "keys"} <b>{listed(keys.map(({ name }) => name))}</b> will stop
          working at once.
        </>
      ) : (
        "It has no key."
      )}{" "}
      {apis.length > 0 ? `It loses its access to ${listed(apis)}.` : "It has no active subscription."}
    </>
  );
}
