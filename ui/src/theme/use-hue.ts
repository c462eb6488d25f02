/** From a colour as calendars and events have it to the CSS variables of a hue. */
import type { CSSProperties } from 'react';
import { hueOfName } from './event-colors';
import { nearestHue } from './hues';

const known = new Map<string, string>();
const styles = new Map<string, CSSProperties>();
const ROLES = ['solid', 'tint', 'strong', 'text', 'line'];

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
  let style = styles.get(color);
  if (style === undefined) {
    const hue = hueOfName(color) ?? nearestHue(hexOf(color));
    style = Object.fromEntries(ROLES.map((role) => [`--${role}`, `var(--hue-${hue}-${role})`]));
    styles.set(color, style);
  }
  return style;
}
