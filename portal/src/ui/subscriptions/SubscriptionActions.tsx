import { Button, type ButtonProps, Group } from "@mantine/core";
import { useState } from "react";
import type { Subscription } from "@/client/types";
import { can } from "@/lib/may";
import { ChangePlanDialog } from "./ChangePlanDialog";
import { type Decision, DecisionDialog } from "./DecisionDialog";

export type Side = "consumer" | "provider";

interface Props {
  subscription: Subscription;
  side: Side;
  size?: ButtonProps["size"];
}

/** What the reader may do with a subscription; whoever is asked for a yes is not offered the asker's way back. */
export function SubscriptionActions({ subscription, side, size = "compact-xs" }: Props) {
  const [verb, setVerb] = useState<Decision["verb"] | null>(null);
  const [changing, setChanging] = useState(false);
  const pending = subscription.state === "pending";
  const button = (title: string, onClick: () => void, first = false) => (
    <Button size={size} variant={first ? "filled" : "default"} onClick={onClick}>
      {title}
    </Button>
  );
  return (
    <Group gap={6} justify="flex-end" wrap="nowrap">
      {side === "provider" &&
        can(subscription, "approve") &&
        button("Approve", () => setVerb("approve"), true)}
      {side === "provider" && can(subscription, "refuse") && button("Refuse", () => setVerb("refuse"))}
      {side === "consumer" &&
        can(subscription, "change_plan") &&
        button("Change plan", () => setChanging(true))}
      {can(subscription, "cancel") &&
        (side === "consumer" || !pending) &&
        button(pending ? "Withdraw" : "End", () => setVerb("cancel"))}
      <DecisionDialog decision={verb && { verb, subscription }} onClose={() => setVerb(null)} />
      <ChangePlanDialog subscription={changing ? subscription : null} onClose={() => setChanging(false)} />
    </Group>
  );
}
