import { ActionIcon, CopyButton, Group, Text, Tooltip } from "@mantine/core";
import { IconCheck, IconCopy } from "@tabler/icons-react";

interface Props {
  value: string;
  /** What is copied, for screen readers: "API key", "address". */
  label: string;
  size?: "xs" | "sm" | "md";
}

export function CopyIcon({ value, label }: { value: string; label: string }) {
  return (
    <CopyButton value={value} timeout={1600}>
      {({ copied, copy }) => (
        <Tooltip label={copied ? "Copied" : `Copy ${label}`} withArrow>
          <ActionIcon
            onClick={copy}
            aria-label={copied ? "Copied" : `Copy ${label}`}
            color={copied ? "green" : "gray"}
          >
            {copied ? <IconCheck size={16} /> : <IconCopy size={16} />}
          </ActionIcon>
        </Tooltip>
      )}
    </CopyButton>
  );
}

/** A value people take elsewhere: monospaced, whole, one click to copy. */
export function CopyField({ value, label, size = "sm" }: Props) {
  return (
    <Group
      gap="xs"
      wrap="nowrap"
      justify="space-between"
      px="sm"
      py={5}
      bg="var(--sunken)"
      style={{ border: "1px solid var(--line)", borderRadius: "var(--mantine-radius-md)", minWidth: 0 }}
    >
      <Text ff="monospace" size={size} style={{ overflowWrap: "anywhere", fontVariantLigatures: "none" }}>
        {value}
      </Text>
      <CopyIcon value={value} label={label} />
    </Group>
  );
}
