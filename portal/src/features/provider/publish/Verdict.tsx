import { Alert, Code, Group, List, Stack, Text } from "@mantine/core";
import { IconAlertTriangle, IconCircleCheck, IconInfoCircle, IconLockOpen } from "@tabler/icons-react";
import type { ReactNode } from "react";
import type { GatewayOutlook } from "@/client/types";
import { capability } from "@/lib/capabilities";
import { engineName } from "@/lib/format";
import { ButtonLink } from "@/ui/links";
import { Said } from "@/ui/Said";
import { StatusBadge } from "@/ui/StatusBadge";
import { wouldBeTaken } from "./outlook";

interface Props {
  slug: string;
  gateway: GatewayOutlook;
}

/** What stands against publishing to this gateway, with the way out; or that nothing does. */
export function Verdict({ slug, gateway, open }: Props & { open: boolean }) {
  return (
    <Stack gap="sm" aria-live="polite">
      {open && <Unguarded slug={slug} />}
      {gateway.state !== "online" && (
        <Group gap="xs">
          <StatusBadge state={gateway.state} />
          <Text size="sm">It is published as soon as this gateway is back.</Text>
        </Group>
      )}
      {gateway.obstacles.length > 0 && <Obstacles slug={slug} gateway={gateway} />}
      {gateway.lacks.length > 0 && <Lacks slug={slug} gateway={gateway} />}
      {gateway.degradations.length > 0 && (
        <Note>
          {gateway.name} would serve it without a part.{" "}
          {gateway.degradations.map((one) => sentence(one.fallback)).join(" ")}
        </Note>
      )}
      {gateway.published && (
        <Note>This version is on {gateway.name} already; changes reach it by themselves.</Note>
      )}
      {wouldBeTaken(gateway) && gateway.degradations.length === 0 && <Fine gateway={gateway} />}
    </Stack>
  );
}

function Note({ children }: { children: ReactNode }) {
  return (
    <Alert color="gray" icon={<IconInfoCircle />}>
      {children}
    </Alert>
  );
}

function Fine({ gateway }: { gateway: GatewayOutlook }) {
  if (!gateway.known)
    return (
      <Note>
        The agent of {gateway.name} has not said yet what its engine can do. If it cannot do all of this, it
        says so and leaves the version aside.
      </Note>
    );
  return (
    <Group gap={6} wrap="nowrap">
      <IconCircleCheck size={18} color="var(--mantine-color-green-light-color)" aria-hidden />
      <Text size="sm">{gateway.name} can do everything that this version needs.</Text>
    </Group>
  );
}

function Obstacles({ slug, gateway: { obstacles } }: Props) {
  return (
    <Alert color="yellow" icon={<IconAlertTriangle />} title="To be mended first">
      <List size="sm" spacing={4}>
        {obstacles.map((one) => (
          <List.Item key={`${one.pointer} ${one.message}`}>
            <Said>{sentence(one.message)}</Said> <Said>{one.hint}</Said>
          </List.Item>
        ))}
      </List>
      <Group gap="xs" mt="sm">
        {PLACES.filter((place) => obstacles.some((one) => place.about.test(one.pointer))).map((place) => (
          <ButtonLink key={place.to} to={place.to} params={{ slug }} variant="default" size="compact-sm">
            {place.label}
          </ButtonLink>
        ))}
      </Group>
    </Alert>
  );
}

/** Where a thing is mended. */
const PLACES = [
  {
    about: /^\/(operations|upstream_url|lifecycle|versions)/,
    to: "/studio/apis/$slug/versions",
    label: "Versions",
  },
  { about: /^\/plans/, to: "/studio/apis/$slug/plans", label: "Plans" },
  { about: /^\/policies/, to: "/studio/apis/$slug/policies", label: "Policies" },
] as const;

function Unguarded({ slug }: Pick<Props, "slug">) {
  return (
    <Alert color="yellow" icon={<IconLockOpen />} title="Anybody could call it">
      <Text size="sm">Keys are off and nothing else is taken: nobody is asked who calls.</Text>
      <ButtonLink
        to="/studio/apis/$slug/policies"
        params={{ slug }}
        variant="default"
        size="compact-sm"
        mt="sm"
      >
        Policies of this API
      </ButtonLink>
    </Alert>
  );
}

function Lacks({ slug, gateway: { name, engine, lacks } }: Props) {
  const hints = [...new Set(lacks.map((one) => one.hint))];
  return (
    <Alert color="red" icon={<IconAlertTriangle />} title={`${name} cannot do all of it`}>
      <List size="sm" spacing={4}>
        {lacks.map((one) => (
          <List.Item key={one.capability}>
            {capability(one.capability)} (<Code>{one.capability}</Code>), asked for at {one.where}
          </List.Item>
        ))}
      </List>
      {hints.map((hint) => (
        <Text key={hint} size="sm" fw={550} mt="xs">
          <Said>{hint}</Said>
        </Text>
      ))}
      <Group gap="xs" mt="sm">
        <ButtonLink to="/studio/apis/$slug/policies" params={{ slug }} variant="default" size="compact-sm">
          Policies of this API
        </ButtonLink>
        <Text size="xs" c="dimmed">
          The engine of this gateway is {engineName(engine)}.
        </Text>
      </Group>
    </Alert>
  );
}

const sentence = (said: string): string => {
  const first = said.charAt(0).toUpperCase() + said.slice(1);
  return /[.!?…]$/.test(first) ? first : `${first}.`;
};
