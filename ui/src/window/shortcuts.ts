/** Which key does what. Pure: a key press in, a wish out. */
import type { Direction } from '../layout/walk';
import type { View } from '../time/periods';

/** What a key asks for. */
export type Wish =
  | { kind: 'new' }
  | { kind: 'edit' }
  | { kind: 'delete' }
  | { kind: 'history' }
  | { kind: 'today' }
  | { kind: 'step'; direction: 1 | -1 }
  | { kind: 'walk'; direction: Direction }
  | { kind: 'extend'; direction: Direction }
  | { kind: 'mark' }
  | { kind: 'mark-all' }
  | { kind: 'view'; view: View }
  | { kind: 'sync' }
  | { kind: 'shortcuts' }
  | { kind: 'settings' }
  | { kind: 'palette' }
  | { kind: 'search' }
  | { kind: 'copy' }
  | { kind: 'paste' }
  | { kind: 'duplicate' }
  | { kind: 'undo' }
  | { kind: 'redo' }
  | { kind: 'sidebar' }
  | { kind: 'escape' };

/** A key press, and where the focus was. */
export interface Press {
  key: string;
  isControl: boolean;
  isShift: boolean;
  isAlt: boolean;
  /** The focus is in a field that takes text. */
  isTyping: boolean;
  /** The focus is on an event in the grid. */
  isOnEvent: boolean;
  /** Some text is selected, which is what a copy then means. */
  hasText: boolean;
}

/** Everything that the shortcut sheet shows. */
export const SHORTCUTS: readonly { group: string; keys: readonly { what: string; press: readonly string[] }[] }[] = [
  {
    group: 'Events',
    keys: [
      { what: 'New event', press: ['C'] },
      { what: 'Edit', press: ['E'] },
      { what: 'Delete', press: ['Del'] },
      { what: 'History', press: ['H'] },
      { what: 'Save in the editor', press: ['Ctrl', 'Enter'] },
      { what: 'Copy and paste', press: ['Ctrl', 'C', 'V'] },
      { what: 'Duplicate', press: ['Ctrl', 'D'] },
      { what: 'Undo', press: ['Ctrl', 'Z'] },
      { what: 'Redo', press: ['Ctrl', 'Shift', 'Z'] },
      { what: 'Close', press: ['Esc'] },
    ],
  },
  {
    group: 'Moving',
    keys: [
      { what: 'Today', press: ['T'] },
      { what: 'Later', press: ['J', '→'] },
      { what: 'Earlier', press: ['K', '←'] },
      { what: 'Next or previous event', press: ['↓', '↑'] },
    ],
  },
  {
    group: 'Several at once',
    keys: [
      { what: 'Select or leave out', press: ['X'] },
      { what: 'The same by mouse', press: ['Ctrl', 'click'] },
      { what: 'Select on the way', press: ['Shift', '↓', '↑'] },
      { what: 'Select all that is shown', press: ['Ctrl', 'A'] },
      { what: 'Delete them', press: ['Del'] },
    ],
  },
  {
    group: 'Views',
    keys: [
      { what: 'Day', press: ['D'] },
      { what: 'Monday to Friday', press: ['F'] },
      { what: 'Week', press: ['W'] },
      { what: 'Month', press: ['M'] },
      { what: 'Year', press: ['Y'] },
      { what: 'Agenda', press: ['A'] },
      { what: 'Sidebar', press: ['B'] },
    ],
  },
  {
    group: 'Program',
    keys: [
      { what: 'Search events', press: ['/'] },
      { what: 'Commands', press: ['Ctrl', 'K'] },
      { what: 'Sync now', press: ['R'] },
      { what: 'Settings', press: ['Ctrl', ','] },
      { what: 'This page', press: ['?'] },
    ],
  },
];

const PLAIN: Record<string, Wish> = {
  c: { kind: 'new' },
  n: { kind: 'new' },
  e: { kind: 'edit' },
  h: { kind: 'history' },
  x: { kind: 'mark' },
  t: { kind: 'today' },
  j: { kind: 'step', direction: 1 },
  k: { kind: 'step', direction: -1 },
  d: { kind: 'view', view: 'day' },
  w: { kind: 'view', view: 'week' },
  m: { kind: 'view', view: 'month' },
  a: { kind: 'view', view: 'agenda' },
  f: { kind: 'view', view: 'work-week' },
  y: { kind: 'view', view: 'year' },
  r: { kind: 'sync' },
  b: { kind: 'sidebar' },
  '?': { kind: 'shortcuts' },
  '/': { kind: 'search' },
  delete: { kind: 'delete' },
  backspace: { kind: 'delete' },
  arrowdown: { kind: 'walk', direction: 'next' },
  arrowup: { kind: 'walk', direction: 'previous' },
};

const STEPS: Record<string, Direction> = { arrowdown: 'next', arrowup: 'previous', arrowright: 'day-after', arrowleft: 'day-before' };

/** Reads a key press; null when it is none of ours. */
export function wishOf(press: Press): Wish | null {
  const key = press.key.toLowerCase();
  if (key === 'escape') return { kind: 'escape' };
  if (press.isControl && key === 'k' && !press.isAlt) return { kind: 'palette' };
  if (press.isControl && key === 'f' && !press.isAlt && !press.isShift) return { kind: 'search' };
  if (press.isTyping || press.isAlt) return null;
  if (press.isControl) {
    if (key === ',') return { kind: 'settings' };
    if (key === 'c' && !press.hasText && !press.isShift) return { kind: 'copy' };
    if (key === 'v' && !press.isShift) return { kind: 'paste' };
    if (key === 'd') return { kind: 'duplicate' };
    if (key === 'a' && !press.isShift) return { kind: 'mark-all' };
    if (key === 'z') return { kind: press.isShift ? 'redo' : 'undo' };
    return key === 'y' ? { kind: 'redo' } : null;
  }
  const step = STEPS[key];
  if (press.isShift && step !== undefined) return { kind: 'extend', direction: step };
  if (key === 'arrowright') return press.isOnEvent ? { kind: 'walk', direction: 'day-after' } : { kind: 'step', direction: 1 };
  if (key === 'arrowleft') return press.isOnEvent ? { kind: 'walk', direction: 'day-before' } : { kind: 'step', direction: -1 };
  // On many keyboards these two are typed with Shift.
  if (press.isShift && key !== '?' && key !== '/') return null;
  return PLAIN[key] ?? null;
}
