import { expect, it } from "vitest";
import { ProblemError, readProblem } from "@/client/problem";
import type { Gateway } from "@/client/types";
import { draftOf, optionsOf, settingsErrors } from "./settings";

const TLS = { port: 9443, certificate: "CHAIN", key: "", client_ca: "CA" };
const OPTIONS = {
  trusted_proxies: ["10.0.0.0/8"],
  max_request_bytes: 5000,
  x_ratelimit_headers: true,
  tls: TLS,
};
const gateway = (settings: unknown) => ({ settings }) as Gateway;

it("gives back what it was made of", () => {
  expect(optionsOf(draftOf(gateway(OPTIONS)))).toEqual(OPTIONS);
  expect(optionsOf(draftOf(gateway({ ...OPTIONS, tls: null })))).toEqual({ ...OPTIONS, tls: null });
});

it("leaves what is not said to the hub", () => {
  const draft = draftOf(gateway({ max_request_bytes: 1 }));
  draft.settings.max_request_bytes = "";
  expect(optionsOf(draft)).toEqual({ trusted_proxies: [], x_ratelimit_headers: false, tls: null });
});

it("closes the listener, whatever else the form still holds", () => {
  expect(optionsOf({ ...draftOf(gateway(OPTIONS)), listens: false }).tls).toBeNull();
});

it("has one place for what is wrong with any of the proxies", () => {
  const errors = [
    { pointer: "/settings/trusted_proxies/1", message: "No network." },
    { pointer: "/settings/tls/key", message: "No key.", hint: "Give one." },
  ];
  expect(settingsErrors(new ProblemError(readProblem(422, { errors })))).toEqual({
    "settings.trusted_proxies": "No network.",
    "settings.tls.key": "No key. Give one.",
  });
});
