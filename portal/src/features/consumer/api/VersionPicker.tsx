import { Group, Select, Text } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import type { Api, Version } from "@/client/types";
import { StatusBadge } from "@/ui/StatusBadge";
import { useChosenVersion } from "./queries";

/** Which version the pages of this API are about; its name stands in the address, so that a link keeps it. */
export function VersionPicker({ target }: { target: Api }) {
  const { versions, version, missing } = useChosenVersion(target);
  const navigate = useNavigate();
  if (!missing && versions.length < 2) return null;
  const choose = (name: string | null) => {
    const current = versions.find((one) => one.name === name)?.current;
    void navigate({ to: ".", search: current || !name ? {} : { version: name }, replace: true });
  };
  return (
    <Group gap="xs">
      <Select
        aria-label="Version"
        size="sm"
        w={170}
        allowDeselect={false}
        value={version?.name ?? null}
        onChange={choose}
        data={versions.map((one) => ({ value: one.name, label: labelOf(one) }))}
      />
      {version && version.lifecycle !== "published" && <StatusBadge state={version.lifecycle} />}
      {missing && (
        <Text size="sm" c="dimmed" role="status">
          There is no version “{missing}” here; this is the current one.
        </Text>
      )}
    </Group>
  );
}

const labelOf = (version: Version): string => (version.current ? `${version.name} (current)` : version.name);
