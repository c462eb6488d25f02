import { Temporal } from 'temporal-polyfill';
import { describe, expect, it } from 'vitest';
import { mannerFrom, readPreferences, schemeAsked } from './preferences';
import { wishOf, type Press } from './shortcuts';
import { dayForNew, openingState, proposedWhen, reduce, type Draft, type WindowState } from './state';
import { dayIn } from './use-commands';

const today = Temporal.PlainDate.from('2026-11-25');
const opened = openingState('week', today, true);
const draft: Draft = { when: { kind: 'all_day', start: '2026-11-25', end: '2026-11-26' }, box: null, title: '', calendarId: null };

describe('reduce', () => {
  it('walks by what is shown', () => {
    expect(reduce(opened, { type: 'step', direction: 1 }).date.toString()).toBe('2026-12-02');
    expect(reduce({ ...opened, view: 'month' }, { type: 'step', direction: -1 }).date.toString()).toBe('2026-10-01');
  });

  it('closes one thing at a time', () => {
    let state: WindowState = reduce(opened, { type: 'select', selection: { target: { kind: 'event', id: 'a' }, side: 'right' } });
    state = reduce(state, { type: 'edit' });
    state = reduce(state, { type: 'dialog', dialog: 'shortcuts' });
    state = reduce(state, { type: 'escape' });
    expect([state.dialog, state.isEditing]).toEqual([null, true]);
    state = reduce(state, { type: 'escape' });
    expect([state.isEditing, state.selection !== null]).toEqual([false, true]);
    expect(reduce(state, { type: 'escape' }).selection).toBeNull();
  });

  it('shows either an event or a draft', () => {
    const chosen = reduce(opened, { type: 'select', selection: { target: { kind: 'event', id: 'a' }, side: 'left' } });
    expect(reduce(chosen, { type: 'draft', draft })).toMatchObject({ selection: null, isDraftFull: false });
    expect(reduce(reduce(opened, { type: 'draft-full', draft }), { type: 'select', selection: null }).draft).toBeNull();
  });

  it('shows the settings in the place of the calendar', () => {
    const chosen = reduce(opened, { type: 'select', selection: { target: { kind: 'event', id: 'a' }, side: 'left' } });
    const inSettings = reduce(chosen, { type: 'settings', page: 'calendars' });
    expect(inSettings).toMatchObject({ settings: 'calendars', selection: null });
    expect(reduce(inSettings, { type: 'step', direction: 1 })).toBe(inSettings);
    expect(reduce(inSettings, { type: 'escape' }).settings).toBeNull();
    expect(reduce(inSettings, { type: 'show', view: 'month' })).toMatchObject({ settings: null, view: 'month' });
    expect(reduce(inSettings, { type: 'draft', draft }).settings).toBeNull();
    expect(reduce(reduce(inSettings, { type: 'dialog', dialog: 'new-calendar' }), { type: 'escape' })).toMatchObject({ dialog: null, settings: 'calendars' });
  });

  it('edits only what is chosen', () => expect(reduce(opened, { type: 'edit' })).toBe(opened));
});

describe('new events', () => {
  it('takes the next half hour today, nine o’clock otherwise', () => {
    const now = Temporal.ZonedDateTime.from('2026-11-25T10:42:00[Europe/Berlin]');
    expect(proposedWhen(today, now)).toMatchObject({ start: { local: '2026-11-25T11:00:00', zone: 'Europe/Berlin' }, end: { local: '2026-11-25T12:00:00' } });
    expect(proposedWhen(today.add({ days: 1 }), now)).toMatchObject({ start: { local: '2026-11-26T09:00:00' } });
  });
  it('stays on the day late in the evening', () => {
    expect(proposedWhen(today, Temporal.ZonedDateTime.from('2026-11-25T23:50:00[UTC]'))).toMatchObject({ start: { local: '2026-11-25T23:00:00' } });
  });
  it('goes to today when it is shown', () => {
    const shown = { start: today.subtract({ days: 2 }), end: today.add({ days: 5 }) };
    expect(dayForNew(today.add({ days: 3 }), shown, today)).toBe(today);
    expect(dayForNew(today.add({ days: 9 }), { start: shown.end, end: shown.end.add({ days: 7 }) }, today).toString()).toBe('2026-12-04');
  });
});

describe('keys', () => {
  const press = (key: string, more: Partial<Press> = {}) => wishOf({ key, isControl: false, isShift: false, isAlt: false, isTyping: false, isOnEvent: false, hasText: false, ...more });
  it.each([
    ['c', { kind: 'new' }], ['T', null], ['t', { kind: 'today' }], ['w', { kind: 'view', view: 'week' }], ['?', { kind: 'shortcuts' }],
    ['Delete', { kind: 'delete' }], ['ArrowRight', { kind: 'step', direction: 1 }], ['x', { kind: 'mark' }], ['h', { kind: 'history' }], ['q', null],
  ])('%s', (key, wish) => expect(press(key, { isShift: key === 'T' || key === '?' })).toEqual(wish));
  it('selects several', () => {
    expect([press('ArrowDown', { isShift: true }), press('ArrowLeft', { isShift: true }), press('a', { isControl: true })]).toEqual([{ kind: 'extend', direction: 'next' }, { kind: 'extend', direction: 'day-before' }, { kind: 'mark-all' }]);
    expect([press('ArrowDown', { isShift: true, isTyping: true }), press('a', { isControl: true, isTyping: true })]).toEqual([null, null]);
  });
  it('undoes and redoes', () => {
    expect(press('z', { isControl: true })).toEqual({ kind: 'undo' });
    expect(press('Z', { isControl: true, isShift: true })).toEqual({ kind: 'redo' });
    expect(press('s', { isControl: true })).toBeNull();
    expect([press('c', { isControl: true }), press('c', { isControl: true, hasText: true }), press('v', { isControl: true })]).toEqual([{ kind: 'copy' }, null, { kind: 'paste' }]);
    expect(press(',', { isControl: true })).toEqual({ kind: 'settings' });
    expect(press('k', { isControl: true, isTyping: true })).toEqual({ kind: 'palette' });
    expect([press('f', { isControl: true, isTyping: true }), press('/'), press('/', { isShift: true }), press('/', { isTyping: true })]).toEqual([{ kind: 'search' }, { kind: 'search' }, { kind: 'search' }, null]);
  });
  it('leaves text fields alone, except for Escape', () => {
    expect(press('c', { isTyping: true })).toBeNull();
    expect(press('z', { isTyping: true, isControl: true })).toBeNull();
    expect(press('Escape', { isTyping: true })).toEqual({ kind: 'escape' });
  });
  it('walks the days from an event', () => expect(press('ArrowLeft', { isOnEvent: true })).toEqual({ kind: 'walk', direction: 'day-before' }));
});

describe('a day that is typed', () => {
  const now = Temporal.ZonedDateTime.from('2026-11-26T10:40:00[Europe/Berlin]');
  it.each([['3 Dec', '2026-12-03'], ['go to next Friday', '2026-12-04'], ['tomorrow', '2026-11-27'], ['2030-01-05', '2030-01-05'], ['Dec', null], ['Lunch tomorrow', null], ['12:30', null], ['', null], ['week', null]])('%s', (typed, day) => {
    expect(dayIn(typed, 'Europe/Berlin', now)?.toString() ?? null).toBe(day);
  });
});

describe('preferences', () => {
  it('survives damage', () => {
    expect(readPreferences({ getItem: () => '{"view":"decade","cycle":7' })).toMatchObject({ view: 'week' });
    expect(readPreferences({ getItem: () => '{"view":"decade","cycle":"h11","weekStart":3}' })).toMatchObject({ view: 'week', cycle: 'auto', weekStart: 'auto' });
  });
  it('keeps a second zone, and forgets what is none', () => {
    expect(readPreferences({ getItem: () => '{"secondZone":"Asia/Tokyo"}' }).secondZone).toBe('Asia/Tokyo');
    expect(readPreferences({ getItem: () => '{"secondZone":"Mars/Olympus"}' }).secondZone).toBeNull();
  });
  it('goes before the system', () => {
    const preferences = { ...readPreferences({ getItem: () => null }), cycle: 'h23', weekStart: 1 } as const;
    expect(mannerFrom(preferences, 'en-US', 'UTC')).toMatchObject({ cycle: 'h23', weekStart: 1 });
  });
  it('reads the theme from the address', () => {
    expect(schemeAsked('?theme=dark')).toBe('dark');
    expect(schemeAsked('?theme=pink')).toBeUndefined();
  });
});
