import { asProblem, formErrors } from "@/client/problem";
import type { Issuer, IssuerCreate, IssuerUpdate } from "@/client/types";

export const SOURCES = [
  { value: "discovery_url", label: "Its metadata (OpenID Connect, RFC 8414)" },
  { value: "jwks_url", label: "The address of its keys (JWK Set)" },
  { value: "jwks", label: "Its keys, given here" },
  { value: "shared_secret", label: "A shared secret (HS256)" },
  { value: "opaque", label: "Nowhere: gateways ask about each token" },
] as const;

export type Source = (typeof SOURCES)[number]["value"];

export const ALGORITHMS = [
  "RS256",
  "RS384",
  "RS512",
  "PS256",
  "PS384",
  "PS512",
  "ES256",
  "ES384",
  "ES512",
  "EdDSA",
] as const;

type Algorithms = NonNullable<IssuerCreate["algorithms"]>;

/** An issuer as the form holds it: one place of the keys, and what is typed for it. */
export interface IssuerDraft {
  url: string;
  name: string;
  owner_id: string;
  source: Source;
  given: string;
  client_claim: string;
  proof_audience: string;
  algorithms: string[];
  refresh_seconds: number | string;
  allow_http: boolean;
}

export const NEW_ISSUER: IssuerDraft = {
  url: "",
  name: "",
  owner_id: "",
  source: "discovery_url",
  given: "",
  client_claim: "client_id",
  proof_audience: "",
  algorithms: ["RS256", "PS256", "ES256", "EdDSA"],
  refresh_seconds: 300,
  allow_http: false,
};

/** What the API answers as `source`, as the field that says so. */
const FIELD: Record<string, Source> = { discovery: "discovery_url", secret: "shared_secret" };
const sourceOf = (issuer: Issuer): Source => FIELD[issuer.source] ?? (issuer.source as Source);

export const isRemote = (source: Source): boolean => source === "discovery_url" || source === "jwks_url";

export function draftOf(issuer: Issuer): IssuerDraft {
  const source = sourceOf(issuer);
  return {
    url: issuer.url,
    name: issuer.name,
    owner_id: issuer.owner?.id ?? "",
    source,
    given: issuer.address,
    client_claim: issuer.client_claim,
    proof_audience: issuer.proof_audience,
    algorithms: source === "shared_secret" ? NEW_ISSUER.algorithms : issuer.algorithms,
    refresh_seconds: issuer.refresh_seconds,
    allow_http: issuer.allow_http,
  };
}

/** A shared secret signs with HS256 and nothing else; public keys never do. */
const algorithmsOf = ({ source, algorithms }: IssuerDraft): Algorithms =>
  source === "shared_secret" ? ["HS256"] : (algorithms as Algorithms);

const place = ({ source, given }: IssuerDraft) => ({
  [source]: source === "opaque" ? true : given.trim(),
});

/** Whether the draft names another place of the keys; keys and secrets are not shown, so an empty field keeps them. */
function moves(issuer: Issuer, draft: IssuerDraft): boolean {
  if (draft.source !== sourceOf(issuer)) return true;
  return isRemote(draft.source) ? draft.given.trim() !== issuer.address : draft.given.trim() !== "";
}

/** What has to be typed before the draft can be sent. */
export function missingPlace(draft: IssuerDraft, issuer: Issuer | undefined): string | null {
  const optional = draft.source === "opaque" || draft.source === "discovery_url";
  if (optional || draft.given.trim()) return null;
  const kept = issuer && !isRemote(draft.source) && draft.source === sourceOf(issuer);
  return kept ? null : "Where its keys come from";
}

export function createOf(draft: IssuerDraft): IssuerCreate {
  return {
    url: draft.url.trim(),
    name: draft.name.trim(),
    owner_id: draft.owner_id,
    client_claim: draft.client_claim.trim(),
    proof_audience: draft.proof_audience.trim(),
    algorithms: algorithmsOf(draft),
    ...place(draft),
    ...(isRemote(draft.source) ? fetching(draft) : {}),
  };
}

const fetching = ({ refresh_seconds, allow_http }: IssuerDraft) => ({
  ...(refresh_seconds === "" ? {} : { refresh_seconds: Number(refresh_seconds) }),
  allow_http,
});

/** Only what differs: the hub fetches the keys anew when their place or their signatures are named. */
export function changeOf(issuer: Issuer, draft: IssuerDraft): IssuerUpdate {
  const wanted = {
    name: draft.name.trim(),
    client_claim: draft.client_claim.trim(),
    proof_audience: draft.proof_audience.trim(),
    algorithms: algorithmsOf(draft),
    ...(isRemote(draft.source) ? fetching(draft) : {}),
  };
  const now: Record<string, unknown> = { ...issuer };
  const differing = Object.entries(wanted).filter(
    ([name, value]) => JSON.stringify(value) !== JSON.stringify(now[name]),
  );
  return { ...Object.fromEntries(differing), ...(moves(issuer, draft) ? place(draft) : {}) };
}

/** The hub names the place of the keys by its own field; the form has one for all of them. */
export function issuerErrors(error: unknown, source: Source): Record<string, string> {
  const { [source]: given, ...others } = formErrors(error);
  const { code, detail } = asProblem(error);
  const said = given ?? (code === "issuer_keys_refused" ? detail : undefined);
  return { ...others, ...(said ? { given: said } : {}) };
}
