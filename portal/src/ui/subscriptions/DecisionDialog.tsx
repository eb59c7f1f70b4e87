import { Stack, Text, Textarea } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useChanged } from "@/client/changed";
import { http } from "@/client/http";
import { formErrors } from "@/client/problem";
import type { Subscription } from "@/client/types";
import { ConfirmDialog } from "@/ui/ConfirmDialog";
import { notifyDone } from "@/ui/notify";

export interface Decision {
  verb: "approve" | "refuse" | "cancel";
  subscription: Subscription;
}

const WORDS = {
  approve: { title: "Approve", text: "Its keys open the API within a second.", done: "Approved" },
  refuse: { title: "Refuse", text: "The consumer reads your reason and may ask again.", done: "Refused" },
  cancel: {
    title: "End it",
    text: "The app's keys no longer open this API; its other subscriptions stay.",
    done: "Ended",
  },
};

async function decide({ verb, subscription }: Decision, words: string): Promise<void> {
  const params = { path: { subscription_id: subscription.id } };
  if (verb === "approve")
    await http.POST("/api/v1/subscriptions/{subscription_id}/approve", { params, body: { note: words } });
  if (verb === "refuse")
    await http.POST("/api/v1/subscriptions/{subscription_id}/refuse", { params, body: { reason: words } });
  if (verb === "cancel") await http.POST("/api/v1/subscriptions/{subscription_id}/cancel", { params });
}

function titleOf(decision: Decision | null): string {
  if (!decision) return "";
  const { app, api } = decision.subscription;
  if (decision.verb === "cancel") return `End the subscription of ${app.name} to ${api.name}?`;
  return `${WORDS[decision.verb].title} ${app.name}`;
}

export function DecisionDialog({ decision, onClose }: { decision: Decision | null; onClose: () => void }) {
  const [text, setText] = useState("");
  const changed = useChanged();
  const close = () => {
    setText("");
    send.reset();
    onClose();
  };
  const send = useMutation({
    mutationFn: (given: Decision) => decide(given, text.trim()),
    onSuccess: async (_, given) => {
      await changed();
      notifyDone(WORDS[given.verb].done);
      close();
    },
  });
  const words = WORDS[decision?.verb ?? "approve"];
  const atReason = send.isError ? formErrors(send.error).reason : undefined;
  return (
    <ConfirmDialog
      opened={decision !== null}
      title={titleOf(decision)}
      action={words.title}
      danger={decision?.verb !== "approve"}
      busy={send.isPending}
      error={atReason ? null : send.error}
      onClose={close}
      onConfirm={() => decision && send.mutate(decision)}
    >
      <Stack>
        {decision && decision.verb !== "cancel" && (
          <Text size="sm">
            It asks for {decision.subscription.api.name} on the plan {decision.subscription.plan.name}.
          </Text>
        )}
        <Text size="sm">{words.text}</Text>
        {decision?.verb !== "cancel" && (
          <Textarea
            label={decision?.verb === "refuse" ? "Reason" : "A word to the consumer (optional)"}
            data-autofocus
            error={atReason}
            value={text}
            onChange={(event) => setText(event.currentTarget.value)}
          />
        )}
      </Stack>
    </ConfirmDialog>
  );
}
