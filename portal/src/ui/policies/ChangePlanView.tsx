import { Alert, Badge, Code, Group, List, Stack, Table, Text, Title } from "@mantine/core";
import { IconAlertTriangle, IconCircleCheck, IconLockOpen } from "@tabler/icons-react";
import type { ChangePlan } from "@/client/types";
import { capability } from "@/lib/capabilities";
import { count, engineName, plural } from "@/lib/format";
import { inWords } from "@/lib/values";
import { useIssuersByName } from "@/ui/issuers/names";

/** What a change would touch, before it is made: APIs, gateways and what they cannot do, callers, what would hold. */
export function ChangePlanView({ plan }: { plan: ChangePlan }) {
  const { apis, gateways, callers } = plan;
  const missing = gateways.flatMap((one) => one.missing.map((lack) => ({ ...lack, gateway: one })));
  if (apis.length === 0)
    return (
      <Alert color="gray" icon={<IconCircleCheck />} title="It changes nothing that holds">
        No API would get another configuration by this.
      </Alert>
    );
  return (
    <Stack gap="md">
      {missing.length > 0 && (
        <Alert color="red" icon={<IconAlertTriangle />} title="Not every gateway can do this">
          <List size="sm" spacing={4}>
            {missing.map((lack) => (
              <List.Item key={`${lack.gateway.id} ${lack.capability} ${lack.where}`}>
                {lack.gateway.name} ({engineName(lack.gateway.engine)}) cannot do{" "}
                {capability(lack.capability)} (<Code>{lack.capability}</Code>), asked for at {lack.where}
              </List.Item>
            ))}
          </List>
        </Alert>
      )}
      <Opened names={apis.filter((one) => one.opened).map((one) => one.name)} />
      <Touched title={plural(apis.length, "API")} names={apis.map((one) => one.name)} />
      <Touched
        title={
          gateways.length === 0
            ? "No gateway would be told anything else"
            : plural(gateways.length, "gateway")
        }
        names={gateways.map((one) => one.name)}
      />
      <CallersOf callers={callers} />
      <Differences plan={plan} />
    </Stack>
  );
}

const SHOWN = 12;

/** What nobody should learn from the calls of strangers. */
function Opened({ names }: { names: string[] }) {
  if (names.length === 0) return null;
  return (
    <Alert
      color="yellow"
      icon={<IconLockOpen />}
      title={`Anybody could call ${names.length === 1 ? names[0] : plural(names.length, "API")} then`}
    >
      <Text size="sm">Keys would be off and nothing else is taken: nobody would be asked who calls.</Text>
      {names.length > 1 && (
        <List size="sm" mt={4}>
          {names.slice(0, SHOWN).map((name) => (
            <List.Item key={name}>{name}</List.Item>
          ))}
          {names.length > SHOWN && <List.Item>and {count(names.length - SHOWN)} more</List.Item>}
        </List>
      )}
    </Alert>
  );
}

function Touched({ title, names }: { title: string; names: string[] }) {
  return (
    <div>
      <Title order={3} size="h4" mb={4}>
        {title}
      </Title>
      <Group gap={6}>
        {names.slice(0, SHOWN).map((name) => (
          <Badge key={name} color="gray">
            {name}
          </Badge>
        ))}
        {names.length > SHOWN && (
          <Text size="sm" c="dimmed">
            and {count(names.length - SHOWN)} more
          </Text>
        )}
      </Group>
    </div>
  );
}

/** One app may have a subscription to each of the APIs: its calls are told once, most first. */
function callsByApp(callers: ChangePlan["callers"]["items"]) {
  const apps = new Map<string, { id: string; name: string; calls: number }>();
  for (const { app_id, app_name, calls } of callers) {
    const id = app_id ?? "";
    apps.set(id, { id, name: app_name, calls: (apps.get(id)?.calls ?? 0) + calls });
  }
  return [...apps.values()].sort((one, other) => other.calls - one.calls);
}

function CallersOf({ callers }: { callers: ChangePlan["callers"] }) {
  return (
    <div>
      <Title order={3} size="h4" mb={4}>
        {callers.calls === 0
          ? "No calls in the last 30 days"
          : `${plural(callers.calls, "call")} of ${plural(callers.apps, "app")} in the last 30 days`}
      </Title>
      {callers.items.length > 0 && (
        <Table fz="sm" aria-label="Callers of the last 30 days">
          <Table.Tbody>
            {callsByApp(callers.items)
              .slice(0, SHOWN)
              .map((caller) => (
                <Table.Tr key={caller.id}>
                  <Table.Td>{caller.name || "Without a known credential"}</Table.Td>
                  <Table.Td ta="right">{plural(caller.calls, "call")}</Table.Td>
                </Table.Tr>
              ))}
          </Table.Tbody>
        </Table>
      )}
    </div>
  );
}

function Differences({ plan: { differences: found, apis } }: { plan: ChangePlan }) {
  const names = new Map(apis.map((one) => [one.id, one.name]));
  const differences = useIssuersByName(found);
  if (differences.length === 0) return null;
  return (
    <div>
      <Title order={3} size="h4" mb={4}>
        What would hold
      </Title>
      <Table fz="sm" aria-label="What would hold, against what holds now">
        <Table.Thead>
          <Table.Tr>
            <Table.Th scope="col">Where</Table.Th>
            <Table.Th scope="col">Now</Table.Th>
            <Table.Th scope="col">Then</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {differences.slice(0, SHOWN).map((one) => (
            <Table.Tr key={`${one.api_id} ${one.place.level} ${one.place.id}`}>
              <Table.Td>
                {one.place.level === "api"
                  ? names.get(one.api_id)
                  : `${names.get(one.api_id) ?? ""}, ${one.place.level} ${one.place.name}`}
              </Table.Td>
              <Table.Td style={{ overflowWrap: "anywhere" }}>{inWords(one.before)}</Table.Td>
              <Table.Td style={{ overflowWrap: "anywhere" }}>{inWords(one.after)}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      {differences.length > SHOWN && (
        <Text size="sm" c="dimmed">
          and at {count(differences.length - SHOWN)} more places
        </Text>
      )}
    </div>
  );
}
