import { expect, it } from 'vitest';
import type { OccurrenceView } from '../../api/generated/OccurrenceView';
import { spanOf } from '../../time/when';
import { foundDays } from './days';

const viewer = 'Europe/Berlin';
const hit = (title: string, start: string, end: string): OccurrenceView => {
  const when = { kind: 'zoned', start: { local: start, zone: viewer }, end: { local: end, zone: viewer } } as const;
  const span = spanOf(when, viewer);
  return { title, when, starts_at: span.start.toString(), ends_at: span.end.toString() } as OccurrenceView;
};

it('keeps the order, and tells what is past from what is to come on the same day', () => {
  const hits = [
    hit('later today', '2026-11-25T15:00', '2026-11-25T16:00'),
    hit('tomorrow', '2026-11-26T09:00', '2026-11-26T10:00'),
    hit('also tomorrow', '2026-11-26T23:30', '2026-11-27T00:30'),
    hit('this morning', '2026-11-25T09:00', '2026-11-25T12:00'),
    hit('yesterday', '2026-11-24T09:00', '2026-11-24T10:00'),
  ];
  const now = Date.parse('2026-11-25T12:00+01:00');
  const days = foundDays(hits, now, viewer).map(({ date, isPast, hits: found }) => [date.toString(), isPast, ...found.map(({ hit: { title }, place }) => `${place} ${title}`)]);
  expect(days).toEqual([
    ['2026-11-25', false, '0 later today'],
    ['2026-11-26', false, '1 tomorrow', '2 also tomorrow'],
    ['2026-11-25', true, '3 this morning'],
    ['2026-11-24', true, '4 yesterday'],
  ]);
  expect(foundDays([], now, viewer)).toEqual([]);
});
