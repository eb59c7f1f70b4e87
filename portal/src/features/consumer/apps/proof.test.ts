import { describe, expect, it } from "vitest";
import { ProblemError, readProblem } from "@/client/problem";
import { certificateOf, clientOf, isChallengeOver, missing, NO_PROOF, proofErrors, signing } from "./proof";

const PEM = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----";

describe("what is sent", () => {
  it("is a token and nothing that it names itself", () => {
    const draft = { ...NO_PROOF, token: " a.b.c\n", issuer: "left over" };
    expect(clientOf(draft)).toEqual({ token: "a.b.c" });
    expect(clientOf({ ...draft, claimed: true, client_id: "planner " })).toEqual({
      issuer: "left over",
      client_id: "planner",
    });
  });

  it("is a certificate with its proof, or a claim by its fingerprint", () => {
    const draft = { ...NO_PROOF, certificate: ` ${PEM}\n`, signature: "c2ln\n" };
    expect(certificateOf(draft, "s1.x")).toEqual({ certificate: PEM, challenge: "s1.x", signature: "c2ln" });
    expect(certificateOf({ ...draft, certificate: "AB:CD", claimed: true }, "s1.x")).toEqual({
      fingerprint: "AB:CD",
    });
  });
});

it("asks only for what the kind and the proof need", () => {
  const draft = { ...NO_PROOF, kind: "certificate" as const };
  expect(missing.signature?.("", draft)).toBe("What the command prints");
  expect(missing.signature?.("", { ...draft, claimed: true })).toBeNull();
  expect(missing.token?.("", draft)).toBeNull();
  expect(missing.token?.(" ", { ...draft, kind: "external_client" })).not.toBeNull();
});

it("says what is wrong with a challenge at the signature, and takes another", () => {
  const errors = [
    { pointer: "/challenge", message: "it is older than ten minutes", hint: "Take a new one." },
  ];
  const error = new ProblemError(readProblem(422, { code: "proof_refused", errors }));
  expect(proofErrors(error)).toEqual({ signature: "it is older than ten minutes Take a new one." });
  expect(isChallengeOver(error)).toBe(true);
});

it("signs the challenge to the letter", () => {
  expect(signing("s1.k.x_-=")).toBe(
    "printf %s 's1.k.x_-=' | openssl dgst -sha256 -sign client.key | openssl base64 -A",
  );
});
