import { Button, Group, Modal, Stack } from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useChanged } from "@/client/changed";
import type { Policy, PolicyKind } from "@/client/types";
import { ErrorState } from "@/ui/ErrorState";
import { Loaded } from "@/ui/Loaded";
import { notifyDone } from "@/ui/notify";
import { type Config, SchemaForm } from "./SchemaForm";
import { readPolicy, removePolicy, type Spot, writePolicy } from "./spots";

interface Props {
  kind: PolicyKind;
  spot: Spot;
  opened: boolean;
  onClose: () => void;
  starting: Config | undefined;
}

export function PolicyDialog({ opened, onClose, starting, kind, spot }: Props) {
  const policy = useQuery({
    queryKey: ["policy", spot, kind.kind],
    queryFn: () => readPolicy(spot, kind.kind),
    enabled: opened,
    staleTime: 0,
  });
  return (
    <Modal opened={opened} onClose={onClose} title={kind.title} size="lg">
      <Loaded query={policy}>
        {(data) => (
          <PolicyForm
            key={data?.revision ?? 0}
            kind={kind}
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
  kind,
  spot,
  policy,
  starting,
  onClose,
}: {
  kind: PolicyKind;
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
    mutationFn: () => writePolicy(spot, kind.kind, policy, config),
    onSuccess: () => done("Policy set"),
  });
  const clear = useMutation({
    mutationFn: async () => policy && removePolicy(spot, kind.kind, policy),
    onSuccess: () => done("Policy taken away"),
  });
  const failure = save.error ?? clear.error;
  return (
    <Stack>
      {failure && <ErrorState error={failure} />}
      <SchemaForm schema={kind.schema} value={config} onChange={setConfig} />
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
