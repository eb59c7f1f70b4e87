import { Badge, Button, Group, Text, Title } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconKey, IconPlus } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api } from "@/client/http";
import type { AccessToken } from "@/client/types";
import { date } from "@/lib/format";
import { ConfirmDialog } from "@/ui/ConfirmDialog";
import { DataTable } from "@/ui/DataTable";
import { EmptyState } from "@/ui/EmptyState";
import { KeyOnceDialog } from "@/ui/KeyOnceDialog";
import { Loaded } from "@/ui/Loaded";
import { notifyDone } from "@/ui/notify";
import { When } from "@/ui/When";
import { TokenDialog } from "./TokenDialog";

const LIST = ["get", "/api/v1/me/tokens"];

/** Personal access tokens: for the command line, CI and agents; each may do only what its scopes say. */
export function Tokens() {
  const tokens = api.useQuery("get", "/api/v1/me/tokens");
  const [opened, dialog] = useDisclosure(false);
  const [secret, setSecret] = useState<string | null>(null);
  const [doomed, setDoomed] = useState<AccessToken | null>(null);
  const queryClient = useQueryClient();
  const made = (token: string) => {
    dialog.close();
    setSecret(token);
    void queryClient.invalidateQueries({ queryKey: LIST });
  };
  return (
    <section>
      <Group justify="space-between" mb="sm">
        <Title order={2}>Personal access tokens</Title>
        <Button variant="default" leftSection={<IconPlus size={16} />} onClick={dialog.open}>
          New token
        </Button>
      </Group>
      <Loaded query={tokens}>{({ items }) => <TokenTable tokens={items} onRevoke={setDoomed} />}</Loaded>
      <TokenDialog opened={opened} onClose={dialog.close} onMade={made} />
      <KeyOnceDialog
        secret={secret}
        title="Your access token"
        label="access token"
        onClose={() => setSecret(null)}
      >
        Send it as <code>Authorization: Bearer …</code>.
      </KeyOnceDialog>
      <RevokeToken token={doomed} onClose={() => setDoomed(null)} />
    </section>
  );
}

function TokenTable({ tokens, onRevoke }: { tokens: AccessToken[]; onRevoke: (token: AccessToken) => void }) {
  return (
    <DataTable
      caption="Your access tokens"
      rows={tokens}
      rowKey={(row) => row.id}
      empty={
        <EmptyState title="No access tokens" icon={IconKey}>
          Make one for the command line, for CI, or for an agent that works for you.
        </EmptyState>
      }
      columns={[
        {
          title: "Name",
          width: 150,
          render: (row) => (
            <Text size="sm" fw={550}>
              {row.name}
            </Text>
          ),
        },
        { title: "Scopes", render: (row) => <Scopes scopes={row.scopes} /> },
        { title: "Expires", render: (row) => (row.expires_at ? date(row.expires_at) : "Never") },
        { title: "Last used", render: (row) => <When at={row.last_used_at} /> },
        {
          title: "Action",
          hideTitle: true,
          right: true,
          render: (row) => (
            <Button
              variant="default"
              size="compact-xs"
              onClick={() => onRevoke(row)}
              aria-label={`Revoke ${row.name}`}
            >
              Revoke
            </Button>
          ),
        },
      ]}
    />
  );
}

function Scopes({ scopes }: { scopes: string[] }) {
  return (
    <Group gap={4}>
      {scopes.map((scope) => (
        <Badge key={scope} color="gray" ff="monospace" size="sm">
          {scope}
        </Badge>
      ))}
    </Group>
  );
}

function RevokeToken({ token, onClose }: { token: AccessToken | null; onClose: () => void }) {
  const queryClient = useQueryClient();
  const revoke = api.useMutation("delete", "/api/v1/me/tokens/{token_id}", {
    onSuccess: () => {
      notifyDone("Token revoked");
      void queryClient.invalidateQueries({ queryKey: LIST });
      onClose();
    },
  });
  return (
    <ConfirmDialog
      opened={token !== null}
      title={`Revoke “${token?.name ?? ""}”?`}
      action="Revoke it"
      danger
      busy={revoke.isPending}
      error={revoke.error}
      onClose={onClose}
      onConfirm={() => token && revoke.mutate({ params: { path: { token_id: token.id } } })}
    >
      Whatever uses it stops working at once. This cannot be taken back.
    </ConfirmDialog>
  );
}
