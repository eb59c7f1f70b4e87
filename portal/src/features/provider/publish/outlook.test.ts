import { describe, expect, it } from "vitest";
import type { GatewayOutlook } from "@/client/types";
import { columnsOf, namesOf, optionOf, suggested, wouldBeTaken } from "./outlook";

function gateway(name: string, over: Partial<GatewayOutlook> = {}, lacks: string[] = []): GatewayOutlook {
  return {
    id: name,
    slug: name,
    name,
    engine: "e",
    state: "online",
    published: false,
    known: true,
    lacks: lacks.map((capability) => ({ capability, where: "the API X", hint: "" })),
    obstacles: [],
    degradations: [],
    ...over,
  };
}

describe("the grid", () => {
  it("has one column for gateways that can do the same, the ablest first", () => {
    const gateways = [
      gateway("new", { known: false }),
      gateway("small", {}, ["countries", "jwt.eddsa"]),
      gateway("a"),
      gateway("small too", {}, ["jwt.eddsa", "countries"]),
      gateway("b"),
    ];
    const columns = columnsOf({ needs: [], open: false, gateways });
    expect(columns.map((one) => one.gateways.map((each) => each.name))).toEqual([
      ["a", "b"],
      ["small", "small too"],
      ["new"],
    ]);
    expect(columns[1]?.lacks.has("countries")).toBe(true);
    expect(columns[2]?.known).toBe(false);
  });

  it("names a few of many", () => {
    const many = ["a", "b", "c", "d", "e"].map((name) => gateway(name));
    expect(namesOf(many)).toBe("a, b, c and 2 more");
    expect(namesOf(many.slice(0, 2))).toBe("a, b");
  });
});

describe("the suggestion", () => {
  it("is where the version would be taken", () => {
    const there = gateway("there", { published: true });
    const lacking = gateway("lacking", {}, ["cors"]);
    const away = gateway("away", { state: "offline" });
    expect(suggested([away, lacking, there, gateway("free")])?.name).toBe("free");
    expect(suggested([away, lacking, there])?.name).toBe("there");
    expect(suggested([away, lacking])?.name).toBe("lacking");
    expect(suggested([away])?.name).toBe("away");
    expect(suggested([])).toBeUndefined();
  });

  it("is not taken while anything stands against it", () => {
    const obstacles = [{ pointer: "/plans", message: "no plan", hint: "" }];
    expect(wouldBeTaken(gateway("a"))).toBe(true);
    expect(wouldBeTaken(gateway("a", { obstacles }))).toBe(false);
    expect(wouldBeTaken(gateway("a", { published: true }))).toBe(false);
    expect(wouldBeTaken(gateway("a", {}, ["cors"]))).toBe(false);
  });

  it("says in the list what stands against it", () => {
    expect(optionOf(gateway("a"))).toBe("a, e");
    expect(optionOf(gateway("a", { published: true }, ["cors"]))).toBe("a, e · has it · lacks 1 thing");
  });
});
