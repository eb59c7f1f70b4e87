import { expect, it } from "vitest";
import { addressesIn } from "./addresses";

it("names the addresses as the hub publishes them", () => {
  const issuer = "https://apis.example.org/hub";
  const found = addressesIn({
    issuer,
    token_endpoint: `${issuer}/oauth/token`,
    jwks_uri: `${issuer}/oauth/jwks.json`,
    grant_types_supported: ["client_credentials"],
  });
  expect(found.map(({ value }) => value)).toEqual([
    `${issuer}/oauth/token`,
    `${issuer}/oauth/jwks.json`,
    issuer,
    `${issuer}/.well-known/oauth-authorization-server`,
  ]);
});

it("says nothing of what is no metadata", () => {
  expect(addressesIn(undefined)).toEqual([]);
  expect(addressesIn({ issuer: 7, jwks_uri: "" })).toEqual([]);
});
