import { formErrors } from "@/client/problem";
import type { Gateway, GatewayOptions } from "@/client/types";

/** What holds for a whole gateway, as the form holds it: its fields stand where the hub's errors point to. */
export interface SettingsDraft {
  /** Whether there is a second listener, with TLS. */
  listens: boolean;
  settings: {
    trusted_proxies: string[];
    max_request_bytes: number | string;
    x_ratelimit_headers: boolean;
    tls: { port: number | string; certificate: string; key: string; client_ca: string };
  };
}

export function draftOf({ settings }: Gateway): SettingsDraft {
  const tls = settings?.tls;
  return {
    listens: Boolean(tls),
    settings: {
      trusted_proxies: settings?.trusted_proxies ?? [],
      max_request_bytes: settings?.max_request_bytes ?? "",
      x_ratelimit_headers: settings?.x_ratelimit_headers ?? false,
      // The key is never shown: an empty one keeps what is there.
      tls: {
        port: tls?.port ?? 8443,
        certificate: tls?.certificate ?? "",
        key: "",
        client_ca: tls?.client_ca ?? "",
      },
    },
  };
}

/** All settings, as the hub replaces them. */
export function optionsOf({ listens, settings }: SettingsDraft): GatewayOptions {
  const { max_request_bytes, tls, ...others } = settings;
  return {
    ...others,
    ...(max_request_bytes === "" ? {} : { max_request_bytes: Number(max_request_bytes) }),
    tls: listens ? { ...tls, port: Number(tls.port) } : null,
  };
}

/** The hub points to one of the proxies, the form has one input for all of them. */
export function settingsErrors(error: unknown): Record<string, string> {
  const found = Object.entries(formErrors(error));
  return Object.fromEntries(
    found.map(([path, said]) => [path.replace(/^(settings\.trusted_proxies)\.\d+$/, "$1"), said]),
  );
}
