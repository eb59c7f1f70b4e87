import { Button, Group, Modal, Stack } from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useChanged } from "@/client/changed";
import { http, ifMatch } from "@/client/http";
import { asProblem } from "@/client/problem";
import type { Policy, PolicyKind } from "@/client/types";
import { ErrorState } from "@/ui/ErrorState";
import { Loaded } from "@/ui/Loaded";
import { notifyDone } from "@/ui/notify";
import { type Config, SchemaForm } from "./SchemaForm";

export interface Spot {
  kind: PolicyKind;
  level: "api" | "version";
  targetId: string;
}

interface Props extends Spot {
  opened: boolean;
  onClose: () => void;
  starting: Config | undefined;
}

/** The policy set at this very place, if there is one. */
async function read({ kind, level, targetId }: Spot): Promise<Policy | null> {
  try {
    const { data } =
      level === "api"
        ? await http.GET("/api/v1/apis/{api_id}/policies/{kind}", {
            params: { path: { api_id: targetId, kind: kind.kind } },
          })
        : await http.GET("/api/v1/versions/{version_id}/policies/{kind}", {
            params: { path: { version_id: targetId, kind: kind.kind } },
          });
    return data ?? null;
  } catch (error) {
    if (asProblem(error).status === 404) return null;
    throw error;
  }
}

// A policy that is not there yet has no revision to name; the contract marks the header as required all the same.
const revisionOf = (policy: Policy | null) => (policy ? ifMatch(policy) : ({} as ReturnType<typeof ifMatch>));

async function write({ kind, level, targetId }: Spot, policy: Policy | null, config: Config): Promise<void> {
  const header = revisionOf(policy);
  const body = { config };
  if (level === "api") {
    await http.PUT("/api/v1/apis/{api_id}/policies/{kind}", {
      params: { path: { api_id: targetId, kind: kind.kind }, header },
      body,
    });
  } else {
    const path = { version_id: targetId, kind: kind.kind };
    await http.PUT("/api/v1/versions/{version_id}/policies/{kind}", { params: { path, header }, body });
  }
}

async function remove({ kind, level, targetId }: Spot, policy: Policy): Promise<void> {
  const header = ifMatch(policy);
  if (level === "api") {
    await http.DELETE("/api/v1/apis/{api_id}/policies/{kind}", {
      params: { path: { api_id: targetId, kind: kind.kind }, header },
    });
  } else {
    const path = { version_id: targetId, kind: kind.kind };
    await http.DELETE("/api/v1/versions/{version_id}/policies/{kind}", { params: { path, header } });
  }
}

export function PolicyDialog({ opened, onClose, starting, ...spot }: Props) {
  const policy = useQuery({
    queryKey: ["policy", spot.level, spot.targetId, spot.kind.kind],
    queryFn: () => read(spot),
    enabled: opened,
    staleTime: 0,
  });
  return (
    <Modal opened={opened} onClose={onClose} title={spot.kind.title} size="lg">
      <Loaded query={policy}>
        {(data) => (
          <PolicyForm
            key={data?.revision ?? 0}
            spot={spot}
            policy={data}
            starting={data?.config ?? starting ?? {}}
            onClose={onClose}
          />
        )}
      </Loaded>
    </Modal>
  );
}

function PolicyForm({
  spot,
  policy,
  starting,
  onClose,
}: {
  spot: Spot;
  policy: Policy | null;
  starting: Config;
  onClose: () => void;
}) {
  const [config, setConfig] = useState<Config>(starting);
  const changed = useChanged();
  const done = async (title: string) => {
    await changed();
    notifyDone(title);
    onClose();
  };
  const save = useMutation({
    mutationFn: () => write(spot, policy, config),
    onSuccess: () => done("Policy set"),
  });
  const clear = useMutation({
    mutationFn: async () => policy && remove(spot, policy),
    onSuccess: () => done("Policy taken away"),
  });
  const failure = save.error ?? clear.error;
  return (
    <Stack>
      {failure && <ErrorState error={failure} />}
      <SchemaForm schema={spot.kind.schema} value={config} onChange={setConfig} />
      <Group justify="space-between">
        {policy ? (
          <Button variant="default" loading={clear.isPending} onClick={() => clear.mutate()}>
            Take it away
          </Button>
        ) : (
          <span />
        )}
        <Group>
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button loading={save.isPending} onClick={() => save.mutate()}>
            Set it
          </Button>
        </Group>
      </Group>
    </Stack>
  );
}
