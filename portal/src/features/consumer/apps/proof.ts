import { api } from "@/client/http";
import { asProblem, formErrors } from "@/client/problem";
import { useSession } from "@/client/session";
import type { CredentialKind } from "@/client/types";

/** A credential that anybody could name, as a form holds it; `claimed`: it is registered without proof. */
export interface ProofDraft {
  token: string;
  issuer: string;
  client_id: string;
  certificate: string;
  signature: string;
  claimed: boolean;
}

export const NO_PROOF: ProofDraft = {
  token: "",
  issuer: "",
  client_id: "",
  certificate: "",
  signature: "",
  claimed: false,
};

/** What a person runs where the private key is. */
export const signing = (challenge: string): string =>
  `printf %s '${challenge}' | openssl dgst -sha256 -sign client.key | openssl base64 -A`;

/** The challenge of this form: it stays what it was when somebody comes back from signing it. */
export function useChallenge(appId: string, wanted: boolean) {
  return api.useQuery(
    "get",
    "/api/v1/apps/{app_id}/challenge",
    { params: { path: { app_id: appId } } },
    {
      enabled: wanted,
      gcTime: 0,
      staleTime: 60_000,
      refetchOnWindowFocus: false,
      refetchOnReconnect: false,
    },
  );
}

/** Who may register without proof: administrators both, maintainers the clients of their teams' issuers. */
export function useMayClaim(kind: CredentialKind): boolean {
  const session = useSession();
  const maintains = session?.memberships.some(({ role }) => role === "maintainer" || role === "owner");
  return session?.hub_role === "administrator" || (kind === "external_client" && maintains === true);
}

/** A client as the API takes it: proven by a token, which names it, or only named. */
export const clientOf = ({ token, issuer, client_id, claimed }: ProofDraft) =>
  claimed ? { issuer: issuer.trim(), client_id: client_id.trim() } : { token: token.trim() };

/** A certificate as the API takes it: whole and signed for, or only claimed, by its fingerprint too. */
export function certificateOf({ certificate, signature, claimed }: ProofDraft, challenge = "") {
  const text = certificate.trim();
  const given = text.includes("BEGIN") ? { certificate: text } : { fingerprint: text };
  return claimed ? given : { ...given, challenge, signature: signature.trim() };
}

type Missing = {
  [name in keyof ProofDraft]?: (value: ProofDraft[name], draft: DraftOfKind) => string | null;
};
type DraftOfKind = ProofDraft & { kind: CredentialKind };

const unless = (given: unknown, said: string): string | null => (String(given).trim() ? null : said);

/** What has to be typed before it can be sent. */
export const missing: Missing = {
  token: (token, { kind, claimed }) =>
    kind === "external_client" && !claimed ? unless(token, "An access token of the client") : null,
  issuer: (issuer, { kind, claimed }) =>
    kind === "external_client" && claimed ? unless(issuer, "The address of the issuer") : null,
  client_id: (id, { kind, claimed }) =>
    kind === "external_client" && claimed ? unless(id, "The id that the program has there") : null,
  certificate: (pem, { kind, claimed }) =>
    kind === "certificate"
      ? unless(pem, claimed ? "The certificate, or its fingerprint" : "The certificate")
      : null,
  signature: (made, { kind, claimed }) =>
    kind === "certificate" && !claimed ? unless(made, "What the command prints") : null,
};

/** What the hub said, at the fields of the form: of a challenge, where its signature stands. */
export function proofErrors(error: unknown): Record<string, string> {
  const { challenge, fingerprint, ...others } = formErrors(error);
  return {
    ...(challenge ? { signature: challenge } : {}),
    ...(fingerprint ? { certificate: fingerprint } : {}),
    ...others,
  };
}

/** Whether the hub takes the challenge no more, so that a new one is needed. */
export const isChallengeOver = (error: unknown): boolean =>
  asProblem(error).errors.some(({ pointer }) => pointer === "/challenge");
