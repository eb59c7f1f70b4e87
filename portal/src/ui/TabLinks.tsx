import type { ReactNode } from "react";
import classes from "./TabLinks.module.css";

/** The class of one tab: a link of the router that marks itself when its page is shown. */
export const tabClass = classes.tab ?? "";

/** Tabs that are pages: each has an address of its own. */
export function TabLinks({ label, children }: { label: string; children: ReactNode }) {
  return (
    <nav className={classes.tabs} aria-label={label}>
      {children}
    </nav>
  );
}
