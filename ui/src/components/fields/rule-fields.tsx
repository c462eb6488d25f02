/** The fields of a rule of one's own: every so many weeks, on these days, until then. */
import { NumberInput, Select } from '@mantine/core';
import { Temporal } from 'temporal-polyfill';
import { useManner } from '../../api/host-context';
import { WEEKDAYS, weekdayOf, type Weekday } from '../../time/recurrence';
import { countFrom, isLastOfMonth, LARGEST, ordinalOf, type Ending, type MonthDay, type RuleForm, type Unit } from '../../time/rule-form';
import { DayField } from './day-field';
import classes from './fields.module.css';

interface Props {
  form: RuleForm;
  /** The first day. */
  date: Temporal.PlainDate;
  onChange: (form: RuleForm) => void;
}

const ORDINALS = ['first', 'second', 'third', 'fourth', 'fifth'];

/** Shows the fields. */
export function RuleFields({ form, date, onChange }: Props) {
  const { locale, weekStart } = useManner();
  const change = (part: Partial<RuleForm>) => onChange({ ...form, ...part });
  const s = form.every === 1 ? '' : 's';
  const units: { value: Unit; label: string }[] = [
    { value: 'DAILY', label: `day${s}` },
    { value: 'WEEKLY', label: `week${s}` },
    { value: 'MONTHLY', label: `month${s}` },
    { value: 'YEARLY', label: `year${s}` },
  ];
  return (
    <div className={classes.rule}>
      <div className={classes.every}>
        <span>Every</span>
        <NumberInput aria-label="How often" value={form.every} min={1} max={LARGEST} clampBehavior="strict" allowDecimal={false} w={64} onChange={(typed) => change({ every: countFrom(typed, form.every) })} />
        <Select aria-label="Unit" value={form.unit} data={units} allowDeselect={false} data-testid="rule-unit" onChange={(unit) => unit !== null && change({ unit: unit as Unit })} />
      </div>
      {form.unit === 'WEEKLY' && <WeekDays days={form.days} first={weekdayOf(date)} locale={locale} weekStart={weekStart} onChange={(days) => change({ days })} />}
      {form.unit === 'MONTHLY' && (
        <Select
          aria-label="Day of the month"
          value={form.monthDay}
          data={monthDays(date, locale)}
          allowDeselect={false}
          onChange={(monthDay) => monthDay !== null && change({ monthDay: monthDay as MonthDay })}
        />
      )}
      <EndFields ending={form.ending} date={date} onChange={(ending) => change({ ending })} />
    </div>
  );
}

function monthDays(date: Temporal.PlainDate, locale: string): { value: MonthDay; label: string }[] {
  const weekday = date.toLocaleString(locale, { weekday: 'long' });
  const offered: { value: MonthDay; label: string }[] = [{ value: 'day', label: `on day ${date.day}` }];
  const ordinal = ordinalOf(date);
  if (ordinal < 5) offered.push({ value: 'weekday', label: `on the ${ORDINALS[ordinal - 1] ?? ''} ${weekday}` });
  if (isLastOfMonth(date)) offered.push({ value: 'last-weekday', label: `on the last ${weekday}` });
  return offered;
}

interface WeekDaysProps {
  days: readonly Weekday[];
  /** The day of the first occurrence, which is always one of them. */
  first: Weekday;
  locale: string;
  weekStart: number;
  onChange: (days: Weekday[]) => void;
}

function WeekDays({ days, first, locale, weekStart, onChange }: WeekDaysProps) {
  const order = WEEKDAYS.map((_, index) => WEEKDAYS[(index + weekStart - 1) % 7] ?? first);
  const named = (day: Weekday, weekday: 'long' | 'narrow') => new Temporal.PlainDate(2024, 1, 1 + WEEKDAYS.indexOf(day)).toLocaleString(locale, { weekday });
  return (
    <div className={classes.days} role="group" aria-label="On these days">
      {order.map((day) => {
        const isChosen = days.includes(day);
        return (
          <button
            key={day}
            type="button"
            className={classes.day}
            aria-pressed={isChosen}
            aria-label={named(day, 'long')}
            // The last one stays: a series without days is none.
            disabled={isChosen && days.length === 1}
            onClick={() => onChange(isChosen ? days.filter((other) => other !== day) : [...days, day])}
          >
            {named(day, 'narrow')}
          </button>
        );
      })}
    </div>
  );
}

function EndFields({ ending, date, onChange }: { ending: Ending; date: Temporal.PlainDate; onChange: (ending: Ending) => void }) {
  const choose = (kind: Ending['kind']) => {
    if (kind === 'never') onChange({ kind });
    if (kind === 'on') onChange({ kind, date: date.add({ months: 3 }).toString() });
    if (kind === 'after') onChange({ kind, count: 10 });
  };
  return (
    <div className={classes.ends} data-open={ending.kind === 'never' || undefined}>
      <Select
        aria-label="Ends"
        value={ending.kind}
        data={[
          { value: 'never', label: 'Without an end' },
          { value: 'on', label: 'Until' },
          { value: 'after', label: 'So many times' },
        ]}
        allowDeselect={false}
        data-testid="rule-end"
        onChange={(kind) => kind !== null && choose(kind as Ending['kind'])}
      />
      {ending.kind === 'on' && <DayField label="Last day" value={ending.date} min={date.toString()} onChange={(chosen) => onChange({ kind: 'on', date: chosen })} />}
      {ending.kind === 'after' && (
        <NumberInput aria-label="How many times" value={ending.count} min={1} max={LARGEST} clampBehavior="strict" allowDecimal={false} onChange={(typed) => onChange({ kind: 'after', count: countFrom(typed, ending.count) })} />
      )}
    </div>
  );
}
