import { Temporal } from 'temporal-polyfill';
import { expect, it } from 'vitest';
import type { OccurrenceView } from '../../api/generated/OccurrenceView';
import type { When } from '../../api/generated/When';
import { spanOf } from '../../time/when';
import { agendaDays, agendaParts } from './days';

const viewer = 'Europe/Berlin';
const day = (text: string) => Temporal.PlainDate.from(text);
function occurrence(title: string, when: When): OccurrenceView {
  const { start, end } = spanOf(when, viewer);
  return {
    event_id: title, occurrence_of: null, calendar_id: 'c', title, location: '', when, starts_at: start.toString(), ends_at: end.toString(),
    status: 'confirmed', transparency: 'opaque', response: null, color: null, has_attendees: false, read_only: false, sync: 'local',
  };
}
const floating = (start: string, end: string): When => ({ kind: 'floating', start: `${start}:00`, end: `${end}:00` });

it('lists days with something on them, whole days first, and always today', () => {
  const days = agendaDays(
    [
      occurrence('late', floating('2026-11-26T22:00', '2026-11-27T00:00')),
      occurrence('night', floating('2026-11-27T23:00', '2026-11-28T01:00')),
      occurrence('trip', { kind: 'all_day', start: '2026-11-26', end: '2026-11-28' }),
      occurrence('over', { kind: 'all_day', start: '2026-11-20', end: '2026-11-25' }),
    ],
    { start: day('2026-11-25'), end: day('2026-12-01') },
    day('2026-11-25'),
    viewer,
  );
  expect(days.map(({ date, occurrences }) => [date.toString(), ...occurrences.map(({ title }) => title)])).toEqual([
    ['2026-11-25'],
    ['2026-11-26', 'trip', 'late'],
    ['2026-11-27', 'trip', 'night'],
    ['2026-11-28', 'night'],
  ]);
});

it('divides days that have many events, and leaves nothing out', () => {
  const many = Array.from({ length: 23 }, (_, number) => occurrence(String(number), floating('2026-11-26T09:00', '2026-11-26T10:00')));
  const parts = agendaParts([{ date: day('2026-11-25'), occurrences: [] }, { date: day('2026-11-26'), occurrences: many }]);
  expect(parts.map(({ date, occurrences, isFirst, isLast }) => [date.day, occurrences.length, isFirst, isLast])).toEqual([
    [25, 0, true, true],
    [26, 10, true, false],
    [26, 10, false, false],
    [26, 3, false, true],
  ]);
  expect(parts.flatMap(({ occurrences }) => occurrences)).toEqual(many);
});
