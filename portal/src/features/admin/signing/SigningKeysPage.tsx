import { Button, Code, Paper, Stack, Text, Title } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconKey, IconRotateClockwise } from "@tabler/icons-react";
import { api } from "@/client/http";
import { useAdministrator } from "@/client/session";
import type { SigningKey } from "@/client/types";
import { ago, dateTime } from "@/lib/format";
import { CopyField } from "@/ui/CopyField";
import { DataTable } from "@/ui/DataTable";
import { EmptyState } from "@/ui/EmptyState";
import { Loaded } from "@/ui/Loaded";
import { PageHeader } from "@/ui/PageHeader";
import { StatusBadge } from "@/ui/StatusBadge";
import { useAddresses } from "./addresses";
import { RotateDialog } from "./RotateDialog";

/** The keys that sign the hub's own tokens, and where clients get and backends check them. */
export function SigningKeysPage() {
  const keys = api.useQuery("get", "/api/v1/signing-keys");
  const administrator = useAdministrator();
  const [opened, dialog] = useDisclosure(false);
  return (
    <>
      <PageHeader
        title="Signing keys"
        description="They sign the access tokens that apps get from this hub. A new one follows every 30 days by itself."
        actions={
          administrator && (
            <Button leftSection={<IconRotateClockwise size={16} />} onClick={dialog.open}>
              Rotate
            </Button>
          )
        }
      />
      <Stack gap="lg">
        <Loaded query={keys}>{({ items }) => <KeyTable keys={items} />}</Loaded>
        <Addresses />
      </Stack>
      <RotateDialog opened={opened} onClose={dialog.close} />
    </>
  );
}

function KeyTable({ keys }: { keys: SigningKey[] }) {
  return (
    <DataTable
      caption="Signing keys"
      rows={keys}
      rowKey={(row) => row.id}
      empty={
        <EmptyState title="No key yet" icon={IconKey}>
          The hub makes the first one by itself within a minute.
        </EmptyState>
      }
      columns={[
        { title: "Key", render: (row) => <Code>{row.id}</Code> },
        { title: "Algorithm", render: (row) => row.algorithm },
        { title: "State", render: (row) => <StatusBadge state={row.state} /> },
        { title: "Made", render: (row) => dateTime(row.created_at) },
        { title: "Signs", render: (row) => <Moment at={row.signs_from} /> },
        {
          title: "Published until",
          render: (row) =>
            row.published_until ? <Moment at={row.published_until} /> : "Another one follows",
        },
      ]}
    />
  );
}

function Moment({ at }: { at: string }) {
  return (
    <div>
      {dateTime(at)}
      <Text size="xs" c="dimmed">
        {ago(at)}
      </Text>
    </div>
  );
}

function Addresses() {
  return (
    <Paper p="lg" component="section" aria-label="Addresses">
      <Stack>
        <div>
          <Title order={2} size="h3">
            Addresses
          </Title>
          <Text size="sm" c="dimmed">
            Apps get tokens at the first; a backend checks them with the public keys, or asks.
          </Text>
        </div>
        <Loaded query={useAddresses()}>
          {(addresses) =>
            addresses.map(({ label, value }) => (
              <div key={label}>
                <Text size="sm" fw={550} mb={4}>
                  {label}
                </Text>
                <CopyField value={value} label={label} />
              </div>
            ))
          }
        </Loaded>
      </Stack>
    </Paper>
  );
}
