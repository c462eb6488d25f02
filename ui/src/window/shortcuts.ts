/** Which key does what. Pure: a key press in, a wish out. */
import type { View } from '../time/periods';

/** What a key asks for. */
export type Wish =
  | { kind: 'new' }
  | { kind: 'edit' }
  | { kind: 'delete' }
  | { kind: 'history' }
  | { kind: 'today' }
  | { kind: 'step'; direction: 1 | -1 }
  | { kind: 'walk'; direction: 'next' | 'previous' | 'day-after' | 'day-before' }
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
    if (key === 'z') return { kind: press.isShift ? 'redo' : 'undo' };
    return key === 'y' ? { kind: 'redo' } : null;
  }
  if (key === 'arrowright') return press.isOnEvent ? { kind: 'walk', direction: 'day-after' } : { kind: 'step', direction: 1 };
  if (key === 'arrowleft') return press.isOnEvent ? { kind: 'walk', direction: 'day-before' } : { kind: 'step', direction: -1 };
  // On many keyboards these two are typed with Shift.
  if (press.isShift && key !== '?' && key !== '/') return null;
  return PLAIN[key] ?? null;
}
