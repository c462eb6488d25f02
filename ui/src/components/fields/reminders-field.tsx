/** When to be reminded. */
import { Select } from '@mantine/core';
import { IconX } from '@tabler/icons-react';
import type { Reminder } from '../../api/generated/Reminder';
import type { Reminders } from '../../api/generated/Reminders';
import { IconButton } from '../icon-button';
import { describeMinutes } from './reminders';
import classes from './fields.module.css';

const CHOICES = [0, 5, 10, 15, 30, 60, 120, 1440, 2880, 10080];

interface Props {
  value: Reminders;
  onChange: (value: Reminders) => void;
}

/** Shows the reminders, and a list to add one from. */
export function RemindersField({ value, onChange }: Props) {
  const own = value.kind === 'custom' ? value.reminders : [];
  const set = (reminders: Reminder[]) => onChange({ kind: 'custom', reminders: reminders.toSorted((a, b) => a.minutes_before - b.minutes_before) });
  const options = [
    { value: 'default', label: 'As the calendar says' },
    { value: 'none', label: 'No reminder' },
    ...CHOICES.filter((minutes) => !own.some((reminder) => reminder.minutes_before === minutes && reminder.method === 'popup')).map((minutes) => ({
      value: String(minutes),
      label: describeMinutes(minutes),
    })),
  ];
  const choose = (chosen: string) => {
    if (chosen === 'default') onChange({ kind: 'calendar_default' });
    else if (chosen === 'none') set([]);
    else set([...own, { minutes_before: Number(chosen), method: 'popup' }]);
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
          <IconButton label="Remove reminder" onClick={() => set(own.filter((other) => other !== reminder))}>
            <IconX size={14} />
          </IconButton>
        </div>
      ))}
      <Select aria-label="Reminders" placeholder="Add a reminder" value={shown} data={options} allowDeselect={false} onChange={(chosen) => chosen !== null && choose(chosen)} />
    </div>
  );
}
