import { describe, expect, it } from 'vitest';
import type { EventContent } from '../api/generated/EventContent';
import type { When } from '../api/generated/When';
import { newContent } from '../api/content';
import { contentOf, formOf, whenForm, whenOf, withEndClock, withStart, type WhenForm } from './form';
import { recurrenceOf } from './recurrence';

const zoned: When = {
  kind: 'zoned',
  start: { local: '2026-11-23T10:00:00', zone: 'Europe/Berlin' },
  end: { local: '2026-11-23T11:00:00', zone: 'Europe/Berlin' },
};
const saved = (content: EventContent, change: object, isOccurrence = false) =>
  contentOf({ ...formOf(content, 'team', 'Europe/Berlin'), ...change }, content, isOccurrence);

describe('when', () => {
  it.each<When>([
    zoned,
    { kind: 'all_day', start: '2026-11-23', end: '2026-11-25' },
    { kind: 'floating', start: '2026-11-23T08:00:00', end: '2026-11-23T09:30:00' },
    { kind: 'zoned', start: { local: '2026-11-27T17:40:00', zone: 'Europe/Berlin' }, end: { local: '2026-11-27T20:05:00', zone: 'Europe/Lisbon' } },
  ])('goes through the editor unchanged: $kind', (when) => expect(whenOf(whenForm(when, 'Asia/Kolkata'))).toEqual(when));

  it('shows the last day of an all-day event inclusively', () => {
    expect(whenForm({ kind: 'all_day', start: '2026-11-23', end: '2026-11-25' }, 'UTC').endDate).toBe('2026-11-24');
  });

  it('says what is wrong', () => {
    const form = whenForm(zoned, 'Europe/Berlin');
    expect(whenOf({ ...form, endClock: 9 * 60 })).toBe('It ends before it starts.');
    expect(whenOf({ ...form, allDay: true, endDate: '2026-11-22' })).toBe('The last day is before the first.');
    expect(whenOf({ ...form, startZone: 'Berlin' })).toBe('Choose a time zone from the list.');
    expect(whenOf({ ...form, startDate: '' })).toBe('Choose a day.');
  });

  it('compares instants, not walls, when the zones differ', () => {
    const form: WhenForm = { ...whenForm(zoned, 'UTC'), endZone: 'Europe/Lisbon', endClock: 9 * 60 + 30 };
    expect(whenOf(form)).toMatchObject({ end: { local: '2026-11-23T09:30:00', zone: 'Europe/Lisbon' } });
  });

  it('takes the end along with the start', () => {
    expect(withStart(whenForm(zoned, 'UTC'), '2026-11-24', 23 * 60 + 30)).toMatchObject({ startDate: '2026-11-24', endDate: '2026-11-25', endClock: 30 });
  });

  it('wraps an end before the start to the next day, and back', () => {
    const night = withEndClock(whenForm(zoned, 'Europe/Berlin'), 60);
    expect(night.endDate).toBe('2026-11-24');
    expect(withEndClock(night, 12 * 60).endDate).toBe('2026-11-23');
  });
});

describe('content', () => {
  const weekly = { ...newContent('Planning', zoned), recurrence: recurrenceOf('FREQ=WEEKLY;BYDAY=MO'), extras: { google: { colorId: '7' } } };

  it('goes through the editor unchanged', () => expect(saved(weekly, {})).toEqual({ content: weekly }));

  it('trims what is typed in one line, never the description', () => {
    expect(saved(weekly, { title: '  Plan ', description: ' a\n' })).toMatchObject({ content: { title: 'Plan', description: ' a\n' } });
  });

  it('moves an untouched rule with the series', () => {
    const when = withStart(whenForm(zoned, 'UTC'), '2026-11-25', 600);
    expect(saved(weekly, { when })).toMatchObject({ content: { recurrence: { rules: ['FREQ=WEEKLY;BYDAY=WE'] } } });
  });

  it('leaves the rule alone when one occurrence is moved', () => {
    const when = withStart(whenForm(zoned, 'UTC'), '2026-11-25', 600);
    expect(saved(weekly, { when }, true)).toMatchObject({ content: { recurrence: { rules: ['FREQ=WEEKLY;BYDAY=MO'] } } });
  });

  it('keeps what a rule’s text does not say', () => {
    const left = { ...weekly, recurrence: { ...weekly.recurrence, exclusion_dates: [{ kind: 'date', date: '2026-11-30' } as const] } };
    expect(saved(left, { title: 'New' })).toMatchObject({ content: { recurrence: left.recurrence } });
  });

  it('refuses a rule that cannot be read and a link that is none', () => {
    expect(saved(weekly, { repeat: 'custom', rule: 'now and then', conferenceUrl: 'meet me' })).toEqual({
      errors: { recurrence: 'Write a rule such as FREQ=WEEKLY;BYDAY=MO,WE', conference_url: 'A link begins with https://' },
    });
  });

  it('can stop repeating', () => expect(saved(weekly, { repeat: 'none' })).toMatchObject({ content: { recurrence: null } }));
});
