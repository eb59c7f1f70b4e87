import { QueryClient } from "@tanstack/react-query";
import { asProblem } from "./problem";

/** A refusal is an answer: only what may pass by itself (network, 5xx) is tried again. */
function worthRetrying(failures: number, error: unknown): boolean {
  const { status } = asProblem(error);
  return failures < 2 && (status === 0 || status >= 500);
}

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: { staleTime: 10_000, retry: worthRetrying, refetchOnWindowFocus: true },
    mutations: { retry: false },
  },
});
