/** Of a URL's search parameters the known ones, as text; anything else is left out rather than failing the page. */
export function optionalText<Key extends string>(
  search: Record<string, unknown>,
  keys: readonly Key[],
): Partial<Record<Key, string>> {
  const kept: Partial<Record<Key, string>> = {};
  for (const key of keys) {
    const value = search[key];
    if (typeof value === "string" && value) kept[key] = value;
    else if (typeof value === "number" || typeof value === "boolean") kept[key] = String(value);
  }
  return kept;
}

/** Where to go after signing in: a path of this very site, never another one (open redirect). */
export function safeNext(next: string | undefined): string {
  if (!next?.startsWith("/") || next.startsWith("//") || next.includes("\\")) return "/";
  return next;
}
