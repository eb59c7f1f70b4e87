import type { UseQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { ErrorState } from "./ErrorState";
import { LoadingRows } from "./Loading";

interface Props<Data> {
  query: UseQueryResult<Data, unknown>;
  loading?: ReactNode;
  children: (data: Data) => ReactNode;
}

/** The three states of every query, decided in one place: loading, failed, there. */
export function Loaded<Data>({ query, loading, children }: Props<Data>) {
  if (query.data !== undefined) return <>{children(query.data)}</>;
  if (query.isError) return <ErrorState error={query.error} retry={() => void query.refetch()} />;
  return <>{loading ?? <LoadingRows />}</>;
}
