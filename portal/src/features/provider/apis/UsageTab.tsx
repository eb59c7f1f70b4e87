import { Group, Stack } from "@mantine/core";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { Loaded } from "@/ui/Loaded";
import { RangeSelect } from "@/ui/usage/RangeSelect";
import { rangeOf } from "@/ui/usage/ranges";
import { UsagePanel } from "@/ui/usage/UsagePanel";
import { useStudioApi } from "./queries";

export function UsageTab() {
  const search = useSearch({ from: "/studio/apis/$slug/usage" });
  const navigate = useNavigate({ from: "/studio/apis/$slug/usage" });
  const range = rangeOf(search.range);
  return (
    <Loaded query={useStudioApi()}>
      {(target) => (
        <Stack>
          <Group justify="flex-end">
            <RangeSelect
              range={range}
              onChange={(id) => void navigate({ search: { range: id }, replace: true })}
            />
          </Group>
          <UsagePanel
            scope={{ role: "provider", api_id: target.id }}
            range={range}
            by={["operation", "app", "plan", "version", "status", "code"]}
          />
        </Stack>
      )}
    </Loaded>
  );
}
