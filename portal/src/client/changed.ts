import { useQueryClient } from "@tanstack/react-query";

/** What the API is asked by; a plan of a change is asked for by POST, and changes nothing. */
const ASKED = new Set<unknown>(["get", "post"]);

/** After a change: whatever the API answered before may be old. */
export function useChanged(): () => Promise<void> {
  const queryClient = useQueryClient();
  return () => queryClient.invalidateQueries({ predicate: ({ queryKey: [method] }) => ASKED.has(method) });
}
