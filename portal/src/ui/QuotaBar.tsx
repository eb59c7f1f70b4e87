import { Progress, Stack, Text } from "@mantine/core";
import type { Quota } from "@/client/types";
import { ago, amountOf, bytes, count } from "@/lib/format";

/** How much of each quota is used, in words and as a bar that warns near its end. */
export function QuotaBars({ quotas }: { quotas: readonly Quota[] }) {
  if (quotas.length === 0) {
    return (
      <Text size="xs" c="dimmed">
        No quota
      </Text>
    );
  }
  return (
    <Stack gap="xs" miw={150}>
      {quotas.map((quota) => (
        <QuotaBar key={`${quota.unit} ${quota.header} ${quota.window} ${quota.rolling}`} quota={quota} />
      ))}
    </Stack>
  );
}

function QuotaBar({ quota }: { quota: Quota }) {
  const share = quota.limit > 0 ? Math.min(quota.used / quota.limit, 1) : 1;
  const warned = quota.soft_limit > 0 ? quota.used >= quota.soft_limit : share >= 0.8;
  const color = share >= 1 ? (quota.stops ? "red" : "yellow") : warned ? "yellow" : "brand";
  const used = quota.unit === "bytes" ? bytes(quota.used) : count(quota.used);
  const words = `${used} of ${quota.unit === "requests" ? count(quota.limit) : amountOf(quota.limit, quota)}`;
  return (
    <Stack gap={3}>
      <Progress value={share * 100} color={color} size={6} aria-label={`${words} used`} />
      <Text size="xs" c="dimmed">
        {words} {when(quota)}
        {!quota.stops && share >= 1 && ", more is counted"}
      </Text>
    </Stack>
  );
}

function when({ window, rolling, resets_at }: Quota): string {
  if (rolling) return `in the last ${window}`;
  return `${window === "day" ? "today" : `this ${window}`}, renewed ${ago(resets_at)}`;
}
