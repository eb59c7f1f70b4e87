import { useQueryClient } from "@tanstack/react-query";

/** After a change: whatever the API answered before may be old. */
export function useChanged(): () => Promise<void> {
  const queryClient = useQueryClient();
  return () => queryClient.invalidateQueries({ queryKey: ["get"] });
}
