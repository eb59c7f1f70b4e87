import { useEffect } from "react";
import type { Hub } from "@/client/types";
import { brandPalette } from "@/lib/theme";
import { HubMark } from "@/ui/HubMark";
import { PlainLink } from "@/ui/links";
import classes from "./Shell.module.css";

/** The hub's own mark in the browser's tab, drawn from its name and colour: nothing is fetched. */
export function useFavicon(hub: Hub): void {
  useEffect(() => {
    const icon = document.getElementById("favicon");
    if (!(icon instanceof HTMLLinkElement)) return;
    if (hub.logo_url) {
      icon.href = hub.logo_url;
      return;
    }
    const color = brandPalette(hub.primary_color)[6];
    const letter = hub.name.charAt(0).toUpperCase().replace(/[<&>]/, "A");
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="8" fill="${color}"/><text x="16" y="22.5" font-family="sans-serif" font-size="18" font-weight="700" fill="#fff" text-anchor="middle">${letter}</text></svg>`;
    icon.href = `data:image/svg+xml,${encodeURIComponent(svg)}`;
  }, [hub]);
}

export function Brand({ hub }: { hub: Hub }) {
  return (
    <PlainLink to="/" className={classes.brand}>
      <HubMark hub={hub} />
      <span style={{ overflow: "hidden", textOverflow: "ellipsis" }}>{hub.name}</span>
    </PlainLink>
  );
}
