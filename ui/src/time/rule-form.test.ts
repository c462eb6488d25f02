import { Temporal } from 'temporal-polyfill';
import { describe, expect, it } from 'vitest';
import { countFrom, ruleFormOf, ruleOfForm, type RuleForm } from './rule-form';

/** The last Wednesday of its month, and the fourth. */
const date = Temporal.PlainDate.from('2026-11-25');
const read = (rule: string, zone = 'Europe/Berlin') => ruleFormOf(rule, date, zone);
const form = (more: Partial<RuleForm> = {}): RuleForm => ({ every: 1, unit: 'WEEKLY', days: ['WE'], monthDay: 'day', ending: { kind: 'never' }, ...more });

describe('a rule in fields', () => {
  it.each([
    'FREQ=DAILY',
    'FREQ=DAILY;COUNT=10;INTERVAL=3',
    'FREQ=WEEKLY;BYDAY=WE',
    'FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,WE,SU',
    'FREQ=MONTHLY;BYMONTHDAY=25',
    'FREQ=MONTHLY;INTERVAL=6;BYDAY=4WE',
    'FREQ=MONTHLY;UNTIL=20271231;BYDAY=-1WE',
    'FREQ=YEARLY',
  ])('%s comes back as it was', (rule) => {
    const fields = read(rule);
    expect(fields).not.toBeNull();
    expect(fields && ruleOfForm(fields, date)).toBe(rule);
  });

  it('reads what is said by the first day alone', () => {
    expect(read('FREQ=WEEKLY')).toEqual(form());
    expect(read('FREQ=MONTHLY')).toEqual(form({ unit: 'MONTHLY' }));
    expect(read('FREQ=YEARLY;BYMONTH=11;BYMONTHDAY=25')).toEqual(form({ unit: 'YEARLY' }));
    expect(read('FREQ=WEEKLY;WKST=SU;BYDAY=SU,MO')).toEqual(form({ days: ['MO', 'SU'] }));
  });

  it('reads the last day where the series is at home', () => {
    expect(read('FREQ=DAILY;UNTIL=20261231T230000Z')?.ending).toEqual({ kind: 'on', date: '2027-01-01' });
    expect(read('FREQ=DAILY;UNTIL=20261231T230000Z', 'America/New_York')?.ending).toEqual({ kind: 'on', date: '2026-12-31' });
    expect(read('FREQ=DAILY;UNTIL=20261231T090000')?.ending).toEqual({ kind: 'on', date: '2026-12-31' });
  });

  it.each([
    'FREQ=HOURLY', 'FREQ=WEEKLY;BYDAY=1MO', 'FREQ=MONTHLY;BYDAY=MO', 'FREQ=MONTHLY;BYMONTHDAY=-1', 'FREQ=MONTHLY;BYMONTHDAY=24', 'FREQ=MONTHLY;BYDAY=WE;BYSETPOS=-1',
    'FREQ=YEARLY;BYDAY=1WE;BYMONTH=11', 'FREQ=DAILY;BYDAY=MO', 'FREQ=WEEKLY;INTERVAL=2;WKST=SU', 'FREQ=DAILY;INTERVAL=0', 'FREQ=DAILY;UNTIL=20261399', 'nonsense',
  ])('leaves %s to its text', (rule) => expect(read(rule)).toBeNull());

  it('has at least one day in a week', () => expect(ruleOfForm(form({ days: [] }), date)).toBe('FREQ=WEEKLY;BYDAY=WE'));

  it('takes whole numbers that make sense', () => {
    expect([countFrom('4', 1), countFrom('', 2), countFrom('0', 3), countFrom('1.5', 4), countFrom('1000', 5)]).toEqual([4, 2, 3, 4, 5]);
  });
});
