import { Temporal } from 'temporal-polyfill';
import { describe, expect, it } from 'vitest';
import { describeRecurrence, describeRule, parseRule, recurrenceOf, repeatOf, ruleOf, shiftRule, writeRule, type Repeat } from './recurrence';

const wednesday = Temporal.PlainDate.from('2026-11-25');

describe('describeRule', () => {
  it.each([
    ['FREQ=DAILY', 'Every day'],
    ['FREQ=DAILY;INTERVAL=3', 'Every 3 days'],
    ['FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR', 'Every weekday'],
    ['FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,WE', 'Every 2 weeks on Monday and Wednesday'],
    ['FREQ=MONTHLY;BYDAY=-1FR', 'Every month on the last Friday'],
    ['FREQ=MONTHLY;BYDAY=2TU;COUNT=10', 'Every month on the second Tuesday, 10 times'],
    ['FREQ=MONTHLY;BYMONTHDAY=-1', 'Every month on the last day'],
    ['FREQ=YEARLY;BYMONTH=6;UNTIL=20301231T225959Z', 'Every year in June, until 31 Dec 2030'],
    ['RRULE:FREQ=WEEKLY;COUNT=1', 'Every week, once'],
    ['FREQ=MONTHLY;BYDAY=MO,TU;BYSETPOS=1', 'Every month on Monday and Tuesday (BYSETPOS=1)'],
  ])('%s', (rule, words) => expect(describeRule(rule, 'en-GB')).toBe(words));

  it.each(['', 'every day', 'FREQ=SOMETIMES', 'INTERVAL=2', 'FREQ=DAILY;', 'FREQ=DAILY;BYDAY'])('cannot read %j', (rule) => {
    expect(describeRule(rule, 'en-GB')).toBeNull();
  });

  it('counts what is left out', () => {
    const recurrence = { ...recurrenceOf('FREQ=DAILY'), exclusion_dates: [{ kind: 'date', date: '2026-11-25' } as const] };
    expect(describeRecurrence(recurrence, 'en-GB')).toBe('Every day, one left out');
  });
});

describe('named repetitions', () => {
  it.each<Exclude<Repeat, 'none' | 'custom'>>(['daily', 'weekdays', 'weekly', 'monthly', 'yearly'])('recognises its own rule: %s', (repeat) => {
    expect(repeatOf(recurrenceOf(ruleOf(repeat, wednesday)), wednesday)).toBe(repeat);
  });
  it('recognises equal rules however they are written', () => {
    expect(repeatOf(recurrenceOf('BYDAY=WE;INTERVAL=1;FREQ=WEEKLY'), wednesday)).toBe('weekly');
    expect(repeatOf(recurrenceOf('FREQ=WEEKLY'), wednesday)).toBe('weekly');
  });
  it('leaves everything else to the rule', () => {
    expect(repeatOf(recurrenceOf('FREQ=WEEKLY;BYDAY=MO'), wednesday)).toBe('custom');
    expect(repeatOf({ ...recurrenceOf('FREQ=DAILY'), dates: [{ kind: 'date', date: '2027-01-01' }] }, wednesday)).toBe('custom');
    expect(repeatOf(null, wednesday)).toBe('none');
  });
});

describe('shiftRule', () => {
  it.each([
    ['FREQ=WEEKLY;BYDAY=MO,WE', 1, 'FREQ=WEEKLY;BYDAY=TU,TH'],
    ['FREQ=WEEKLY;BYDAY=SA,SU', 1, 'FREQ=WEEKLY;BYDAY=MO,SU'],
    ['FREQ=WEEKLY;BYDAY=MO', -1, 'FREQ=WEEKLY;BYDAY=SU'],
    ['FREQ=MONTHLY;BYMONTHDAY=25', 2, 'FREQ=MONTHLY;BYMONTHDAY=27'],
    ['FREQ=MONTHLY;BYDAY=2TU', 1, 'FREQ=MONTHLY;BYDAY=2TU'],
    ['FREQ=DAILY;COUNT=3', 5, 'FREQ=DAILY;COUNT=3'],
  ])('%s by %d days', (rule, days, shifted) => expect(shiftRule(rule, wednesday, days)).toBe(shifted));

  it('writes parts in one order', () => {
    expect(writeRule(parseRule('BYDAY=MO;COUNT=3;FREQ=WEEKLY') ?? new Map())).toBe('FREQ=WEEKLY;COUNT=3;BYDAY=MO');
  });
});
