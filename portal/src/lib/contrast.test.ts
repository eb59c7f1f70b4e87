import { DEFAULT_THEME } from "@mantine/core";
import { describe, expect, it } from "vitest";
import { contrast, readableShade } from "./contrast";
import { brandPalette, DANGER } from "./theme";

describe("contrast", () => {
  it("agrees with WCAG's end points", () => {
    expect(contrast("#000000", "#ffffff")).toBeCloseTo(21, 5);
    expect(contrast("#777777", "#ffffff")).toBeCloseTo(4.48, 2);
  });

  it.each(["#3b5bdb", "#ffd43b", "#0ca678", "#e8590c", "#111111"])(
    "finds a readable shade of %s",
    (color) => {
      const palette = brandPalette(color);
      const onWhite = palette[readableShade(palette, "#ffffff", 6)] ?? "";
      const onDark = palette[readableShade(palette, "#14181e", 3, 4.5, -1)] ?? "";
      expect(contrast(onDark, "#14181e")).toBeGreaterThanOrEqual(4.5);
      // A yellow never gets dark enough in Mantine's ten shades; then black text is put on it instead (autoContrast).
      expect(contrast(onWhite, "#ffffff")).toBeGreaterThan(2);
    },
  );
});

it("lets white be read on the buttons that take something away", () => {
  const [name, shade] = DANGER.split(".") as [string, string];
  expect(contrast(DEFAULT_THEME.colors[name]?.[Number(shade)] ?? "", "#ffffff")).toBeGreaterThanOrEqual(4.5);
});
