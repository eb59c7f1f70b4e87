import { Text } from "@mantine/core";
import type { Plan } from "@/client/types";
import { price } from "@/lib/format";

interface PlanPriceProps {
  plan: Plan;
  /** Of the amount, in pixels. */
  fz: number;
  fw: number;
}

/** What a plan costs, as its card shows it. */
export function PlanPrice({ plan, fz, fw }: PlanPriceProps) {
  const { amount, per } = price(plan.current_version.price);
  return (
    <div>
      <Text span fz={fz} fw={fw} lh={1.2}>
        {amount}
      </Text>{" "}
      <Text span size="sm" c="dimmed">
        {per}
      </Text>
    </div>
  );
}
