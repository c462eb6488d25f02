/** From a colour as calendars and events have it to the CSS variables of a hue. */
import type { CSSProperties } from 'react';
import { hueOfName } from './event-colors';
import { nearestHue } from './hues';

const known = new Map<string, string>();

/** Returns `#rrggbb` for a CSS colour name, as the browser knows it; the text itself if it is none. */
function hexOf(color: string): string {
  if (color.startsWith('#')) return color;
  const found = known.get(color);
  if (found !== undefined) return found;
  const context = document.createElement('canvas').getContext('2d');
  if (!context) return color;
  context.fillStyle = '#6b74e6';
  context.fillStyle = color;
  const hex = context.fillStyle;
  known.set(color, hex);
  return hex;
}

/** Returns the CSS variables `--solid`, `--tint`, `--strong`, `--text` and `--line` for a calendar's or event's colour. */
export function hueStyle(color: string): CSSProperties {
  const hue = hueOfName(color) ?? nearestHue(hexOf(color));
  const roles = ['solid', 'tint', 'strong', 'text', 'line'];
  return Object.fromEntries(roles.map((role) => [`--${role}`, `var(--hue-${hue}-${role})`]));
}
