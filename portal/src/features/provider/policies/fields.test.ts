import { expect, it } from "vitest";
import { fieldsOf } from "./fields";

it("reads the inputs off a policy's schema", () => {
  const fields = fieldsOf({
    properties: {
      enabled: { type: "boolean", default: true, description: "Off opens it." },
      max_age_seconds: { type: "integer" },
      header: { type: "string" },
      origins: { type: "array", items: { type: "string" } },
      methods: { type: "array", items: { enum: ["GET", "POST"] } },
      request_set: { type: "array", items: { $ref: "#/$defs/RequestHeader" } },
      answer: { anyOf: [{ $ref: "#/$defs/MockAnswer" }, { type: "null" }] },
    },
  });
  expect(fields.map((field) => [field.name, field.kind])).toEqual([
    ["enabled", "boolean"],
    ["max_age_seconds", "number"],
    ["header", "text"],
    ["origins", "texts"],
    ["methods", "choices"],
    ["request_set", "json"],
    ["answer", "json"],
  ]);
  expect(fields[0]).toMatchObject({ fallback: true, description: "Off opens it." });
  expect(fields[4]?.choices).toEqual(["GET", "POST"]);
});
