/** When to be reminded: as the calendar says, never, or at times of one's own. */
import { Button, NumberInput, Select } from '@mantine/core';
import { IconX } from '@tabler/icons-react';
import { useState } from 'react';
import type { Reminder } from '../../api/generated/Reminder';
import type { Reminders } from '../../api/generated/Reminders';
import { IconButton } from '../icon-button';
import { describeMinutes, minutesFrom, REMINDER_UNITS, type ReminderUnit } from './reminders';
import classes from './fields.module.css';

const CHOICES = [0, 5, 10, 15, 30, 60, 120, 1440, 2880, 10080];

interface Props {
  value: Reminders;
  isDisabled?: boolean;
  onChange: (value: Reminders) => void;
}

/** Shows the reminders, and a list to add one from. */
export function RemindersField({ value, isDisabled = false, onChange }: Props) {
  const [isOwnTime, setOwnTime] = useState(false);
  const own = value.kind === 'custom' ? value.reminders : [];
  const set = (reminders: Reminder[]) => onChange({ kind: 'custom', reminders: reminders.toSorted((a, b) => a.minutes_before - b.minutes_before) });
  const has = (minutes: number) => own.some((reminder) => reminder.minutes_before === minutes && reminder.method === 'popup');
  const add = (minutes: number) => {
    if (!has(minutes)) set([...own, { minutes_before: minutes, method: 'popup' }]);
  };
  const options = [
    { value: 'default', label: 'As the calendar says' },
    { value: 'none', label: 'No reminder' },
    ...CHOICES.filter((minutes) => !has(minutes)).map((minutes) => ({ value: String(minutes), label: describeMinutes(minutes) })),
    { value: 'other', label: 'At another time…' },
  ];
  const choose = (chosen: string) => {
    setOwnTime(chosen === 'other');
    if (chosen === 'default') onChange({ kind: 'calendar_default' });
    else if (chosen === 'none') set([]);
    else if (chosen !== 'other') add(Number(chosen));
  };
  const shown = value.kind === 'calendar_default' ? 'default' : own.length === 0 ? 'none' : null;
  return (
    <div className={classes.stack}>
      {own.map((reminder) => (
        <div key={`${reminder.minutes_before}-${reminder.method}`} className={classes.chip}>
          <span>
            {describeMinutes(reminder.minutes_before)}
            {reminder.method === 'email' && ', by mail'}
          </span>
          {!isDisabled && (
            <IconButton label="Remove reminder" onClick={() => set(own.filter((other) => other !== reminder))}>
              <IconX size={14} />
            </IconButton>
          )}
        </div>
      ))}
      <Select aria-label="Reminders" placeholder="Add a reminder" value={shown} data={options} allowDeselect={false} disabled={isDisabled} data-testid="reminders" onChange={(chosen) => chosen !== null && choose(chosen)} />
      {isOwnTime && (
        <OwnTime
          onAdd={(minutes) => {
            add(minutes);
            setOwnTime(false);
          }}
        />
      )}
    </div>
  );
}

function OwnTime({ onAdd }: { onAdd: (minutes: number) => void }) {
  const [count, setCount] = useState<string | number>(45);
  const [unit, setUnit] = useState<ReminderUnit>('minutes');
  const minutes = minutesFrom(count, unit);
  return (
    <div className={classes.custom}>
      <NumberInput aria-label="How long before" value={count} min={0} allowDecimal={false} onChange={setCount} />
      <Select aria-label="Unit" value={unit} data={REMINDER_UNITS.map((name) => ({ value: name, label: `${name} before` }))} allowDeselect={false} onChange={(chosen) => chosen !== null && setUnit(chosen as ReminderUnit)} />
      <Button size="compact-sm" h={30} variant="light" disabled={minutes === null} onClick={() => minutes !== null && onAdd(minutes)}>
        Add
      </Button>
    </div>
  );
}
