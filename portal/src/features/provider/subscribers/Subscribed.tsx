import { listed, plural } from "@/lib/format";
import { useSubscribers } from "./queries";

interface Props {
  apiId: string;
  /** Only those of one plan. */
  planId?: string;
}

/** Who is subscribed, in a sentence: for what they would feel. */
export function Subscribed({ apiId, planId }: Props) {
  const { data } = useSubscribers(apiId);
  if (!data) return null;
  const apps = data.items
    .filter(({ state, plan }) => state === "active" && (!planId || plan.id === planId))
    .map(({ app }) => app.name);
  if (apps.length === 0) return <>No app is subscribed.</>;
  const counted = data.next_cursor ? `More than ${plural(apps.length, "app")}` : plural(apps.length, "app");
  return (
    <>
      <b>{`${counted} ${apps.length === 1 ? "is" : "are"} subscribed`}</b>: {listed(apps)}.
    </>
  );
}
