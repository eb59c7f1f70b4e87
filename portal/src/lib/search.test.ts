import { describe, expect, it } from "vitest";
import { optionalText, safeNext } from "./search";

describe("optionalText", () => {
  it("keeps known text and drops the rest", () => {
    expect(optionalText({ q: "pay", tag: 7, x: "y", kind: { a: 1 } }, ["q", "tag", "kind"])).toEqual({
      q: "pay",
      tag: "7",
    });
  });
});

describe("safeNext", () => {
  it.each(["https://evil.test", "//evil.test", "/\\evil.test", "javascript:alert(1)", undefined])(
    "refuses %s",
    (next) => {
      expect(safeNext(next)).toBe("/");
    },
  );

  it("goes back to a page of this site", () => {
    expect(safeNext("/apis/orders/plans?x=1")).toBe("/apis/orders/plans?x=1");
  });
});
