import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useChanged } from "@/client/changed";
import { http, ifMatch } from "@/client/http";
import type { Api, Deployment } from "@/client/types";

interface Wanted {
  versionId: string;
  gatewayId: string;
}

const WAIT_SECONDS = 10;
const ROUNDS = 6;

function there<T>(data: T | undefined): T {
  if (data === undefined) throw new Error("The hub answered without a body.");
  return data;
}

/** The API waits with its answer until the gateway has spoken, so that this is no busy loop. */
async function settled(
  deployment: Deployment,
  onStep: (deployment: Deployment) => void,
): Promise<Deployment> {
  let latest = deployment;
  for (let round = 0; round < ROUNDS && latest.state === "pending"; round += 1) {
    const params = { path: { deployment_id: latest.id }, query: { wait_seconds: WAIT_SECONDS } };
    latest = there((await http.GET("/api/v1/deployments/{deployment_id}", { params })).data);
    onStep(latest);
  }
  return latest;
}

/** A draft that is live is no draft any more: version first, then the API, so that the catalog never shows an empty one. */
async function leaveDraft(apiId: string, versionId: string): Promise<void> {
  const path = { version_id: versionId };
  const version = there((await http.GET("/api/v1/versions/{version_id}", { params: { path } })).data);
  if (version.lifecycle === "draft") {
    await http.PATCH("/api/v1/versions/{version_id}", {
      params: { path, header: ifMatch(version) },
      body: { lifecycle: "published" },
    });
  }
  const target = there(
    (await http.GET("/api/v1/apis/{api_id}", { params: { path: { api_id: apiId } } })).data,
  );
  if (target.lifecycle === "draft") {
    const params = { path: { api_id: apiId }, header: ifMatch(target) };
    await http.PATCH("/api/v1/apis/{api_id}", { params, body: { lifecycle: "published" } });
  }
}

/** Publishes and follows the deployment until the gateway has said what became of it. */
export function usePublish(target: Api) {
  const changed = useChanged();
  const [deployment, setDeployment] = useState<Deployment | null>(null);
  const publish = useMutation({
    mutationFn: async ({ versionId, gatewayId }: Wanted) => {
      setDeployment(null);
      const params = { path: { version_id: versionId } };
      const made = there(
        (
          await http.POST("/api/v1/versions/{version_id}/deployments", {
            params,
            body: { gateway_id: gatewayId },
          })
        ).data,
      );
      setDeployment(made);
      const result = await settled(made, setDeployment);
      if (result.state === "live") await leaveDraft(target.id, versionId);
    },
    onSettled: changed,
  });
  return { ...publish, deployment };
}
