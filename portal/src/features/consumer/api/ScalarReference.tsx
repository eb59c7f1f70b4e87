import { useComputedColorScheme } from "@mantine/core";
import { createApiReference } from "@scalar/api-reference";
import "@scalar/api-reference/style.css";
import "./scalar.css";
import { useEffect, useRef } from "react";
import { anchorOf, keyPlace } from "@/lib/reference";
import { keepMended } from "./mend";

interface Props {
  document: Record<string, unknown>;
  apiKey: string | undefined;
}

type Configuration = NonNullable<Parameters<typeof createApiReference>[1]>;

/** Everything of Scalar that would call another host or advertise is off; what is left is the reference and try-it. */
function configure({ document, apiKey }: Props, dark: boolean): Configuration {
  const place = keyPlace(document);
  return {
    content: document,
    theme: "none",
    layout: "modern",
    forceDarkModeState: dark ? "dark" : "light",
    hideDarkModeToggle: true,
    withDefaultFonts: false,
    telemetry: false,
    hideClientButton: true,
    showDeveloperTools: "never",
    agent: { disabled: true },
    mcp: { disabled: true },
    persistAuth: false,
    // Ctrl K searches the hub.
    searchHotKey: "j",
    documentDownloadType: "both",
    defaultOpenAllTags: false,
    hiddenClients: { c: true, clojure: true, objc: true, ocaml: true, r: true },
    defaultHttpClient: { targetKey: "shell", clientKey: "curl" },
    ...(place && apiKey
      ? {
          authentication: {
            preferredSecurityScheme: place.scheme,
            securitySchemes: { [place.scheme]: { value: apiKey } },
          },
        }
      : {}),
  } as Configuration;
}

/** Scalar is a Vue program: it gets a box of its own and is taken down with it. */
export default function ScalarReference({ document, apiKey }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const dark = useComputedColorScheme("light") === "dark";
  useEffect(() => {
    if (!box.current) return;
    const anchor = anchorOf(document, window.location.hash.slice(1));
    if (anchor) window.history.replaceState(window.history.state, "", `#${anchor}`);
    const mount = window.document.createElement("div");
    box.current.append(mount);
    const instance = createApiReference(mount, configure({ document, apiKey }, dark));
    const stopMending = keepMended(mount);
    return () => {
      stopMending();
      instance.destroy();
      mount.remove();
    };
  }, [document, apiKey, dark]);
  return <div ref={box} className="reference-box" />;
}
