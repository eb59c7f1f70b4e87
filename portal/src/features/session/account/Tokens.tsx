import { Button, Group, Title } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconKey, IconPlus } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, http } from "@/client/http";
import type { AccessToken } from "@/client/types";
import { AskButton } from "@/ui/AskButton";
import { TokenTable } from "@/ui/account/TokenTable";
import { EmptyState } from "@/ui/EmptyState";
import { KeyOnceDialog } from "@/ui/KeyOnceDialog";
import { Loaded } from "@/ui/Loaded";
import { TokenDialog } from "./TokenDialog";

/** Personal access tokens: for the command line, CI and agents; each may do only what its scopes say. */
export function Tokens() {
  const tokens = api.useQuery("get", "/api/v1/me/tokens", { params: { query: { limit: 200 } } });
  const [opened, dialog] = useDisclosure(false);
  const [secret, setSecret] = useState<string | null>(null);
  const queryClient = useQueryClient();
  const made = (token: string) => {
    dialog.close();
    setSecret(token);
    void queryClient.invalidateQueries({ queryKey: ["get", "/api/v1/me/tokens"] });
  };
  return (
    <section>
      <Group justify="space-between" mb="sm">
        <Title order={2}>Personal access tokens</Title>
        <Button variant="default" leftSection={<IconPlus size={16} />} onClick={dialog.open}>
          New token
        </Button>
      </Group>
      <Loaded query={tokens}>
        {({ items }) => (
          <TokenTable
            caption="Your access tokens"
            tokens={items}
            empty={
              <EmptyState title="No access tokens" icon={IconKey}>
                Make one for the command line, for CI, or for an agent that works for you.
              </EmptyState>
            }
            action={(token) => <RevokeToken token={token} />}
          />
        )}
      </Loaded>
      <TokenDialog opened={opened} onClose={dialog.close} onMade={made} />
      <KeyOnceDialog
        secret={secret}
        title="Your access token"
        label="access token"
        onClose={() => setSecret(null)}
      >
        Send it as <code>Authorization: Bearer …</code>.
      </KeyOnceDialog>
    </section>
  );
}

function RevokeToken({ token }: { token: AccessToken }) {
  const params = { path: { token_id: token.id } };
  return (
    <AskButton
      label="Revoke"
      name={`Revoke ${token.name}`}
      size="compact-xs"
      title={`Revoke “${token.name}”?`}
      action="Revoke it"
      run={() => http.DELETE("/api/v1/me/tokens/{token_id}", { params })}
      done="Token revoked"
    >
      Whatever uses it stops working at once, and so do the tokens that were made with it. This cannot be
      taken back.
    </AskButton>
  );
}
