/**
 * The colours that an event may have of its own, by the CSS names under which every service can keep them, and the hue
 * that each is shown in. No two of those that are offered look alike.
 */
export const EVENT_COLORS = [
  { name: 'royalblue', label: 'Blue', hue: 0 },
  { name: 'dodgerblue', label: 'Sky', hue: 1 },
  { name: 'mediumseagreen', label: 'Sage', hue: 3 },
  { name: 'seagreen', label: 'Green', hue: 4 },
  { name: 'gold', label: 'Gold', hue: 6 },
  { name: 'orangered', label: 'Orange', hue: 7 },
  { name: 'crimson', label: 'Red', hue: 8 },
  { name: 'lightcoral', label: 'Coral', hue: 9 },
  { name: 'darkorchid', label: 'Orchid', hue: 10 },
  { name: 'dimgray', label: 'Grey', hue: 11 },
] as const;

const HUES: ReadonlyMap<string, number> = new Map(EVENT_COLORS.map(({ name, hue }) => [name, hue]));

/** Returns the hue that one of these colours is shown in; undefined for any other. */
export const hueOfName = (color: string): number | undefined => HUES.get(color);
