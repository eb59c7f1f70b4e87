import type { GatewayOutlook, PublishingOutlook } from "@/client/types";
import { engineName, plural } from "@/lib/format";

/** Gateways that can do the same of what a version needs: one column of the grid, however many they are. */
export interface Column {
  key: string;
  gateways: GatewayOutlook[];
  /** What they cannot do, by name. */
  lacks: Set<string>;
  /** Their agents have said what they can do. */
  known: boolean;
}

/** Those that can do all come first, those that have said nothing last. */
export function columnsOf({ gateways }: PublishingOutlook): Column[] {
  const columns = new Map<string, Column>();
  for (const gateway of gateways) {
    const lacks = gateway.lacks.map((one) => one.capability).sort();
    const key = gateway.known ? lacks.join(" ") : "unknown";
    const column = columns.get(key) ?? { key, gateways: [], lacks: new Set(lacks), known: gateway.known };
    columns.set(key, { ...column, gateways: [...column.gateways, gateway] });
  }
  const rank = (column: Column) => (column.known ? column.lacks.size : Number.POSITIVE_INFINITY);
  return [...columns.values()].sort((a, b) => rank(a) - rank(b));
}

const NAMED = 3;

/** `Edge A, Edge B, Edge C and 4 more`. */
export function namesOf(gateways: readonly GatewayOutlook[]): string {
  const names = gateways.slice(0, NAMED).map((one) => one.name);
  const more = gateways.length - names.length;
  return names.join(", ") + (more > 0 ? ` and ${more} more` : "");
}

/** Where to publish unless a person says otherwise: somewhere new that is there and would take it. */
export function suggested(gateways: readonly GatewayOutlook[]): GatewayOutlook | undefined {
  const online = gateways.filter((one) => one.state === "online");
  const able = online.filter((one) => one.lacks.length === 0);
  return able.find((one) => !one.published) ?? able[0] ?? online[0] ?? gateways[0];
}

/** Nothing stands against it that is known of. */
export const wouldBeTaken = (gateway: GatewayOutlook): boolean =>
  !gateway.published && gateway.lacks.length === 0 && gateway.obstacles.length === 0;

/** A gateway in a list to choose from; what it cannot do is counted here and named beside. */
export function optionOf({ name, engine, published, lacks }: GatewayOutlook): string {
  const notes = [published && "has it", lacks.length > 0 && `lacks ${plural(lacks.length, "thing")}`];
  return [`${name}, ${engineName(engine)}`, ...notes.filter(Boolean)].join(" · ");
}
