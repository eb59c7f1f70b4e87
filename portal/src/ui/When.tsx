import { ago, dateTime } from "@/lib/format";

/** How long ago, with the moment itself for whoever points at it. */
export function When({ at, never = "Never" }: { at: string | null | undefined; never?: string }) {
  if (!at) return <>{never}</>;
  return (
    <time dateTime={at} title={dateTime(at)}>
      {ago(at)}
    </time>
  );
}
