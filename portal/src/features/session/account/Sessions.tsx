import { Badge, Button } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { api } from "@/client/http";
import { browserOf } from "@/lib/browser";
import { DataTable } from "@/ui/DataTable";
import { Loaded } from "@/ui/Loaded";
import { notifyDone, notifyFailed } from "@/ui/notify";
import { When } from "@/ui/When";

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
        <DataTable
          caption="Your sessions"
          rows={items}
          rowKey={(row) => row.id}
          columns={[
            {
              title: "Browser",
              render: (row) => <span title={row.user_agent}>{browserOf(row.user_agent)}</span>,
            },
            { title: "Address", render: (row) => row.address },
            { title: "Last seen", render: (row) => <When at={row.last_seen_at} /> },
            {
              title: "Action",
              hideTitle: true,
              right: true,
              render: (row) =>
                row.current ? (
                  <Badge color="green">This one</Badge>
                ) : (
                  <Button
                    variant="default"
                    size="compact-xs"
                    onClick={() => end.mutate({ params: { path: { session_id: row.id } } })}
                  >
                    Sign out
                  </Button>
                ),
            },
          ]}
        />
      )}
    </Loaded>
  );
}
