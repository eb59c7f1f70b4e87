import type { MantineColorsTuple } from "@mantine/core";

function channel(hex: string, at: number): number {
  const value = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
  return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
}

/** Relative luminance of `#rrggbb` (WCAG 2.2). */
export function luminance(hex: string): number {
  return 0.2126 * channel(hex, 1) + 0.7152 * channel(hex, 3) + 0.0722 * channel(hex, 5);
}

/** Contrast ratio of two `#rrggbb` colours, 1 to 21 (WCAG 2.2). */
export function contrast(a: string, b: string): number {
  const [light, dark] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return ((light ?? 0) + 0.05) / ((dark ?? 0) + 0.05);
}

export type Shade = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9;

/** The first shade from `start` on (towards dark, or with `step` -1 towards light) that reads on `background`. */
export function readableShade(
  palette: MantineColorsTuple,
  background: string,
  start: Shade,
  ratio = 4.5,
  step: 1 | -1 = 1,
): Shade {
  for (let shade: number = start; shade >= 0 && shade <= 9; shade += step) {
    if (contrast(palette[shade] ?? "#000000", background) >= ratio) return shade as Shade;
  }
  return step === 1 ? 9 : 0;
}
