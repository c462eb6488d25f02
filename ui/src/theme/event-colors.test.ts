import { expect, test } from 'vitest';
import { EVENT_COLORS } from './event-colors';
import { HUES } from './hues';

test('no two colours that are offered for an event look alike', () => {
  const shown = EVENT_COLORS.map(({ hue }) => HUES[hue]?.name);
  expect(shown).not.toContain(undefined);
  expect(new Set(shown).size).toBe(EVENT_COLORS.length);
});
