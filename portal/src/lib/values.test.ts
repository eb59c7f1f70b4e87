import { expect, it } from "vitest";
import { inWords } from "./values";

it("says any value in words", () => {
  expect(inWords(null)).toBe("–");
  expect(inWords(true)).toBe("Yes");
  expect(inWords(["a", "b"])).toBe("a; b");
  expect(inWords([])).toBe("none");
  expect(inWords({ requests: 60, seconds: 60, burst: 0, by: "app", overage: true, claim: "" })).toBe(
    "requests: 60, seconds: 60, by: app, overage",
  );
});
