import { describe, expect, it } from "vitest";
import { ProblemError, readProblem } from "@/client/problem";
import type { Issuer } from "@/client/types";
import { changeOf, createOf, draftOf, issuerErrors, missingPlace, NEW_ISSUER } from "./draft";

const ISSUER = {
  name: "People",
  url: "https://login.example.org",
  owner: null,
  source: "discovery",
  address: "https://login.example.org/.well-known/openid-configuration",
  algorithms: ["RS256", "ES256"],
  client_claim: "azp",
  proof_audience: "",
  refresh_seconds: 300,
  allow_http: false,
} as unknown as Issuer;

const change = (issuer: Issuer, over: object) => changeOf(issuer, { ...draftOf(issuer), ...over });

describe("a change of an issuer", () => {
  it("says only what differs, so that keys are not fetched for a name", () => {
    expect(change(ISSUER, {})).toEqual({});
    expect(change(ISSUER, { name: " Staff ", refresh_seconds: 60 })).toEqual({
      name: "Staff",
      refresh_seconds: 60,
    });
    expect(change(ISSUER, { algorithms: ["ES256"] })).toEqual({ algorithms: ["ES256"] });
  });

  it("names a new place of the keys by its own field", () => {
    const address = "https://login.example.org/keys";
    expect(change(ISSUER, { source: "jwks_url", given: address })).toEqual({ jwks_url: address });
    expect(change(ISSUER, { source: "opaque", given: "" })).toEqual({ opaque: true });
    expect(change(ISSUER, { given: "" })).toEqual({ discovery_url: "" });
  });

  it("goes to a shared secret and back with the signatures that fit", () => {
    const secret = "s".repeat(32);
    const wanted = { source: "shared_secret", given: secret };
    expect(change(ISSUER, wanted)).toEqual({ shared_secret: secret, algorithms: ["HS256"] });
    const held = { ...ISSUER, source: "secret", address: "", algorithms: ["HS256"] } as Issuer;
    expect(change(held, {})).toEqual({});
    expect(change(held, { given: secret })).toEqual({ shared_secret: secret });
    expect(change(held, { source: "opaque" })).toEqual({ opaque: true, algorithms: NEW_ISSUER.algorithms });
  });

  it("keeps keys that are not shown when nothing is typed over them", () => {
    const held = { ...ISSUER, source: "jwks", address: "" } as Issuer;
    expect(missingPlace(draftOf(held), held)).toBeNull();
    expect(change(held, {})).toEqual({});
    expect(missingPlace({ ...draftOf(held), source: "jwks_url" }, held)).not.toBeNull();
    expect(missingPlace({ ...NEW_ISSUER, source: "jwks" }, undefined)).not.toBeNull();
    expect(missingPlace(NEW_ISSUER, undefined)).toBeNull();
  });
});

it("a new issuer says how its keys are fetched only where they are", () => {
  const draft = { ...NEW_ISSUER, url: " https://a.example ", refresh_seconds: 60 };
  expect(createOf(draft)).toMatchObject({ url: "https://a.example", discovery_url: "", refresh_seconds: 60 });
  expect(createOf({ ...draft, source: "jwks", given: '{"keys": []}' })).not.toHaveProperty("refresh_seconds");
});

describe("what the hub says against it", () => {
  const problem = (code: string, errors: object[] = []) =>
    new ProblemError(readProblem(422, { code, detail: "The issuer does not answer.", errors }));

  it("stands at the field that the form has", () => {
    const errors = [{ pointer: "/body/jwks_url", message: "no" }];
    expect(issuerErrors(problem("invalid", errors), "jwks_url")).toEqual({ given: "no" });
    expect(issuerErrors(problem("invalid", errors), "jwks")).toEqual({ jwks_url: "no" });
    expect(issuerErrors(problem("issuer_keys_refused"), "jwks")).toEqual({
      given: "The issuer does not answer.",
    });
  });
});
