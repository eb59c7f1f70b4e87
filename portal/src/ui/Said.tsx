import { Code } from "@mantine/core";

/** A sentence of the hub's; what stands between backticks in it is code. */
export function Said({ children }: { children: string }) {
  const parts = children.split("`");
  // An odd backtick is only a backtick.
  if (parts.length % 2 === 0) return children;
  // biome-ignore lint/suspicious/noArrayIndexKey: the parts of a sentence have no other identity
  return parts.map((part, index) => (index % 2 ? <Code key={index}>{part}</Code> : part));
}
