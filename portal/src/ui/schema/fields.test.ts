import { describe, expect, it } from "vitest";
import { fieldsOf, startOf } from "./fields";

const LIMITS = {
  $defs: {
    Limit: {
      type: "object",
      properties: {
        requests: { type: "integer", minimum: 1 },
        by: { $ref: "#/$defs/By", default: "app" },
      },
      required: ["requests"],
    },
    By: { enum: ["app", "ip"], type: "string" },
  },
  properties: { limits: { type: "array", items: { $ref: "#/$defs/Limit" } } },
  required: ["limits"],
};

describe("fieldsOf", () => {
  it("reads the inputs off a schema", () => {
    const fields = fieldsOf({
      properties: {
        enabled: { type: "boolean", default: true, description: "Off opens it." },
        max_age_seconds: { type: "integer", maximum: 86400 },
        header: { type: "string" },
        client_secret: { type: "string", format: "password", writeOnly: true },
        origins: { type: "array", items: { type: "string" } },
        days: { type: "array", items: { type: "integer" } },
        methods: { type: "array", items: { enum: ["GET", "POST"] } },
        mode: { type: "string", enum: ["refuse", "pass"] },
        until: { anyOf: [{ type: "string", format: "date-time" }, { type: "null" }] },
        claims: { type: "object", additionalProperties: true },
      },
    });
    expect(fields.map((field) => [field.name, field.kind])).toEqual([
      ["enabled", "boolean"],
      ["max_age_seconds", "number"],
      ["header", "text"],
      ["client_secret", "secret"],
      ["origins", "texts"],
      ["days", "numbers"],
      ["methods", "choices"],
      ["mode", "choice"],
      ["until", "moment"],
      ["claims", "json"],
    ]);
    expect(fields[0]).toMatchObject({ fallback: true, description: "Off opens it." });
    expect(fields[6]).toMatchObject({ choices: ["GET", "POST"] });
  });

  it("follows references, into lists of objects and into what may be null", () => {
    const [limits] = fieldsOf(LIMITS);
    expect(limits).toMatchObject({ kind: "objects", required: true });
    const inner = limits?.kind === "objects" ? fieldsOf(limits.schema) : [];
    expect(inner).toMatchObject([
      { name: "requests", kind: "number", required: true, min: 1 },
      { name: "by", kind: "choice", choices: ["app", "ip"], fallback: "app" },
    ]);
    const [answer] = fieldsOf({
      ...LIMITS,
      properties: { answer: { anyOf: [{ $ref: "#/$defs/Limit" }, { type: "null" }] } },
    });
    expect(answer).toMatchObject({ kind: "object", optional: true });
  });
});

it("begins with the defaults, and with one row of a list that must not be empty", () => {
  expect(startOf(LIMITS)).toEqual({ limits: [{ by: "app" }] });
});

it("knows an issuer, which is chosen by its name", () => {
  const schema = { properties: { issuer: { type: "string", format: "issuer" } }, required: ["issuer"] };
  expect(fieldsOf(schema)[0]).toMatchObject({ kind: "issuer", required: true });
});
