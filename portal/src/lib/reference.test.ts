import { describe, expect, it } from "vitest";
import { anchorOf, callExamples, hashOf, keyPlace, sample, serverUrl } from "./reference";

const DOCUMENT = {
  openapi: "3.1.0",
  servers: [{ url: "https://gateway.test/orders/" }],
  components: {
    securitySchemes: { ApiKey: { type: "apiKey", in: "header", name: "X-API-Key" } },
    schemas: {
      Order: {
        type: "object",
        properties: {
          sku: { type: "string", example: "A-1" },
          parent: { $ref: "#/components/schemas/Order" },
        },
      },
    },
    parameters: { Id: { name: "id", in: "path", required: true, schema: { type: "integer", default: 7 } } },
  },
  paths: {
    "/orders/{id}": {
      parameters: [{ $ref: "#/components/parameters/Id" }],
      get: {
        operationId: "read",
        parameters: [{ name: "view", in: "query", required: true, schema: { enum: ["full", "short"] } }],
      },
    },
    "/orders": {
      post: {
        requestBody: { content: { "application/json": { schema: { $ref: "#/components/schemas/Order" } } } },
      },
    },
  },
};

describe("anchorOf", () => {
  const document = { paths: { "/a/{id}": { get: { tags: ["Geography & weather"] }, put: {} } } };

  it("finds an operation below its first tag", () => {
    expect(anchorOf(document, hashOf({ method: "get", path: "/a/{id}" }))).toBe(
      "tag/geography--weather/GET/a/{id}",
    );
  });

  it("leaves alone what is no operation, or in no group", () => {
    expect(anchorOf(document, "PUT/a/{id}")).toBe("");
    expect(anchorOf(document, "GET/nowhere")).toBe("");
    expect(anchorOf(document, "tag/geography")).toBe("");
    expect(anchorOf(undefined, "GET/a")).toBe("");
  });
});

describe("callExamples", () => {
  it("fills path and required query from what the document says", () => {
    const read = callExamples(DOCUMENT).find((call) => call.id === "read");
    expect(read).toMatchObject({
      method: "GET",
      url: "https://gateway.test/orders/orders/7",
      query: [{ name: "view", value: "full" }],
    });
  });

  it("makes a body, and a schema that contains itself ends", () => {
    const post = callExamples(DOCUMENT).find((call) => call.method === "POST");
    expect(JSON.parse(post?.body ?? "null")).toMatchObject({ sku: "A-1" });
  });

  it("survives documents that are none", () => {
    expect(callExamples(null)).toEqual([]);
    expect(callExamples({ paths: { "/x": null, "/y": { get: 3 } } })).toHaveLength(1);
    expect(serverUrl({ servers: "no" })).toBe("");
  });
});

describe("keyPlace", () => {
  it("finds the key's place, and none where none is wanted", () => {
    expect(keyPlace(DOCUMENT)).toEqual({ scheme: "ApiKey", in: "header", name: "X-API-Key" });
    expect(keyPlace({})).toBeUndefined();
  });
});

describe("sample", () => {
  it("takes the plainest value of a type", () => {
    expect(sample({}, { type: "array", items: { type: "string", format: "date" } }, 0)).toEqual([
      "2026-01-31",
    ]);
    expect(sample({}, { type: ["null", "boolean"] }, 0)).toBe(true);
  });
});
