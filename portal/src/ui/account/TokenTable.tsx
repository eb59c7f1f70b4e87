import { Badge, Code, Group, Text, UnstyledButton } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import type { ReactNode } from "react";
import type { AccessToken } from "@/client/types";
import { date } from "@/lib/format";
import { DataTable } from "../DataTable";
import { When } from "../When";
import { SCOPES } from "./scopes";

interface Props {
  caption: string;
  tokens: AccessToken[];
  empty: ReactNode;
  /** What the reader may do with one. */
  action: (token: AccessToken) => ReactNode;
}

/** Personal access tokens; of their values only the beginning is known. */
export function TokenTable({ caption, tokens, empty, action }: Props) {
  return (
    <DataTable
      caption={caption}
      rows={tokens}
      rowKey={(row) => row.id}
      empty={empty}
      columns={[
        { title: "Name", render: (row) => <Name token={row} /> },
        { title: "Scopes", render: (row) => <Scopes scopes={row.scopes} /> },
        { title: "Made", render: (row) => <When at={row.created_at} /> },
        { title: "Last used", render: (row) => <When at={row.last_used_at} /> },
        { title: "Expires", render: (row) => (row.expires_at ? date(row.expires_at) : "Never") },
        { title: "Action", hideTitle: true, right: true, render: action },
      ]}
    />
  );
}

function Name({ token }: { token: AccessToken }) {
  return (
    <div>
      <Text size="sm" fw={600}>
        {token.name}
      </Text>
      <Code>{token.prefix}…</Code>
    </div>
  );
}

const SHOWN = 3;

function Scopes({ scopes }: { scopes: string[] }) {
  const [open, { open: showAll }] = useDisclosure(false);
  if (SCOPES.every((scope) => scopes.includes(scope))) return <>Every scope</>;
  const rest = scopes.length - SHOWN;
  return (
    <Group gap={4}>
      {scopes.slice(0, open || rest === 1 ? undefined : SHOWN).map((scope) => (
        <Badge key={scope} color="gray" ff="monospace" size="sm">
          {scope}
        </Badge>
      ))}
      {rest > 1 && !open && (
        <UnstyledButton fz="xs" c="dimmed" td="underline" onClick={showAll}>
          {rest} more
        </UnstyledButton>
      )}
    </Group>
  );
}
