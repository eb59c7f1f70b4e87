import { http } from "@/client/http";
import type { Outcome } from "./SubscribeDialog";

export const NEW_APP = "new";

interface Choice {
  app: string;
  name: string;
  owner: string;
}

async function makeApp({ name, owner }: Choice): Promise<string> {
  const { data } = await http.POST("/api/v1/apps", {
    body: { name: name.trim(), description: "", owner_id: owner },
  });
  if (!data) throw new Error("The hub made no app.");
  return data.id;
}

async function hasKey(appId: string): Promise<boolean> {
  const { data } = await http.GET("/api/v1/apps/{app_id}/credentials", {
    params: { path: { app_id: appId } },
  });
  return (data?.items ?? []).some((one) => one.state === "active" || one.state === "rotating");
}

/** Makes the app if it is new, subscribes it, and gives it a first key if it has none. */
export async function subscribe(choice: Choice, wanted: { apiId: string; planId: string }): Promise<Outcome> {
  const appId = choice.app === NEW_APP ? await makeApp(choice) : choice.app;
  const { data: subscription } = await http.POST("/api/v1/subscriptions", {
    body: { app_id: appId, api_id: wanted.apiId, plan_id: wanted.planId },
  });
  if (!subscription) throw new Error("The hub made no subscription.");
  if (await hasKey(appId)) return { subscription, key: null };
  const { data: credential } = await http.POST("/api/v1/apps/{app_id}/credentials", {
    params: { path: { app_id: appId } },
    body: { name: "first" },
  });
  return { subscription, key: credential?.key ?? null };
}
