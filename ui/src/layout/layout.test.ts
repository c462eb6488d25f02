import { Temporal } from 'temporal-polyfill';
import { describe, expect, it } from 'vitest';
import type { OccurrenceView } from '../api/generated/OccurrenceView';
import { inspectorSide, placeBeside } from './placement';
import { columnsInDay, rowsInMonth } from './rows';
import { walk, type Direction } from './walk';

const window = { width: 1280, height: 800 };
const size = { width: 300, height: 180 };

describe('placeBeside', () => {
  it.each([
    ['at the right', { left: 400, top: 300, width: 120, height: 48 }, { left: 528, top: 300 }],
    ['at the left where there is no room', { left: 1100, top: 300, width: 150, height: 48 }, { left: 792, top: 300 }],
    ['whole inside the window', { left: 400, top: 760, width: 120, height: 20 }, { left: 528, top: 612 }],
    ['under what is too wide', { left: 100, top: 100, width: 1100, height: 24 }, { left: 500, top: 132 }],
    ['over it at the lower edge', { left: 100, top: 700, width: 1100, height: 24 }, { left: 500, top: 512 }],
  ])('%s', (_, anchor, place) => expect(placeBeside(anchor, size, window)).toEqual(place));
});

describe('inspectorSide', () => {
  const grid = { left: 232, top: 48, width: 1048, height: 700 };
  it.each([
    ['right', { left: 300, top: 0, width: 140, height: 40 }],
    ['left', { left: 1100, top: 0, width: 140, height: 40 }],
    ['right', { left: 240, top: 0, width: 1000, height: 20 }],
  ])('is %s', (side, block) => expect(inspectorSide(block, grid, 336)).toBe(side));
  it('is right without a block', () => expect(inspectorSide(null, grid, 336)).toBe('right'));
});

describe('walk', () => {
  const at = (id: string, start: string): OccurrenceView => ({
    event_id: id, occurrence_of: null, calendar_id: 'c', title: id, location: '', when: { kind: 'floating', start, end: start },
    starts_at: `${start}Z`, ends_at: `${start}Z`, status: 'confirmed', transparency: 'opaque', response: null, color: null, has_attendees: false, read_only: false, sync: 'local',
  });
  const all = [at('b', '2026-11-23T14:00:00'), at('a', '2026-11-23T09:00:00'), at('d', '2026-11-25T13:30:00'), at('c', '2026-11-25T08:00:00')];
  const now = Temporal.Instant.from('2026-11-24T00:00:00Z');
  it.each<[string | null, Direction, string]>([
    ['a', 'next', 'b'], ['b', 'next', 'c'], ['d', 'next', 'd'], ['c', 'previous', 'b'], ['a', 'previous', 'a'],
    ['b', 'day-after', 'd'], ['a', 'day-after', 'c'], ['c', 'day-before', 'a'], ['a', 'day-before', 'a'], [null, 'next', 'c'],
  ])('from %s %s is %s', (from, direction, to) => expect(walk(all, from, direction, 'UTC', now)?.event_id).toBe(to));
  it('goes nowhere when there is nothing', () => expect(walk([], null, 'next', 'UTC', now)).toBeNull());
});

describe('the rows of a day in a month', () => {
  it.each([[752, 5, 5], [752, 6, 4], [752, 4, 6], [300, 6, 1], [0, 5, 1]])('%i px, %i weeks: %i', (height, weeks, rows) => expect(rowsInMonth(height, weeks)).toBe(rows));
});

describe('what fits side by side into a day', () => {
  it.each([[1048, 7, 3], [1688, 7, 5], [1048, 5, 4], [1048, 1, 8], [720, 7, 2], [0, 7, 2]])('%i px, %i days: %i', (width, days, columns) => expect(columnsInDay(width, days)).toBe(columns));
});
