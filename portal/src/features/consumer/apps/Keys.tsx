import { Badge, Button, Code, Group, Text, Title, Tooltip } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconKey, IconPlus } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { App, Credential, NewCredential } from "@/client/types";
import { ago } from "@/lib/format";
import { rememberKey } from "@/lib/keyring";
import { can } from "@/lib/may";
import { DataTable } from "@/ui/DataTable";
import { EmptyState } from "@/ui/EmptyState";
import { KeyOnceDialog } from "@/ui/KeyOnceDialog";
import { Loaded } from "@/ui/Loaded";
import { StatusBadge } from "@/ui/StatusBadge";
import { When } from "@/ui/When";
import { CreateKeyDialog } from "./CreateKeyDialog";
import { RevokeKey } from "./Ending";
import { kindLabel, type Shown, secretsOf } from "./kinds";
import { useKeys } from "./queries";
import { RotateKeyDialog } from "./RotateKeyDialog";

const LIST = ["get", "/api/v1/apps/{app_id}/credentials"];

/** The keys of an app: made, rotated with an overlap, revoked; the value itself is seen once. */
export function Keys({ app }: { app: App }) {
  const keys = useKeys(app.id);
  const queryClient = useQueryClient();
  const [creating, create] = useDisclosure(false);
  const [rotating, setRotating] = useState<Credential | null>(null);
  const [made, setMade] = useState<Shown[]>([]);
  const changed = (credential: NewCredential) => {
    create.close();
    setRotating(null);
    setMade(secretsOf(credential));
    if (credential.key) rememberKey(app.id, credential.key);
    void queryClient.invalidateQueries({ queryKey: LIST });
  };
  return (
    <section>
      <Group justify="space-between" mb="sm">
        <Title order={2}>Keys</Title>
        <Button variant="default" leftSection={<IconPlus size={16} />} onClick={create.open}>
          New key
        </Button>
      </Group>
      <Loaded query={keys}>{({ items }) => <KeyTable keys={items} onRotate={setRotating} />}</Loaded>
      <CreateKeyDialog appId={app.id} opened={creating} onClose={create.close} onMade={changed} />
      <RotateKeyDialog credential={rotating} onClose={() => setRotating(null)} onMade={changed} />
      <KeyOnceDialog
        secret={made.at(-1)?.value ?? null}
        beside={made.slice(0, -1)}
        title={made.at(-1)?.label === "API key" ? "Your new key" : "Your new credential"}
        label={made.at(-1)?.label ?? ""}
        onClose={() => setMade([])}
      >
        It works within a second for every API {app.name} is subscribed to.
      </KeyOnceDialog>
    </section>
  );
}

interface TableProps {
  keys: Credential[];
  onRotate: (key: Credential) => void;
}

function KeyTable({ keys, onRotate }: TableProps) {
  return (
    <DataTable
      caption="Keys of this app"
      rows={keys}
      rowKey={(row) => row.id}
      empty={
        <EmptyState title="No keys yet" icon={IconKey}>
          Make one when your program is ready to call; one key opens every API of this app.
        </EmptyState>
      }
      columns={[
        {
          title: "Name",
          render: (row) => (
            <Text size="sm" fw={550}>
              {row.name}
            </Text>
          ),
        },
        { title: "What it is", render: (row) => kindLabel(row.kind) },
        {
          title: "Known by",
          render: (row) => (
            <Code style={{ overflowWrap: "anywhere" }}>{row.identifier || `${row.prefix}…`}</Code>
          ),
        },
        { title: "State", render: (row) => <KeyState credential={row} /> },
        { title: "Last used", render: (row) => <When at={row.last_used_at} /> },
        { title: "Made", render: (row) => <When at={row.created_at} /> },
        {
          title: "Actions",
          hideTitle: true,
          right: true,
          render: (row) => <KeyActions credential={row} onRotate={onRotate} />,
        },
      ]}
    />
  );
}

const isClaimed = ({ proven, state }: Credential) => !proven && (state === "active" || state === "rotating");

function KeyState({ credential }: { credential: Credential }) {
  const ends =
    credential.expires_at && !["revoked", "taken_over"].includes(credential.state)
      ? `ends ${ago(credential.expires_at)}`
      : "";
  return (
    <Group gap="xs">
      <StatusBadge
        state={credential.state}
        label={credential.state === "rotating" ? "Replaced" : undefined}
      />
      {isClaimed(credential) && (
        <Tooltip label="An app that shows that it is its own takes it over. Make it anew with a proof.">
          <Badge color="yellow" tabIndex={0}>
            Unproven
          </Badge>
        </Tooltip>
      )}
      <Text size="xs" c="dimmed">
        {credential.state === "taken_over" ? "somebody showed a proof" : ends}
      </Text>
    </Group>
  );
}

function KeyActions({ credential, onRotate }: { credential: Credential } & Pick<TableProps, "onRotate">) {
  return (
    <Group gap={6} justify="flex-end" wrap="nowrap">
      {can(credential, "rotate") && (
        <Button variant="default" size="compact-xs" onClick={() => onRotate(credential)}>
          Rotate
        </Button>
      )}
      {can(credential, "revoke") && <RevokeKey credential={credential} />}
    </Group>
  );
}
