import type { ReactNode } from "react";
import { useInView } from "@/ui/useInView";
import classes from "./TabLinks.module.css";

/** The class of one tab: a link of the router that marks itself when its page is shown. */
export const tabClass = classes.tab ?? "";

/** Tabs that are pages: each has an address of its own. */
export function TabLinks({ label, children }: { label: string; children: ReactNode }) {
  const row = useInView<HTMLElement>();
  return (
    <nav ref={row} className={classes.tabs} aria-label={label}>
      {children}
    </nav>
  );
}
