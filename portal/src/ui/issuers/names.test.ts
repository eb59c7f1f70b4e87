import { expect, it } from "vitest";
import { byName } from "./names";

it("names issuers wherever they stand, and leaves all else as it is", () => {
  const names = new Map([["iss_1", "Our people"]]);
  const config = {
    issuers: [{ issuer: "iss_1", audiences: ["a"] }, { issuer: "iss_2" }],
    leeway: 3,
    off: null,
  };
  expect(byName(config, names)).toEqual({
    issuers: [{ issuer: "Our people", audiences: ["a"] }, { issuer: "iss_2" }],
    leeway: 3,
    off: null,
  });
});
