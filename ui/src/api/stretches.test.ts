import { describe, expect, it } from 'vitest';
import { isWithin, takesPlaceIn } from './stretches';

const window = { from: '2026-11-26T23:00:00Z', to: '2026-11-27T23:00:00Z', viewer: 'Europe/Berlin' };

describe('what takes place in a day', () => {
  it.each([
    ['2026-11-27T08:00:00Z', '2026-11-27T09:00:00Z', true, 'in its middle'],
    ['2026-11-26T22:00:00Z', '2026-11-26T23:00:00Z', false, 'up to its first moment'],
    ['2026-11-26T22:00:00Z', '2026-11-26T23:00:01Z', true, 'into it'],
    ['2026-11-27T22:59:59Z', '2026-11-28T01:00:00Z', true, 'out of it'],
    ['2026-11-27T23:00:00Z', '2026-11-28T01:00:00Z', false, 'after it'],
    ['2026-11-26T23:00:00Z', '2026-11-26T23:00:00Z', true, 'at its first moment'],
    ['2026-11-27T23:00:00Z', '2026-11-27T23:00:00Z', false, 'at the moment after it'],
    ['2026-11-01T00:00:00Z', '2026-12-01T00:00:00Z', true, 'all around it'],
  ])('from %s to %s: %s, %s', (starts_at, ends_at, isSeen) => expect(takesPlaceIn({ starts_at, ends_at }, window)).toBe(isSeen));
});

describe('a stretch within another', () => {
  const month = { from: '2026-10-25T23:00:00Z', to: '2026-12-06T23:00:00Z', viewer: 'Europe/Berlin' };
  it('may have its edges', () => expect([isWithin(window, month), isWithin(month, month), isWithin(month, window)]).toEqual([true, true, false]));
  it('is seen from the same place', () => expect(isWithin({ ...window, viewer: 'Asia/Kolkata' }, month)).toBe(false));
  it('is compared with nothing else', () => expect([isWithin(window, 'search'), isWithin(window, undefined), isWithin(window, null)]).toEqual([false, false, false]));
});
