import { Alert, Button, Group, Modal, Stack, Text } from "@mantine/core";
import { IconClock } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import type { Api, Plan, Subscription } from "@/client/types";
import { rememberKey } from "@/lib/keyring";
import { KeyOnceDialog } from "@/ui/KeyOnceDialog";
import { ButtonLink } from "@/ui/links";
import { SubscribeForm } from "./SubscribeForm";

interface Props {
  target: Api;
  plan: Plan | null;
  onClose: () => void;
}

export interface Outcome {
  subscription: Subscription;
  /** The new key of an app that had none. */
  key: string | null;
}

/** From a plan to a key in one place: choose or make the app, subscribe, get its first key. */
export function SubscribeDialog({ target, plan, onClose }: Props) {
  const [outcome, setOutcome] = useState<Outcome | null>(null);
  const queryClient = useQueryClient();
  const navigate = useNavigate();
  const done = (result: Outcome) => {
    onClose();
    setOutcome(result);
    if (result.key) rememberKey(result.subscription.app.id, result.key);
    void queryClient.invalidateQueries({ queryKey: ["get", "/api/v1/subscriptions"] });
    void queryClient.invalidateQueries({ queryKey: ["get", "/api/v1/apps"] });
  };
  const leave = () => setOutcome(null);
  const toReference = () => {
    leave();
    void navigate({ to: "/apis/$slug/reference", params: { slug: target.slug }, search: true });
  };
  return (
    <>
      <Modal opened={plan !== null} onClose={onClose} title={plan ? `${target.name}, plan ${plan.name}` : ""}>
        {plan && <SubscribeForm target={target} plan={plan} onDone={done} onCancel={onClose} />}
      </Modal>
      <KeyOnceDialog
        secret={outcome?.key ?? null}
        title={`The key of ${outcome?.subscription.app.name ?? ""}`}
        label="API key"
        onClose={outcome?.subscription.state === "active" ? toReference : leave}
      >
        {outcome?.subscription.state === "pending"
          ? "It works for this API as soon as the provider approves."
          : "The reference and the snippets of this API have it filled in until you close this tab."}
      </KeyOnceDialog>
      <Modal
        opened={outcome !== null && outcome.key === null}
        onClose={leave}
        title={waiting(outcome) ? "Asked for access" : "Subscribed"}
      >
        {outcome && <Subscribed outcome={outcome} slug={target.slug} onClose={leave} />}
      </Modal>
    </>
  );
}

function waiting(outcome: Outcome | null): boolean {
  return outcome?.subscription.state === "pending";
}

function Subscribed({ outcome, slug, onClose }: { outcome: Outcome; slug: string; onClose: () => void }) {
  const { app } = outcome.subscription;
  return (
    <Stack>
      {waiting(outcome) ? (
        <Alert color="yellow" icon={<IconClock />}>
          The provider decides. {app.name} keeps its key; it works for this API once it is approved.
        </Alert>
      ) : (
        <Text size="sm">{app.name} may call this API now, with the keys it already has.</Text>
      )}
      <Group justify="flex-end">
        <Button variant="default" onClick={onClose}>
          Stay here
        </Button>
        <ButtonLink to="/apis/$slug/reference" params={{ slug }} search>
          Read the reference
        </ButtonLink>
      </Group>
    </Stack>
  );
}
