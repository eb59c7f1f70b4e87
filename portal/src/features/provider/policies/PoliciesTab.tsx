import { SegmentedControl, Stack, Text } from "@mantine/core";
import { useState } from "react";
import type { Api, Version } from "@/client/types";
import { can } from "@/lib/may";
import { Loaded } from "@/ui/Loaded";
import { TextLink } from "@/ui/links";
import { PolicySet } from "@/ui/policies/PolicySet";
import type { Spot } from "@/ui/policies/spots";
import { useStudioApi, useVersions } from "../apis/queries";

const WHOLE = "api";

/** What the gateways do with each call: what holds in the end, and where it comes from. */
export function PoliciesTab() {
  return <Loaded query={useStudioApi()}>{(target) => <Policies target={target} />}</Loaded>;
}

function Policies({ target }: { target: Api }) {
  return (
    <Loaded query={useVersions(target.id)}>
      {({ items }) => <Levels target={target} versions={items} />}
    </Loaded>
  );
}

function Levels({ target, versions }: { target: Api; versions: Version[] }) {
  const [chosen, choose] = useState(WHOLE);
  const spot: Spot = chosen === WHOLE ? { level: "api", id: target.id } : { level: "version", id: chosen };
  return (
    <Stack>
      <SegmentedControl
        w="fit-content"
        maw="100%"
        aria-label="Policies of"
        value={chosen}
        onChange={choose}
        data={[
          { value: WHOLE, label: "The whole API" },
          ...versions.map((one) => ({ value: one.id, label: `Version ${one.name}` })),
        ]}
      />
      <Text size="sm" c="dimmed">
        Nearer places win: an operation, then its version, the API,{" "}
        <TextLink
          to="/studio/teams/$teamId"
          params={{ teamId: target.owner.id }}
          size="sm"
          underline="always"
        >
          the team
        </TextLink>
        , the hub. Those of one operation stand on its page, under{" "}
        <TextLink
          to="/studio/apis/$slug/versions"
          params={{ slug: target.slug }}
          size="sm"
          underline="always"
        >
          Versions
        </TextLink>
        .
      </Text>
      <PolicySet key={chosen} spot={spot} editable={can(target, "update")} order={2} />
    </Stack>
  );
}
