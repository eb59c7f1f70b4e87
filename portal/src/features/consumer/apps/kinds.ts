import type { CredentialKind, NewCredential } from "@/client/types";

/** What an app may call with, in the order in which it is offered. */
export const KINDS: { value: CredentialKind; label: string; about: string }[] = [
  { value: "key", label: "API key", about: "One value in a header; works everywhere." },
  {
    value: "oauth_client",
    label: "Client for tokens (OAuth 2)",
    about: "A client id and secret; the program gets short-lived tokens from this hub.",
  },
  { value: "basic", label: "User name and password", about: "HTTP Basic, for programs that can do no more." },
  {
    value: "external_client",
    label: "Client of another issuer",
    about: "The program brings tokens of an issuer that this hub trusts.",
  },
  {
    value: "certificate",
    label: "Client certificate",
    about: "Mutual TLS: the program shows it whenever it connects.",
  },
];

export const kindLabel = (kind: CredentialKind): string =>
  KINDS.find((one) => one.value === kind)?.label ?? kind;

export interface Shown {
  label: string;
  value: string;
}

/** What of a new credential is seen this once, the secret last; empty where there is nothing secret. */
export function secretsOf(made: NewCredential): Shown[] {
  const parts: Shown[] = [
    { label: "Token address", value: made.token_url ?? "" },
    { label: "Client id", value: made.client_id ?? "" },
    { label: "User name", value: made.username ?? "" },
    { label: "API key", value: made.key ?? "" },
    { label: "Client secret", value: made.client_secret ?? "" },
    { label: "Password", value: made.password ?? "" },
  ];
  const isSecret = made.key || made.client_secret || made.password;
  return isSecret ? parts.filter((one) => one.value) : [];
}
