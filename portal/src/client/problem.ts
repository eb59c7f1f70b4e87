import { words } from "@/lib/format";

/** One thing wrong with one place of the input (JSON pointer, RFC 6901). */
export interface FieldError {
  pointer: string;
  message: string;
  hint?: string;
  line?: number | null;
  column?: number | null;
}

/** problem+json (RFC 9457) as the platform API answers it, with nothing left to guess. */
export interface Problem {
  status: number;
  code: string;
  title: string;
  detail: string;
  hint: string;
  requestId?: string;
  decisionId?: string;
  errors: FieldError[];
}

export class ProblemError extends Error {
  constructor(readonly problem: Problem) {
    super(problem.detail || problem.title);
    this.name = "ProblemError";
  }

  get status(): number {
    return this.problem.status;
  }

  get code(): string {
    return this.problem.code;
  }
}

const text = (value: unknown): string => (typeof value === "string" ? value : "");
const optional = (value: unknown): string | undefined => text(value) || undefined;
const record = (value: unknown): Record<string, unknown> =>
  typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};

function fieldError(value: unknown): FieldError {
  const given = record(value);
  return {
    pointer: text(given.pointer),
    message: text(given.message) || text(given.detail),
    hint: optional(given.hint),
    line: typeof given.line === "number" ? given.line : null,
    column: typeof given.column === "number" ? given.column : null,
  };
}

/** Reads an error body of any shape; what is no problem+json still yields something a person can act on. */
export function readProblem(status: number, body: unknown, headers?: Headers): Problem {
  const given = record(body);
  const code = text(given.code) || `http_${status}`;
  return {
    status,
    code,
    title: text(given.title) || titleOf(status),
    detail: text(given.detail),
    hint: HINTS[code] ?? text(given.hint),
    requestId: optional(given.request_id) ?? headers?.get("x-request-id") ?? undefined,
    decisionId: optional(given.decision_id),
    errors: Array.isArray(given.errors) ? given.errors.map(fieldError) : [],
  };
}

/** Ways out that the hub says for programs, said for people. */
const HINTS: Record<string, string> = {
  precondition_failed: "Close this, look at how it is now, and make your change again.",
};

function titleOf(status: number): string {
  if (status === 502 || status === 503 || status === 504) return "The hub cannot be reached right now";
  return status >= 500 ? "Something went wrong on our side" : `The hub answered ${status}`;
}

/** What browsers and the bundler's loader say when a script or a style of this portal is no longer there. */
const MISSING_PART =
  /dynamically imported module|importing a module script failed|unable to preload css|module script/i;

export const PORTAL_CHANGED = "portal_changed";

/** Whatever was thrown, as a problem: a failed fetch (no network, hub down) counts as status 0. */
export function asProblem(error: unknown): Problem {
  if (error instanceof ProblemError) return error.problem;
  if (error instanceof Error && MISSING_PART.test(error.message)) {
    return {
      status: 0,
      code: PORTAL_CHANGED,
      title: "These pages have been renewed",
      detail: "This tab was opened before that, and a part it asks for is no longer there.",
      hint: "Reload the page. What you typed into a form and did not save has to be typed again.",
      errors: [],
    };
  }
  if (error instanceof TypeError && /fetch|network|load failed/i.test(error.message)) {
    return {
      status: 0,
      code: "unreachable",
      title: "The hub cannot be reached",
      detail: "No answer came back. Calls through the gateways are not affected by this.",
      hint: "Check your connection, then try again.",
      errors: [],
    };
  }
  const detail = error instanceof Error ? error.message : String(error);
  return {
    status: 0,
    code: "portal_error",
    title: "This page ran into a problem",
    detail,
    hint: "Reload the page; if it stays, tell whoever runs this hub.",
    errors: [],
  };
}

/** `/plans/0/rate_limit` → `plans.0.rate_limit`, the path that @mantine/form uses. */
export function pointerToPath(pointer: string): string {
  return pointer
    .replace(/^#?\/?/, "")
    .split("/")
    .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"))
    .filter((part, index) => !(index === 0 && part === "body"))
    .join(".");
}

/** What is wrong and the way out as plain text, for what shows no code. */
export const plainly = ({ message, hint }: Pick<FieldError, "message" | "hint">): string =>
  [message, hint].filter(Boolean).join(" ").replaceAll("`", "");

/** Where a pointer leads, as the labels of forms say it: `/config/limits/0/by` → `Limits › 1 › By`. */
export function placeInWords(pointer: string): string {
  const parts = pointer
    .replace(/^[?]|^(query|path|header|cookie) /, "")
    .split("/")
    .filter(Boolean);
  const named = parts.filter((part, index) => !(index === 0 && (part === "body" || part === "config")));
  return named.map(partInWords).join(" › ");
}

function partInWords(part: string): string {
  if (/^\d+$/.test(part)) return String(Number(part) + 1);
  return /^[a-z_]+$/.test(part) ? words(part) : unescaped(part);
}

const unescaped = (part: string): string => part.replaceAll("~1", "/").replaceAll("~0", "~");

/** Errors for `form.setErrors`, so that the server's opinion stands beside the field it is about, as plain text. */
export function formErrors(error: unknown): Record<string, string> {
  const found: Record<string, string> = {};
  for (const item of asProblem(error).errors) {
    const path = pointerToPath(item.pointer);
    if (path && !(path in found)) found[path] = plainly(item);
  }
  return found;
}
