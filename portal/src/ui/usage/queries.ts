import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { http } from "@/client/http";
import { type Range, windowOf } from "./ranges";

/** What the numbers are about; who asks sees only what is theirs as consumer or as provider. */
export interface UsageScope {
  role: "consumer" | "provider";
  api_id?: string | undefined;
  app_id?: string | undefined;
  version_id?: string | undefined;
}

export type Dimension = "operation" | "app" | "api" | "status" | "version" | "plan" | "code";

/** Calls are seen within seconds: the numbers are asked for again while the page is looked at. */
const LIVE = { refetchInterval: 4_000, placeholderData: keepPreviousData } as const;

function there<T>(data: T | undefined): T {
  if (data === undefined) throw new Error("The hub answered without a body.");
  return data;
}

export function useSummary(scope: UsageScope, range: Range) {
  return useQuery({
    queryKey: ["usage", "summary", scope, range.id],
    queryFn: async () =>
      there(
        (await http.GET("/api/v1/analytics/summary", { params: { query: { ...scope, ...windowOf(range) } } }))
          .data,
      ),
    ...LIVE,
  });
}

export function useSeries(scope: UsageScope, range: Range) {
  return useQuery({
    queryKey: ["usage", "series", scope, range.id],
    queryFn: async () => {
      const query = { ...scope, ...windowOf(range), interval: range.interval };
      return there((await http.GET("/api/v1/analytics/series", { params: { query } })).data);
    },
    ...LIVE,
  });
}

export function useBreakdown(scope: UsageScope, range: Range, by: Dimension) {
  return useQuery({
    queryKey: ["usage", "breakdown", scope, range.id, by],
    queryFn: async () => {
      const query = { ...scope, ...windowOf(range), by };
      return there((await http.GET("/api/v1/analytics/breakdown", { params: { query } })).data);
    },
    ...LIVE,
  });
}

export function useRecentCalls(scope: UsageScope, range: Range) {
  return useQuery({
    queryKey: ["usage", "calls", scope, range.id],
    queryFn: async () => {
      const query = { ...scope, ...windowOf(range), limit: 25 };
      return there((await http.GET("/api/v1/calls", { params: { query } })).data);
    },
    ...LIVE,
    refetchInterval: 1_500,
  });
}
