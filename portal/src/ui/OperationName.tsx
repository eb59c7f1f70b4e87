import { Group, Text } from "@mantine/core";
import type { ReactNode } from "react";
import { MethodBadge } from "./StatusBadge";

interface Props {
  method: string;
  /** Its path, or a link that says it. */
  children: ReactNode;
  size?: "xs" | "sm";
}

/** What can be called: a method and a path. */
export function OperationName({ method, children, size = "sm" }: Props) {
  return (
    <Group gap="sm" wrap="nowrap">
      <MethodBadge method={method} />
      <Text ff="monospace" size={size} component="div" style={{ overflowWrap: "anywhere", minWidth: 0 }}>
        {children}
      </Text>
    </Group>
  );
}
