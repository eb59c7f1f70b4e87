/** Where a definition comes from: its text, or an address that the hub fetches. */
export interface Source {
  content?: string;
  url?: string;
  filename?: string;
}

export async function fromFile(file: File): Promise<Source> {
  return { content: await file.text(), filename: file.name };
}

/** The lines around a problem, for pointing at it; empty where the text is not at hand. */
export function excerpt(
  content: string | undefined,
  line: number | null | undefined,
): { number: number; text: string }[] {
  if (!content || !line) return [];
  const lines = content.split("\n");
  const from = Math.max(0, line - 2);
  return lines
    .slice(from, line + 1)
    .map((text, index) => ({ number: from + index + 1, text: text.slice(0, 200) }));
}
