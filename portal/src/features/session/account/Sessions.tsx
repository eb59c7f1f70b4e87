import { Button } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { api } from "@/client/http";
import { SessionTable } from "@/ui/account/SessionTable";
import { Loaded } from "@/ui/Loaded";
import { notifyDone, notifyFailed } from "@/ui/notify";

export function Sessions() {
  const sessions = api.useQuery("get", "/api/v1/me/sessions");
  const queryClient = useQueryClient();
  const end = api.useMutation("delete", "/api/v1/me/sessions/{session_id}", {
    onSuccess: () => {
      notifyDone("Signed out there");
      void queryClient.invalidateQueries({ queryKey: ["get", "/api/v1/me/sessions"] });
    },
    onError: notifyFailed,
  });
  return (
    <Loaded query={sessions}>
      {({ items }) => (
        <SessionTable
          caption="Your sessions"
          sessions={items}
          action={(session) => (
            <Button
              variant="default"
              size="compact-xs"
              onClick={() => end.mutate({ params: { path: { session_id: session.id } } })}
            >
              Sign out
            </Button>
          )}
        />
      )}
    </Loaded>
  );
}
