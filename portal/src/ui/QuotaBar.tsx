import { Progress, Stack, Text } from "@mantine/core";
import { ago, count } from "@/lib/format";

interface Props {
  quota: { limit: number; window: string; used: number; resets_at: string } | null | undefined;
}

/** How much of a quota is used, in words and as a bar that warns near its end. */
export function QuotaBar({ quota }: Props) {
  if (!quota) {
    return (
      <Text size="xs" c="dimmed">
        No quota
      </Text>
    );
  }
  const share = quota.limit > 0 ? Math.min(quota.used / quota.limit, 1) : 1;
  const color = share >= 1 ? "red" : share >= 0.8 ? "yellow" : "brand";
  return (
    <Stack gap={3} miw={150}>
      <Progress
        value={share * 100}
        color={color}
        size={6}
        aria-label={`${count(quota.used)} of ${count(quota.limit)} used`}
      />
      <Text size="xs" c="dimmed">
        {count(quota.used)} of {count(quota.limit)}{" "}
        {quota.window === "day" ? "today" : `this ${quota.window}`}, renewed {ago(quota.resets_at)}
      </Text>
    </Stack>
  );
}
