import { describe, expect, it } from 'vitest';
import { readSettings, writeSettings, type SettingsFile } from './settings-file';

const settings: SettingsFile = {
  preferences: { view: 'month', isSidebarOpen: false, cycle: 'h12', weekStart: 7, hasWeekNumbers: true, secondZone: 'Asia/Kolkata' },
  appearance: 'dark',
  desktop: { reminders: true, sign_in: false, refused: true, conflict: true, review: false, quota: true, overdue: true, database: true, panel: 'light' },
  starts_at_login: true,
  history_days: 365,
};
const written = JSON.parse(writeSettings(settings)) as Record<string, unknown>;
const read = (part: Record<string, unknown>) => readSettings(JSON.stringify({ ...written, ...part }));

describe('a settings file', () => {
  it('comes back as it was written', () => {
    expect(readSettings(writeSettings(settings))).toEqual(settings);
  });

  it('of an older Synodic, without a choice that came later, takes its default', () => {
    expect(read({ preferences: { view: 'week' }, another: 1 })).toEqual({ ...settings, preferences: { view: 'week', isSidebarOpen: true, cycle: 'auto', weekStart: 'auto', hasWeekNumbers: false, secondZone: null } });
  });

  it.each<[string, string, string]>([
    ['no JSON', 'BEGIN:VCALENDAR', 'not a settings file'],
    ['another JSON', '{"version":1}', 'not a settings file'],
    ['a list', '[]', 'not a settings file'],
    ['null', 'null', 'not a settings file'],
    ['a huge one', `{"format":"synodic-settings","x":"${'x'.repeat(70_000)}"}`, 'not a settings file'],
  ])('is not %s', (_, text, words) => expect(readSettings(text)).toContain(words));

  it.each<[Record<string, unknown>, string]>([
    [{ version: 2 }, 'newer Synodic'],
    [{ version: 'one' }, '“version”'],
    [{ preferences: null }, '“preferences”'],
    [{ preferences: { cycle: 'h48' } }, '“cycle”'],
    [{ preferences: { secondZone: 'Mars/Olympus' } }, '“secondZone”'],
    [{ appearance: 'pink' }, '“appearance”'],
    [{ desktop: [] }, '“desktop”'],
    [{ desktop: { ...settings.desktop, quota: 'yes' } }, '“quota”'],
    [{ desktop: { ...settings.desktop, panel: 'left' } }, '“panel”'],
    [{ starts_at_login: 1 }, '“starts_at_login”'],
    [{ history_days: 0 }, '“history_days”'],
    [{ history_days: 1.5 }, '“history_days”'],
  ])('%j is refused by name', (part, words) => expect(read(part)).toContain(words));
});
