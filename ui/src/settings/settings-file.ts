/** The file that the person's choices are written to and read from. Pure. No secret is ever in it. */
import type { DesktopSettings } from '../api/generated/DesktopSettings';
import { preferencesFrom, type Preferences } from '../window/preferences';

/** Everything that is taken along. Accounts and calendars are not: they are signed in to anew. */
export interface SettingsFile {
  preferences: Preferences;
  appearance: 'auto' | 'light' | 'dark';
  desktop: DesktopSettings;
  starts_at_login: boolean;
  history_days: number;
}

const FORMAT = 'synodic-settings';
/** Counts up when a file of before can no longer be read as it is. */
const VERSION = 1;
/** The most that is read: such a file has less than one kilobyte. */
const LONGEST = 65_536;
const APPEARANCES = ['auto', 'light', 'dark'] as const;
const PANELS = ['auto', 'dark', 'light'] as const;
const KINDS = ['reminders', 'sign_in', 'refused', 'conflict', 'review', 'quota', 'overdue', 'database'] as const satisfies readonly (keyof DesktopSettings)[];

/** Writes the file. */
export function writeSettings(settings: SettingsFile): string {
  return `${JSON.stringify({ format: FORMAT, version: VERSION, ...settings }, null, 2)}\n`;
}

/** Reads a file; answers a sentence when it is none. Nothing is taken from a file that is not right as a whole. */
export function readSettings(text: string): SettingsFile | string {
  if (text.length > LONGEST) return NOT_OURS;
  let file: unknown;
  try {
    file = JSON.parse(text);
  } catch {
    return NOT_OURS;
  }
  if (!isObject(file) || file.format !== FORMAT) return NOT_OURS;
  if (typeof file.version !== 'number') return damaged('version');
  if (file.version > VERSION) return 'This file was written by a newer Synodic. Install the newest version here, then import it again.';
  const { preferences: stored, desktop, history_days: days, starts_at_login: starts } = file;
  if (!isObject(stored)) return damaged('preferences');
  const preferences = preferencesFrom(stored);
  const wrong = Object.entries(preferences).find(([name, value]) => name in stored && stored[name] !== value);
  if (wrong !== undefined) return damaged(wrong[0]);
  const appearance = APPEARANCES.find((known) => known === file.appearance);
  if (appearance === undefined) return damaged('appearance');
  if (!isObject(desktop)) return damaged('desktop');
  const kind = KINDS.find((name) => typeof desktop[name] !== 'boolean');
  if (kind !== undefined) return damaged(kind);
  const panel = PANELS.find((known) => known === desktop.panel);
  if (panel === undefined) return damaged('panel');
  if (typeof starts !== 'boolean') return damaged('starts_at_login');
  if (typeof days !== 'number' || !Number.isInteger(days) || days < 1 || days > 3650) return damaged('history_days');
  const told = Object.fromEntries(KINDS.map((name) => [name, desktop[name]])) as Omit<DesktopSettings, 'panel'>;
  return { preferences, appearance, desktop: { ...told, panel }, starts_at_login: starts, history_days: days };
}

const NOT_OURS = 'This is not a settings file of Synodic. Choose one that “Export settings” has written.';
const damaged = (name: string) => `This file is damaged: Synodic does not know what its “${name}” says. Nothing was taken from it.`;

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
