/**
 * The twelve calendar hues, defined once. Each has the same lightness in each role, so that none shouts; the screen's
 * colours for both themes are computed from here (`variables.ts`) and their contrast is tested.
 */
import { fromHex, toHex } from './oklch';

/** One of the twelve hues. */
export interface Hue {
  name: string;
  /** Degrees on the OKLCH wheel. */
  angle: number;
  /** Full chroma of the hue; what a screen cannot show is cut. */
  chroma: number;
}

/** The hues in the order in which they are offered. */
export const HUES: readonly Hue[] = [
  { name: 'Indigo', angle: 276, chroma: 0.17 },
  { name: 'Sky', angle: 244, chroma: 0.15 },
  { name: 'Lagoon', angle: 212, chroma: 0.12 },
  { name: 'Teal', angle: 182, chroma: 0.115 },
  { name: 'Fern', angle: 150, chroma: 0.15 },
  { name: 'Olive', angle: 118, chroma: 0.14 },
  { name: 'Amber', angle: 80, chroma: 0.15 },
  { name: 'Tangerine', angle: 52, chroma: 0.165 },
  { name: 'Tomato', angle: 26, chroma: 0.18 },
  { name: 'Rose', angle: 352, chroma: 0.18 },
  { name: 'Grape', angle: 314, chroma: 0.17 },
  { name: 'Graphite', angle: 272, chroma: 0.02 },
];

/** Light or dark. */
export type Scheme = 'light' | 'dark';

/** What a hue is used for: the bar and swatch, the block's ground, the ground when chosen, the text on it, an outline. */
export type Role = 'solid' | 'tint' | 'strong' | 'text' | 'line';

/** Lightness, and share of the hue's chroma, of each role. */
const ROLES: Record<Scheme, Record<Role, [lightness: number, share: number]>> = {
  light: { solid: [0.64, 1], tint: [0.945, 0.24], strong: [0.89, 0.42], text: [0.39, 0.66], line: [0.76, 0.6] },
  dark: { solid: [0.7, 0.9], tint: [0.315, 0.32], strong: [0.4, 0.42], text: [0.9, 0.32], line: [0.52, 0.6] },
};

/** The ground that events lie on. */
export const GROUND: Record<Scheme, string> = { light: '#ffffff', dark: '#15161d' };

/** Returns the colour of a hue in a role. */
export function hueColor(hue: Hue, role: Role, scheme: Scheme): string {
  const [lightness, share] = ROLES[scheme][role];
  return toHex({ lightness, chroma: hue.chroma * share, hue: hue.angle });
}

/** Returns the index of the hue that is nearest to any colour `#rrggbb`; nearly grey ones are graphite. */
export function nearestHue(color: string): number {
  if (!/^#[0-9a-f]{6}$/i.test(color)) return 0;
  const { chroma, hue } = fromHex(color);
  if (chroma < 0.045) return HUES.length - 1;
  let best = 0;
  let bestDistance = 360;
  for (const [index, candidate] of HUES.slice(0, -1).entries()) {
    const distance = Math.abs(((hue - candidate.angle + 540) % 360) - 180);
    if (distance < bestDistance) [best, bestDistance] = [index, distance];
  }
  return best;
}

/** The colour that a new calendar of a hue is given. */
export function calendarColor(index: number): string {
  return hueColor(HUES[index % HUES.length] ?? { name: '', angle: 276, chroma: 0.17 }, 'solid', 'light');
}
