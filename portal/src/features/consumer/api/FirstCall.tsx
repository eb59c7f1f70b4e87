import { Group, Select, Stack, Text, Title } from "@mantine/core";
import { useLocalStorage } from "@mantine/hooks";
import { IconPlugConnectedX } from "@tabler/icons-react";
import { useMemo, useState } from "react";
import { useSession } from "@/client/session";
import type { Api } from "@/client/types";
import { useRememberedKey } from "@/lib/keyring";
import { callExamples, keyPlace, serverUrl } from "@/lib/reference";
import { KEY_PLACEHOLDER, snippetsOf } from "@/lib/snippets";
import { CodeTabs } from "@/ui/Code";
import { EmptyState } from "@/ui/EmptyState";
import { TextLink } from "@/ui/links";
import { useOwnSubscriptions } from "./queries";

interface Props {
  target: Api;
  document: unknown;
}

/** A call that works as pasted: real address, real parameters, and the key where there is one in this tab. */
export function FirstCall({ target, document }: Props) {
  const calls = useMemo(() => callExamples(document), [document]);
  const place = useMemo(() => keyPlace(document), [document]);
  const [chosen, setChosen] = useState<string | null>(null);
  const [language, setLanguage] = useLocalStorage({ key: "snippet-language", defaultValue: "curl" });
  const key = useKeyFor(target);
  const call =
    calls.find((one) => one.id === chosen) ?? calls.find((one) => one.method === "GET") ?? calls[0];
  const snippets = useMemo(() => (call ? snippetsOf(call, place, key) : []), [call, place, key]);
  if (!call) return null;
  if (!serverUrl(document)) {
    return (
      <EmptyState title="Not on a gateway yet" icon={IconPlugConnectedX}>
        It can be read but not called: the provider has yet to publish this version to a gateway.
      </EmptyState>
    );
  }
  return (
    <Stack gap="sm" component="section">
      <Group justify="space-between" align="flex-end">
        <Title order={2}>Call it</Title>
        <Select
          aria-label="Operation"
          size="xs"
          w={{ base: "100%", xs: 320 }}
          searchable
          limit={100}
          value={call.id}
          onChange={setChosen}
          data={calls.map((one) => ({ value: one.id, label: `${one.method} ${one.path}` }))}
        />
      </Group>
      <CodeTabs snippets={snippets} active={language} onActive={setLanguage} label="Snippet" />
      {place && <KeyNote slug={target.slug} hasKey={Boolean(key)} />}
    </Stack>
  );
}

function KeyNote({ slug, hasKey }: { slug: string; hasKey: boolean }) {
  if (hasKey) {
    return (
      <Text size="sm" c="dimmed">
        The key you just made is filled in; it is forgotten when this tab is closed or reloaded.
      </Text>
    );
  }
  return (
    <Text size="sm" c="dimmed">
      Put your key where it says <code>{KEY_PLACEHOLDER}</code>. No key yet?{" "}
      <TextLink to="/apis/$slug/plans" params={{ slug }} search size="sm" underline="always">
        Get access
      </TextLink>
    </Text>
  );
}

/** The key made in this tab for an app that has this API, if there is one. */
export function useKeyFor(target: Api): string | undefined {
  const subscriptions = useOwnSubscriptions(target, useSession() !== null);
  const appIds = (subscriptions.data?.items ?? [])
    .filter((one) => one.state === "active")
    .map((one) => one.app.id);
  return useRememberedKey(appIds);
}
