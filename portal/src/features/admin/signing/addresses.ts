import { useQuery } from "@tanstack/react-query";
import { ProblemError, readProblem } from "@/client/problem";

/** Where the hub publishes what it is as an issuer (RFC 8414); the standard fixes the place. */
const METADATA = "/.well-known/oauth-authorization-server";

const FIELDS = [
  { field: "token_endpoint", label: "Token endpoint" },
  { field: "jwks_uri", label: "Public keys (JWK Set)" },
  { field: "introspection_endpoint", label: "Introspection" },
  { field: "issuer", label: "Issuer" },
] as const;

export interface Address {
  label: string;
  value: string;
}

/** The addresses that clients and backends need, in the hub's own words; one that it does not name is left out. */
export function addressesIn(metadata: unknown): Address[] {
  const found =
    typeof metadata === "object" && metadata !== null ? (metadata as Record<string, unknown>) : {};
  const named = [...FIELDS.map(({ field, label }) => ({ label, value: found[field] })), whole(found.issuer)];
  return named.filter((one): one is Address => typeof one.value === "string" && one.value !== "");
}

const whole = (issuer: unknown) => ({
  label: "Metadata, which names them all",
  value: typeof issuer === "string" && issuer ? `${issuer}${METADATA}` : "",
});

async function read(): Promise<Address[]> {
  const response = await fetch(METADATA);
  const body: unknown = await response.json().catch(() => undefined);
  if (!response.ok) throw new ProblemError(readProblem(response.status, body, response.headers));
  return addressesIn(body);
}

export function useAddresses() {
  return useQuery({ queryKey: ["get", METADATA], queryFn: read, staleTime: 5 * 60_000 });
}
