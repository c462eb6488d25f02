import { describe, expect, it } from 'vitest';
import type { OccurrenceView } from '../../api/generated/OccurrenceView';
import { levelOf, loadByDay, loadWords } from './load';

const timed = (start: string, end: string, more: Partial<OccurrenceView> = {}): OccurrenceView => ({
  event_id: start, occurrence_of: null, calendar_id: 'c', title: '', location: '', when: { kind: 'zoned', start: { local: '', zone: '' }, end: { local: '', zone: '' } }, starts_at: start, ends_at: end,
  status: 'confirmed', transparency: 'opaque', response: null, color: null, has_attendees: false, read_only: false, sync: 'local', ...more,
});
const load = (...events: OccurrenceView[]) => [...loadByDay(events, 'Europe/Berlin')].map(([day, { count, minutes }]) => [day, count, minutes]);

describe('the load of a day', () => {
  it('adds up where the reader is', () => {
    expect(load(timed('2026-11-26T08:00:00Z', '2026-11-26T09:30:00Z'), timed('2026-11-26T23:30:00Z', '2026-11-27T00:30:00Z'))).toEqual([['2026-11-26', 1, 90], ['2026-11-27', 1, 60]]);
  });
  it('is divided at midnight, however long the day', () => {
    expect(load(timed('2026-10-24T20:00:00Z', '2026-10-26T01:00:00Z'))).toEqual([['2026-10-24', 1, 120], ['2026-10-25', 1, 1500], ['2026-10-26', 1, 120]]);
  });
  it('counts whole days and free time without their minutes', () => {
    expect(load(timed('', '', { when: { kind: 'all_day', start: '2026-12-24', end: '2026-12-26' } }), timed('2026-12-24T08:00:00Z', '2026-12-24T09:00:00Z', { transparency: 'transparent' }))).toEqual([['2026-12-24', 2, 0], ['2026-12-25', 1, 0]]);
  });
  it('counts a moment once', () => expect(load(timed('2026-11-26T08:00:00Z', '2026-11-26T08:00:00Z'))).toEqual([['2026-11-26', 1, 0]]));
  it('leaves out what does not take place', () => {
    expect(load(timed('2026-11-26T08:00:00Z', '2026-11-26T09:00:00Z', { status: 'cancelled' }), timed('2026-11-26T08:00:00Z', '2026-11-26T09:00:00Z', { response: 'declined' }))).toEqual([]);
  });
  it.each([[0, 0, 0, 'Nothing'], [1, 0, 1, '1 event'], [2, 90, 2, '2 events, 1 h 30 min'], [5, 240, 3, '5 events, 4 h'], [1, 600, 4, '1 event, 10 h'], [1, 15, 1, '1 event, 15 min']])('%i events of %i minutes', (count, minutes, level, words) => {
    expect([levelOf({ count, minutes }), loadWords({ count, minutes })]).toEqual([level, words]);
  });
});
