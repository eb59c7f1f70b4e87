import { Select } from "@mantine/core";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { api } from "@/client/http";
import { PageHeader } from "@/ui/PageHeader";
import { RangeSelect } from "@/ui/usage/RangeSelect";
import { rangeOf } from "@/ui/usage/ranges";
import { UsagePanel } from "@/ui/usage/UsagePanel";

/** What the reader's apps called, and how it went. */
export function UsagePage() {
  const search = useSearch({ from: "/usage" });
  const navigate = useNavigate({ from: "/usage" });
  const apps = api.useQuery("get", "/api/v1/apps", { params: { query: { limit: 200 } } });
  const choose = (patch: Partial<typeof search>) =>
    void navigate({ search: (before) => ({ ...before, ...patch }), replace: true });
  return (
    <>
      <PageHeader
        title="Usage"
        description="The calls your apps made, within seconds of being made."
        actions={
          <>
            <Select
              aria-label="App"
              w={190}
              placeholder="All apps"
              clearable
              allowDeselect
              value={search.app ?? null}
              onChange={(app) => choose({ app: app ?? undefined })}
              data={(apps.data?.items ?? []).map((one) => ({ value: one.id, label: one.name }))}
            />
            <RangeSelect range={rangeOf(search.range)} onChange={(range) => choose({ range })} />
          </>
        }
      />
      <UsagePanel
        scope={{ role: "consumer", app_id: search.app, api_id: search.api }}
        range={rangeOf(search.range)}
        by={["api", "operation", "app", "status", "code"]}
      />
    </>
  );
}
