/** The few choices that belong to this window and are kept beside it: view, sidebar, clock, zones, first day of the week. */
import type { HourCycle } from '../time/clock';
import { mannerOf, type Manner } from '../time/format';
import { isZone } from '../time/zones';
import { VIEWS, type View, type WeekStart } from '../time/periods';

/** What a person may choose; `auto` follows the system. */
export interface Preferences {
  view: View;
  isSidebarOpen: boolean;
  cycle: HourCycle | 'auto';
  weekStart: WeekStart | 'auto';
  hasWeekNumbers: boolean;
  /** Another zone whose hours stand beside one’s own in the week and the day. */
  secondZone: string | null;
}

const DEFAULTS: Preferences = { view: 'week', isSidebarOpen: true, cycle: 'auto', weekStart: 'auto', hasWeekNumbers: false, secondZone: null };
const KEY = 'synodic.window';

/** Reads the choices; what is missing or damaged takes its default. */
export function readPreferences(storage: Pick<Storage, 'getItem'> = localStorage): Preferences {
  try {
    return preferencesFrom(JSON.parse(storage.getItem(KEY) ?? '{}') as Record<string, unknown>);
  } catch {
    return DEFAULTS;
  }
}

/** Reads choices that were written down somewhere; what is missing or damaged takes its default. */
export function preferencesFrom(stored: Readonly<Record<string, unknown>>): Preferences {
  return {
    view: VIEWS.find((view) => view === stored.view) ?? DEFAULTS.view,
    isSidebarOpen: typeof stored.isSidebarOpen === 'boolean' ? stored.isSidebarOpen : DEFAULTS.isSidebarOpen,
    cycle: stored.cycle === 'h12' || stored.cycle === 'h23' ? stored.cycle : 'auto',
    weekStart: weekStartFrom(stored.weekStart),
    hasWeekNumbers: stored.hasWeekNumbers === true,
    secondZone: typeof stored.secondZone === 'string' && isZone(stored.secondZone) ? stored.secondZone : null,
  };
}

/** Reads a first day of the week; whatever is none follows the system. */
export function weekStartFrom(chosen: unknown): Preferences['weekStart'] {
  return ([1, 6, 7] as const).find((day) => String(day) === String(chosen)) ?? 'auto';
}

/** Keeps the choices. */
export function writePreferences(preferences: Preferences, storage: Pick<Storage, 'setItem'> = localStorage): void {
  try {
    storage.setItem(KEY, JSON.stringify(preferences));
  } catch {
    // A window without storage forgets its choices, nothing else.
  }
}

/** Returns the person's manner: their choices over what the system says. */
export function mannerFrom(preferences: Preferences, language: string, viewer: string): Manner {
  const manner = mannerOf(language, viewer);
  return {
    ...manner,
    cycle: preferences.cycle === 'auto' ? manner.cycle : preferences.cycle,
    weekStart: preferences.weekStart === 'auto' ? manner.weekStart : preferences.weekStart,
  };
}

/** Reads `?theme=light|dark` from the address, for pictures. */
export function schemeAsked(search: string): 'light' | 'dark' | undefined {
  const asked = new URLSearchParams(search).get('theme');
  return asked === 'light' || asked === 'dark' ? asked : undefined;
}
