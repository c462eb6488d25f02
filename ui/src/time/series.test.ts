import { describe, expect, it } from 'vitest';
import type { When } from '../api/generated/When';
import { newContent } from '../api/content';
import { recurrenceOf } from './recurrence';
import { applyToSeries, changedFields } from './series';

const at = (day: string, hour: string): When => ({
  kind: 'zoned',
  start: { local: `${day}T${hour}:00:00`, zone: 'Europe/Berlin' },
  end: { local: `${day}T${hour}:45:00`, zone: 'Europe/Berlin' },
});
const series = { ...newContent('Planning', at('2026-09-07', '10')), recurrence: recurrenceOf('FREQ=WEEKLY;BYDAY=MO'), location: 'Long room' };
const occurrence = { ...series, when: at('2026-11-23', '10') };

describe('applyToSeries', () => {
  it('takes only what was changed', () => {
    const override = { ...occurrence, location: 'Studio' };
    const result = applyToSeries(series, override, { ...override, title: 'Plan' });
    expect(result).toEqual({ ...series, title: 'Plan' });
  });

  it('moves the rule’s weekdays along', () => {
    const result = applyToSeries(series, occurrence, { ...occurrence, when: at('2026-11-24', '11') });
    expect(result.when).toEqual(at('2026-09-08', '11'));
    expect(result.recurrence?.rules).toEqual(['FREQ=WEEKLY;BYDAY=TU']);
  });

  it('takes a new rule as it is', () => {
    const result = applyToSeries(series, occurrence, { ...occurrence, recurrence: recurrenceOf('FREQ=DAILY') });
    expect(result.recurrence?.rules).toEqual(['FREQ=DAILY']);
    expect(result.when).toEqual(series.when);
  });

  it('moves a series when it is dragged by an occurrence that names no rule', () => {
    const plain = { ...occurrence, recurrence: null };
    const result = applyToSeries(series, plain, { ...plain, when: at('2026-11-25', '10') });
    expect(result.recurrence?.rules).toEqual(['FREQ=WEEKLY;BYDAY=WE']);
  });
});

it('names what differs', () => {
  expect(changedFields(occurrence, { ...occurrence, title: 'x', when: at('2026-11-24', '10') })).toEqual(['title', 'when']);
  expect(changedFields(occurrence, structuredClone(occurrence))).toEqual([]);
});
