import { Group, SegmentedControl, Select, Stack } from "@mantine/core";
import { useState } from "react";
import type { Api, Version } from "@/client/types";
import { can } from "@/lib/may";
import { EmptyState } from "@/ui/EmptyState";
import { Loaded } from "@/ui/Loaded";
import { currentOf, useStudioApi, useVersions } from "../apis/queries";
import { PolicySet } from "./PolicySet";

/** What the gateway does with each call: what holds in the end, and where it comes from. */
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
  const [versionId, setVersion] = useState(currentOf(versions)?.id ?? "");
  const [level, setLevel] = useState("api");
  if (!versionId)
    return (
      <EmptyState title="No version yet">
        Policies are resolved for a version; import a definition first.
      </EmptyState>
    );
  return (
    <Stack>
      <Group align="flex-end">
        <Select
          label="As resolved for version"
          w={240}
          allowDeselect={false}
          value={versionId}
          onChange={(id) => id && setVersion(id)}
          data={versions.map((one) => ({ value: one.id, label: one.name }))}
        />
        <SegmentedControl
          aria-label="What is set here holds for"
          value={level}
          onChange={setLevel}
          data={[
            { value: "api", label: "The whole API" },
            { value: "version", label: "This version only" },
          ]}
        />
      </Group>
      <PolicySet
        key={`${level}.${versionId}`}
        spot={level === "api" ? { level: "api", apiId: target.id } : { level: "version", versionId }}
        versionId={versionId}
        editable={can(target, "update")}
        order={2}
      />
    </Stack>
  );
}
