/** How an event repeats: by name, by fields, or by a rule; with its meaning in words and the next dates. */
import { Select, TextInput } from '@mantine/core';
import { Temporal } from 'temporal-polyfill';
import { Fragment, useState } from 'react';
import type { Recurrence } from '../../api/generated/Recurrence';
import type { When } from '../../api/generated/When';
import { useManner } from '../../api/host-context';
import { useSeriesPreview } from '../../api/queries';
import { formatDay } from '../../time/format';
import { describeRecurrence, ruleOf, type Repeat } from '../../time/recurrence';
import { ruleFormOf, ruleOfForm } from '../../time/rule-form';
import { localStart, spanOf } from '../../time/when';
import { RuleFields } from './rule-fields';
import classes from './fields.module.css';

interface Props {
  repeat: Repeat;
  rule: string;
  startDate: string;
  /** Where the end of a rule is read. */
  zone: string;
  /** What the fields say; null while they say nothing that can be read. */
  recurrence: Recurrence | null;
  /** When the series first takes place; null while that cannot be read. */
  first: When | null;
  error: string | undefined;
  isDisabled?: boolean;
  onChange: (repeat: Repeat, rule: string) => void;
}

/** Shows the fields. */
export function RepeatField({ repeat, rule, startDate, zone, recurrence, first, error, isDisabled = false, onChange }: Props) {
  const { locale } = useManner();
  const [wantsText, setWantsText] = useState(false);
  const date = Temporal.PlainDate.from(startDate === '' ? '2000-01-01' : startDate);
  const weekday = date.toLocaleString(locale, { weekday: 'long' });
  const options: { value: Repeat; label: string }[] = [
    { value: 'none', label: 'Does not repeat' },
    { value: 'daily', label: 'Every day' },
    { value: 'weekdays', label: 'Every weekday' },
    { value: 'weekly', label: `Every week on ${weekday}` },
    { value: 'monthly', label: `Every month on day ${date.day}` },
    { value: 'yearly', label: `Every year on ${date.toLocaleString(locale, { day: 'numeric', month: 'long' })}` },
    { value: 'custom', label: 'Otherwise…' },
  ];
  const choose = (chosen: Repeat) => {
    // “Otherwise” goes on from what was chosen before.
    const isFresh = chosen === 'custom' && repeat !== 'custom';
    onChange(chosen, isFresh ? ruleOf(repeat === 'none' ? 'weekly' : repeat, date) : rule);
  };
  const form = repeat === 'custom' ? ruleFormOf(rule, date, zone) : null;
  const isText = repeat === 'custom' && (wantsText || form === null);
  return (
    <div className={classes.stack}>
      <Select
        aria-label="Repeats"
        value={repeat}
        data={options}
        allowDeselect={false}
        disabled={isDisabled}
        data-testid="repeat"
        onChange={(chosen) => chosen !== null && choose(chosen as Repeat)}
      />
      {repeat === 'custom' && form !== null && !wantsText && !isDisabled && <RuleFields form={form} date={date} onChange={(next) => onChange('custom', ruleOfForm(next, date))} />}
      {isText && !isDisabled && (
        <TextInput aria-label="Recurrence rule" value={rule} spellCheck={false} error={error} data-testid="rule-text" onChange={(event) => onChange('custom', event.currentTarget.value)} classNames={{ input: classes.code }} />
      )}
      {!isText && error !== undefined && <p className={classes.error}>{error}</p>}
      {repeat !== 'none' && error === undefined && <Meaning recurrence={recurrence} first={first} />}
      {repeat === 'custom' && form !== null && !isDisabled && (
        <button type="button" className={classes.quiet} onClick={() => setWantsText(!wantsText)}>
          {wantsText ? 'Back to the fields' : 'Write it as a rule'}
        </button>
      )}
    </div>
  );
}

const SHOWN = 5;

function Meaning({ recurrence, first }: { recurrence: Recurrence | null; first: When | null }) {
  const manner = useManner();
  const now = Temporal.Now.instant();
  const start = first === null ? now : spanOf(first, manner.viewer).start;
  // A series that began long ago is told from here on. A day's grace keeps the question the same for a while.
  const today = now.toZonedDateTimeISO(manner.viewer).startOfDay().toInstant();
  const from = Temporal.Instant.compare(start, today) > 0 ? start : today;
  const dates = useSeriesPreview(first, recurrence, from.toString(), SHOWN);
  if (recurrence === null) return <p className={classes.meaning}>This rule cannot be read yet.</p>;
  const year = now.toZonedDateTimeISO(manner.viewer).year;
  return (
    <div className={classes.meaning} data-testid="repeat-meaning">
      {describeRecurrence(recurrence, manner.locale)}.
      {dates !== undefined && (
        <div className={classes.next}>
          {dates.length === 0 ? 'It takes place no more.' : 'Next: '}
          {dates.map((when, index) => (
            <Fragment key={JSON.stringify(when)}>
              {index > 0 && ' · '}
              <span>{formatDay(localStart(when).toPlainDate(), manner, year)}</span>
            </Fragment>
          ))}
        </div>
      )}
    </div>
  );
}
