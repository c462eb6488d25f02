/** How an event repeats: by name, or by a rule with its meaning in words. */
import { Select, TextInput } from '@mantine/core';
import { Temporal } from 'temporal-polyfill';
import { useManner } from '../../api/host-context';
import { describeRule, ruleOf, type Repeat } from '../../time/recurrence';
import classes from './fields.module.css';

interface Props {
  repeat: Repeat;
  rule: string;
  startDate: string;
  error: string | undefined;
  onChange: (repeat: Repeat, rule: string) => void;
}

/** Shows the fields. */
export function RepeatField({ repeat, rule, startDate, error, onChange }: Props) {
  const { locale } = useManner();
  const date = Temporal.PlainDate.from(startDate === '' ? '2000-01-01' : startDate);
  const weekday = date.toLocaleString(locale, { weekday: 'long' });
  const options: { value: Repeat; label: string }[] = [
    { value: 'none', label: 'Does not repeat' },
    { value: 'daily', label: 'Every day' },
    { value: 'weekdays', label: 'Every weekday' },
    { value: 'weekly', label: `Every week on ${weekday}` },
    { value: 'monthly', label: `Every month on day ${date.day}` },
    { value: 'yearly', label: `Every year on ${date.toLocaleString(locale, { day: 'numeric', month: 'long' })}` },
    { value: 'custom', label: 'By a rule…' },
  ];
  const choose = (chosen: Repeat) => {
    const isBlank = chosen === 'custom' && rule === '';
    onChange(chosen, isBlank ? ruleOf(repeat === 'none' || repeat === 'custom' ? 'weekly' : repeat, date) : rule);
  };
  const summary = repeat === 'custom' ? describeRule(rule, locale) : null;
  return (
    <div className={classes.stack}>
      <Select
        aria-label="Repeats"
        value={repeat}
        data={options}
        allowDeselect={false}
        data-testid="repeat"
        onChange={(chosen) => chosen !== null && choose(chosen as Repeat)}
      />
      {repeat === 'custom' && (
        <TextInput
          aria-label="Recurrence rule"
          value={rule}
          spellCheck={false}
          error={error}
          description={error === undefined ? (summary ?? 'This rule cannot be read yet.') : undefined}
          inputWrapperOrder={['input', 'description', 'error']}
          onChange={(event) => onChange('custom', event.currentTarget.value)}
          classNames={{ input: classes.code }}
        />
      )}
      {repeat !== 'custom' && error !== undefined && <p className={classes.error}>{error}</p>}
    </div>
  );
}
