import createClient, { type Middleware } from "openapi-fetch";
import createHooks from "openapi-react-query";
import { ProblemError, readProblem } from "./problem";
import type { paths } from "./schema";

let csrfToken = "";
let onSignedOut: () => void = () => {};

/** The token of the running session; every unsafe request carries it. */
export function keepCsrfToken(token: string): void {
  csrfToken = token;
}

/** Called when the API answers 401 to somebody who was signed in. */
export function whenSignedOut(react: () => void): void {
  onSignedOut = react;
}

const SAFE = new Set(["GET", "HEAD", "OPTIONS"]);

async function bodyOf(response: Response): Promise<unknown> {
  try {
    return await response.clone().json();
  } catch {
    return undefined;
  }
}

const edge: Middleware = {
  onRequest({ request }) {
    if (!SAFE.has(request.method) && csrfToken) request.headers.set("X-CSRF-Token", csrfToken);
    return request;
  },
  async onResponse({ response, schemaPath }) {
    if (response.ok) return undefined;
    if (response.status === 401 && !schemaPath.startsWith("/api/v1/session")) onSignedOut();
    throw new ProblemError(readProblem(response.status, await bodyOf(response), response.headers));
  },
};

/** The typed client: resolves with `data`, throws `ProblemError` on everything else. */
export const http = createClient<paths>({ baseUrl: "", credentials: "same-origin" });
http.use(edge);

/** Typed TanStack Query hooks: `api.useQuery("get", "/api/v1/apis", { params })`. */
export const api = createHooks(http);

/** The precondition of an update: it fails (412) when somebody changed the object in the meantime. */
export function ifMatch(object: { revision: number }): { "If-Match": string } {
  return { "If-Match": `"${object.revision}"` };
}
