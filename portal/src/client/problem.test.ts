import { describe, expect, it } from "vitest";
import { asProblem, formErrors, ProblemError, placeInWords, pointerToPath, readProblem } from "./problem";

describe("readProblem", () => {
  it("keeps what the API said", () => {
    const problem = readProblem(422, {
      code: "invalid",
      title: "Cannot be",
      detail: "Two plans share a name",
      hint: "Rename one",
      request_id: "req_1",
      errors: [{ pointer: "/plans/1/name", message: "taken", line: 4 }],
    });
    expect(problem).toMatchObject({ status: 422, code: "invalid", hint: "Rename one", requestId: "req_1" });
    expect(problem.errors[0]).toMatchObject({ pointer: "/plans/1/name", message: "taken", line: 4 });
  });

  it("makes something usable of a proxy's HTML page, and takes the request id from the header", () => {
    const problem = readProblem(502, "<html>bad gateway</html>", new Headers({ "x-request-id": "req_9" }));
    expect(problem).toMatchObject({ code: "http_502", requestId: "req_9", errors: [] });
    expect(problem.title).not.toBe("");
  });
});

describe("asProblem", () => {
  it("tells a dead network from a bug in the page", () => {
    expect(asProblem(new TypeError("Failed to fetch")).code).toBe("unreachable");
    expect(asProblem(new Error("x is not a function")).code).toBe("portal_error");
  });

  it("knows a page that was renewed while its tab stayed open", () => {
    for (const said of [
      "Failed to fetch dynamically imported module: https://hub/assets/TeamPage-1.js",
      "error loading dynamically imported module: https://hub/assets/TeamPage-1.js",
      "Importing a module script failed.",
      "Unable to preload CSS for /assets/TeamPage-1.css",
    ])
      expect(asProblem(new TypeError(said)).code).toBe("portal_changed");
  });
});

describe("form errors", () => {
  it("maps pointers to form paths", () => {
    expect(pointerToPath("/plans/0/rate_limit")).toBe("plans.0.rate_limit");
    expect(pointerToPath("#/paths/~1pets~1{id}")).toBe("paths./pets/{id}");
    expect(pointerToPath("/body/name")).toBe("name");
  });

  it("keeps the first error of a field", () => {
    const error = new ProblemError(
      readProblem(422, {
        errors: [
          { pointer: "/name", message: "Too long.", hint: "64 at most." },
          { pointer: "/name", message: "second" },
        ],
      }),
    );
    expect(formErrors(error)).toEqual({ name: "Too long. 64 at most." });
  });

  it("is plain text, since an input shows no code", () => {
    const errors = [{ pointer: "/slug", message: "This must be a name such as `weather`." }];
    const error = new ProblemError(readProblem(422, { errors }));
    expect(formErrors(error)).toEqual({ slug: "This must be a name such as weather." });
  });
});

it("says where a pointer leads as forms do", () => {
  expect(placeInWords("/config/limits/0/by")).toBe("Limits › 1 › By");
  expect(placeInWords("/base_path")).toBe("Base path");
  expect(placeInWords("?limit")).toBe("Limit");
  expect(placeInWords("/paths/~1a~1{id}/get")).toBe("Paths › /a/{id} › Get");
  expect(placeInWords("")).toBe("");
});

it("says to people what to do when somebody was faster", () => {
  const hint = "Read the object again, apply your change to it, and send its new ETag.";
  expect(readProblem(412, { code: "precondition_failed", hint }).hint).toContain("make your change again");
});
