import { expect, it } from "vitest";
import { fieldInWords, inWords } from "./values";

it("says any value in words", () => {
  expect(inWords(null)).toBe("–");
  expect(inWords(true)).toBe("Yes");
  expect(inWords(["a", "b"])).toBe("a; b");
  expect(inWords([])).toBe("none");
  expect(inWords({ requests: 60, seconds: 60, burst: 0, by: "app", overage: true, claim: "" })).toBe(
    "60 requests per minute and app, overage",
  );
  expect(inWords({ requests: 5, seconds: 1, burst: 9 })).toBe("5 requests per second, burst: 9");
  expect(inWords({ amount: 2000, window: "day", unit: "requests", soft_percent: 80 })).toBe(
    "2,000 requests per day, soft percent: 80",
  );
  expect(inWords({ name: "x-plan", value: "{plan.name}" })).toBe("x-plan: {plan.name}");
  expect(inWords({ request_ms: 10_000, header: "x_y" })).toBe("request: 10 seconds, header: x_y");
  expect(inWords({ windows: [], zone: "" })).toBe("empty");
  expect(inWords({ enabled: false, header: "x-api-key", hide: false })).toBe(
    "not enabled, header: x-api-key",
  );
  expect(inWords({ from: "09:00", to: "17:00", days: [] })).toBe("from: 09:00, to: 17:00");
});

it("says a number with the unit that its field's name ends with, to the letter", () => {
  expect(fieldInWords("request_ms", 30_000)).toEqual({ label: "Request", value: "30 seconds" });
  expect(fieldInWords("timeout_ms", 1_250)).toEqual({ label: "Timeout", value: "1,250 ms" });
  expect(fieldInWords("max_age_seconds", 600)).toEqual({ label: "Max age", value: "600 seconds" });
  expect(fieldInWords("request_bytes", 1_048_576)).toEqual({ label: "Request", value: "1,048,576 bytes" });
  expect(fieldInWords("origins", ["*"])).toEqual({ label: "Origins", value: ["*"] });
});
