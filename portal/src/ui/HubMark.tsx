import { Box } from "@mantine/core";
import type { Hub } from "@/client/types";

/** The hub's logo, or the first letter of its name in its colour. */
export function HubMark({ hub, size = 28 }: { hub: Hub; size?: number }) {
  if (hub.logo_url) {
    return <img src={hub.logo_url} alt="" style={{ height: size, maxWidth: 180, objectFit: "contain" }} />;
  }
  return (
    <Box
      aria-hidden
      w={size}
      h={size}
      fz={size / 2}
      fw={700}
      bg="var(--mantine-primary-color-filled)"
      c="var(--mantine-primary-color-contrast)"
      style={{ display: "grid", placeItems: "center", flex: "none", borderRadius: size / 3.5 }}
    >
      {hub.name.charAt(0).toUpperCase()}
    </Box>
  );
}
