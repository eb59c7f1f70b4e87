type Known = readonly [name: string, mark: RegExp];

// Nearly every browser also names those that it can do what they do: the one that nobody else names comes first.
const BROWSERS: Known[] = [
  ["Edge", /Edg(e|A|iOS)?\//],
  ["Opera", /OPR\//],
  ["Firefox", /(Firefox|FxiOS)\//],
  ["Chrome", /(Chrome|CriOS)\//],
  ["Safari", /Version\/.*Safari\//],
];
const SYSTEMS: Known[] = [
  ["iPhone", /iPhone/],
  ["iPad", /iPad/],
  ["Android", /Android/],
  ["Windows", /Windows/],
  ["macOS", /Mac OS X/],
  ["Linux", /Linux/],
];

const found = (known: Known[], said: string) => known.find(([, mark]) => mark.test(said))?.[0];

/** What a person calls the browser that named itself so; what is none is said as it is. */
export function browserOf(userAgent: string): string {
  const browser = found(BROWSERS, userAgent);
  const system = found(SYSTEMS, userAgent);
  if (!browser) return userAgent || "Unknown";
  return system ? `${browser} on ${system}` : browser;
}
