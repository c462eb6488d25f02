import { expect, it } from 'vitest';
import type { OccurrenceView } from '../../api/generated/OccurrenceView';
import type { When } from '../../api/generated/When';
import { spanOf } from '../../time/when';
import { dropOf, eventInput, selectedWhen } from './events';

const viewer = 'Europe/Berlin';
/** What FullCalendar's wall shows. */
const wall = (reading: string) => new Date(`${reading}Z`);

function occurrence(when: When): OccurrenceView {
  const { start, end } = spanOf(when, viewer);
  return { event_id: 'one', occurrence_of: null, title: 'Night train', when, starts_at: start.toString(), ends_at: end.toString() } as OccurrenceView;
}

const zoned = (start: string, end: string, fold?: 'later') => occurrence({ kind: 'zoned', start: { local: start, zone: viewer }, end: { local: end, zone: viewer, ...(fold && { fold }) } });

const shown = (one: OccurrenceView) => {
  const { start, end } = eventInput(one, viewer);
  return [start, end].map((edge) => (typeof edge === 'number' ? new Date(edge).toISOString().slice(0, 16) : edge));
};

it('stands where the viewer’s wall shows it, also after the clocks were set', () => {
  expect(shown(zoned('2026-11-25T09:00', '2026-11-25T10:00'))).toEqual(['2026-11-25T09:00', '2026-11-25T10:00']);
  expect(shown(zoned('2026-07-25T09:00', '2026-07-25T10:00'))).toEqual(['2026-07-25T09:00', '2026-07-25T10:00']);
  expect(shown(zoned('2026-03-29T01:00', '2026-03-29T04:00'))).toEqual(['2026-03-29T01:00', '2026-03-29T04:00']);
  const there: When = { kind: 'zoned', start: { local: '2026-11-25T09:00', zone: 'America/New_York' }, end: { local: '2026-11-25T10:00', zone: 'America/New_York' } };
  expect(shown(occurrence(there))).toEqual(['2026-11-25T15:00', '2026-11-25T16:00']);
  expect(shown(occurrence({ kind: 'all_day', start: '2026-11-25', end: '2026-11-26' }))).toEqual(['2026-11-25', '2026-11-26']);
});

it('does not end before it begins when the clock is set back meanwhile', () => {
  // From 2:30 until a quarter past two three quarters of an hour later.
  expect(shown(zoned('2026-10-25T02:30', '2026-10-25T02:15', 'later'))).toEqual(['2026-10-25T02:30', '2026-10-25T03:15']);
});

it('is dropped where the wall shows it', () => {
  const one = zoned('2026-11-25T09:00', '2026-11-25T10:00');
  const drop = (start: string, end: string | null, allDay = false) => dropOf({ event: { allDay, start: wall(start), end: end === null ? null : wall(end) } }, one, viewer);
  expect(drop('2026-11-26T14:15', '2026-11-26T15:15')).toEqual({ kind: 'timed', start: '2026-11-26T13:15:00Z', end: '2026-11-26T14:15:00Z' });
  expect(drop('2026-07-26T14:15', '2026-07-26T15:15')).toEqual({ kind: 'timed', start: '2026-07-26T12:15:00Z', end: '2026-07-26T13:15:00Z' });
  expect(drop('2026-11-26T14:15', null)).toEqual({ kind: 'timed', start: '2026-11-26T13:15:00Z', end: '2026-11-26T14:15:00Z' });
  expect(drop('2026-11-26T00:00', null, true)).toEqual({ kind: 'all_day', start: '2026-11-26', end: '2026-11-27' });
  expect(drop('2026-11-26T00:00', '2026-11-28T00:00', true)).toEqual({ kind: 'all_day', start: '2026-11-26', end: '2026-11-28' });
});

it('leaves the end that was not drawn at its instant, in the hour that the wall shows twice', () => {
  const late = zoned('2026-10-25T02:30', '2026-10-25T02:15', 'later');
  const drawn = dropOf({ event: { allDay: false, start: wall('2026-10-25T01:30'), end: wall('2026-10-25T03:15') } }, late, viewer);
  expect(drawn).toEqual({ kind: 'timed', start: '2026-10-24T23:30:00Z', end: '2026-10-25T01:15:00Z' });
  const later = occurrence({ kind: 'zoned', start: { local: '2026-10-25T02:30', zone: viewer, fold: 'later' }, end: { local: '2026-10-25T04:00', zone: viewer } });
  const longer = dropOf({ event: { allDay: false, start: wall('2026-10-25T02:30'), end: wall('2026-10-25T05:00') } }, later, viewer);
  expect(longer).toEqual({ kind: 'timed', start: '2026-10-25T01:30:00Z', end: '2026-10-25T04:00:00Z' });
});

it('is made where it was drawn, and for an hour where it was only clicked', () => {
  const drawn = (start: string, end: string, allDay = false) => selectedWhen({ allDay, start: wall(start), end: wall(end) }, viewer);
  const at = (start: string, end: string) => ({ kind: 'zoned', start: { local: start, zone: viewer }, end: { local: end, zone: viewer } });
  expect(drawn('2026-11-25T09:00', '2026-11-25T11:30')).toEqual(at('2026-11-25T09:00:00', '2026-11-25T11:30:00'));
  expect(drawn('2026-11-25T09:00', '2026-11-25T09:15')).toEqual(at('2026-11-25T09:00:00', '2026-11-25T10:00:00'));
  // The wall never shows half past two in the night in which it is set forward.
  expect(drawn('2026-03-29T02:30', '2026-03-29T02:45')).toEqual(at('2026-03-29T03:30:00', '2026-03-29T04:30:00'));
  expect(drawn('2026-11-25T00:00', '2026-11-27T00:00', true)).toEqual({ kind: 'all_day', start: '2026-11-25', end: '2026-11-27' });
});
