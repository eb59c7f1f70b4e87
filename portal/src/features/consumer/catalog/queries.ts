import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { http } from "@/client/http";

export interface CatalogFilters {
  q?: string | undefined;
  category?: string | undefined;
  tag?: string | undefined;
  kind?: string | undefined;
  team?: string | undefined;
  lifecycle?: string | undefined;
}

const PAGE_SIZE = 24;

async function search(filters: CatalogFilters, cursor: string | undefined) {
  const { data } = await http.GET("/api/v1/search", {
    params: { query: { ...filters, limit: PAGE_SIZE, cursor } },
  });
  if (!data) throw new Error("The search answered without a body.");
  return data;
}

/** One search, page by page; the last result stays while the next one is under way, so that nothing jumps. */
export function useCatalog(filters: CatalogFilters) {
  return useInfiniteQuery({
    queryKey: ["catalog", filters],
    queryFn: ({ pageParam }) => search(filters, pageParam),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    placeholderData: keepPreviousData,
  });
}

export type CatalogFound = ReturnType<typeof useCatalog>;
