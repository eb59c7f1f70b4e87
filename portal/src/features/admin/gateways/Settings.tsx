import { Group, Paper, Table, Text, Title } from "@mantine/core";
import type { Gateway, GatewayOptions } from "@/client/types";
import { plural } from "@/lib/format";
import { can } from "@/lib/may";
import { inWords } from "@/lib/values";
import { ChangeButton } from "@/ui/ChangeButton";
import { SettingsDialog } from "./SettingsDialog";

/** What holds for every API on a gateway; only administrators are told. */
export function Settings({ gateway }: { gateway: Gateway }) {
  const { settings } = gateway;
  if (!settings) return null;
  return (
    <Paper p="lg" component="section" aria-label="Settings">
      <Group justify="space-between" align="flex-start" wrap="nowrap" mb="sm">
        <div>
          <Title order={2} size="h3">
            Settings
          </Title>
          <Text size="sm" c="dimmed">
            For every API on it.
          </Text>
        </div>
        {can(gateway, "update") && (
          <ChangeButton label="Change settings">
            {(dialog) => <SettingsDialog {...dialog} gateway={gateway} />}
          </ChangeButton>
        )}
      </Group>
      <Table fz="sm" variant="vertical" layout="auto">
        <Table.Tbody>
          {rowsOf(settings).map(([label, value]) => (
            <Table.Tr key={label}>
              <Table.Th scope="row" w={{ base: 130, sm: 220 }}>
                {label}
              </Table.Th>
              <Table.Td style={{ overflowWrap: "anywhere" }}>{value}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Paper>
  );
}

const rowsOf = ({ trusted_proxies, max_request_bytes, x_ratelimit_headers, tls }: GatewayOptions) => [
  ["Trusted proxies", trusted_proxies?.join(", ") || "None"],
  ["Largest request", plural(max_request_bytes ?? 0, "byte")],
  ["Older X-RateLimit headers", inWords(x_ratelimit_headers ?? false)],
  ["TLS listener", tls ? `Port ${tls.port}` : "None"],
  ...(tls ? [["Client certificates", tls.client_ca ? "Asked for" : "Not asked for"]] : []),
];
