import { Text } from "@mantine/core";
import type { TablerIcon } from "@tabler/icons-react";
import { Outlet, useLocation } from "@tanstack/react-router";
import type { ComponentProps } from "react";
import { useAdministrator } from "@/client/session";
import { SideLink } from "@/ui/links";
import { useInView } from "@/ui/useInView";
import classes from "./Shell.module.css";

export interface SidePlace {
  to: ComponentProps<typeof SideLink>["to"];
  label: string;
  icon: TablerIcon;
  exact?: boolean;
  /** Nobody else may look at it. */
  administrators?: boolean;
  /** Where the pages of what it lists begin, if not below its own address. */
  holds?: string;
}

/** As the router marks the link to the very page. */
const INSIDE = { "data-status": "active", "aria-current": "true" } as const;

/** The frame of the two working areas: places at the side, on a phone in a row above. */
export function SideLayout({ title, places }: { title: string; places: SidePlace[] }) {
  const administrator = useAdministrator();
  const row = useInView<HTMLElement>();
  const at = useLocation({ select: ({ pathname }) => pathname });
  return (
    <div className={classes.side}>
      <nav ref={row} className={classes.sidebar} aria-label={title}>
        <Text className={classes.sideTitle} size="xs" fw={600} c="dimmed" px="sm" mb={6} visibleFrom="sm">
          {title}
        </Text>
        {places
          .filter((one) => administrator || !one.administrators)
          .map(({ to, label, icon: Icon, exact, holds }) => (
            <SideLink
              key={label}
              to={to}
              label={label}
              className={classes.sideLink}
              activeOptions={{ exact: exact ?? false }}
              {...(holds && at.startsWith(holds) ? INSIDE : {})}
              leftSection={<Icon size={17} stroke={1.7} />}
            />
          ))}
      </nav>
      <div className={classes.content}>
        <Outlet />
      </div>
    </div>
  );
}
