import { describe, expect, it } from "vitest";
import { KEY_PLACEHOLDER, snippetsOf } from "./snippets";

const CALL = {
  id: "place",
  method: "POST",
  path: "/orders",
  summary: "",
  url: "http://127.0.0.1:8080/shop/orders",
  query: [{ name: "dry", value: "yes" }],
  body: '{\n  "sku": "A-1"\n}',
};

describe("snippetsOf", () => {
  it.each(["curl", "python", "javascript", "go", "java"])(
    "%s has the address, the key and the body",
    (id) => {
      const snippet = snippetsOf(CALL, { scheme: "k", in: "header", name: "X-API-Key" }, "secret-1").find(
        (one) => one.id === id,
      );
      expect(snippet?.code).toContain("http://127.0.0.1:8080/shop/orders");
      expect(snippet?.code).toMatch(/dry=yes|"dry": "yes"/);
      expect(snippet?.code).toContain("X-API-Key");
      expect(snippet?.code).toContain("secret-1");
      expect(snippet?.code).toContain("A-1");
    },
  );

  it("says where the key goes while there is none, also in a query", () => {
    const [curl] = snippetsOf(
      { ...CALL, body: undefined },
      { scheme: "k", in: "query", name: "api_key" },
      undefined,
    );
    expect(curl?.code).toContain(`api_key=${KEY_PLACEHOLDER}`);
  });

  it("puts no key where none is wanted", () => {
    const [curl] = snippetsOf(CALL, undefined, "secret-1");
    expect(curl?.code).not.toContain("secret-1");
  });
});
