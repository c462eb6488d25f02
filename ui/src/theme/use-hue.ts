/** From a colour as calendars and events have it to a hue. As `data-hue` it sets what `hues.css` says. */
import { hueOfName } from './event-colors';
import { nearestHue } from './hues';

const hues = new Map<string, number>();

/** Returns `#rrggbb` for a CSS colour name, as the browser knows it; the text itself if it is none. */
function hexOf(color: string): string {
  if (color.startsWith('#')) return color;
  const context = document.createElement('canvas').getContext('2d');
  if (!context) return color;
  context.fillStyle = '#6b74e6';
  context.fillStyle = color;
  return context.fillStyle;
}

/** Returns the hue that a calendar's or event's colour is shown in, for `data-hue`. */
export function hueOf(color: string): number {
  let hue = hues.get(color);
  if (hue === undefined) {
    hue = hueOfName(color) ?? nearestHue(hexOf(color));
    hues.set(color, hue);
  }
  return hue;
}
