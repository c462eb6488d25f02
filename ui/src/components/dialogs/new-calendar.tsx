/** A new local calendar: a name and a hue. */
import { Button, TextInput } from '@mantine/core';
import { useState, type SyntheticEvent } from 'react';
import { useHost, useManner } from '../../api/host-context';
import { failureOf } from '../../host';
import { calendarColor, HUES } from '../../theme/hues';
import { hueStyle } from '../../theme/use-hue';
import { Dialog } from './dialog';
import classes from './dialogs.module.css';

interface Props {
  isOpen: boolean;
  /** How many calendars there are: proposes the next hue. */
  count: number;
  onClose: () => void;
}

/** Shows the dialog. */
export function NewCalendar({ isOpen, count, onClose }: Props) {
  return (
    <Dialog label="New calendar" isOpen={isOpen} onClose={onClose}>
      <h2 className={classes.title}>New calendar</h2>
      <p className={classes.text}>It is kept on this computer.</p>
      <CalendarForm count={count} onClose={onClose} />
    </Dialog>
  );
}

function CalendarForm({ count, onClose }: Omit<Props, 'isOpen'>) {
  const host = useHost();
  const { viewer } = useManner();
  const [name, setName] = useState('');
  const [hue, setHue] = useState(count % (HUES.length - 1));
  const [error, setError] = useState<string | null>(null);
  const save = async (event: SyntheticEvent) => {
    event.preventDefault();
    if (name.trim() === '') {
      setError('Give it a name.');
      return;
    }
    try {
      await host.call('create_calendar', { name: name.trim(), color: calendarColor(hue), time_zone: viewer });
      onClose();
    } catch (reason) {
      setError(failureOf(reason).message);
    }
  };
  return (
    <form onSubmit={(event) => void save(event)}>
      <TextInput mt={14} placeholder="Name" aria-label="Name" data-autofocus data-testid="calendar-name" value={name} error={error} onChange={(event) => setName(event.currentTarget.value)} />
      <div className={classes.hues} role="radiogroup" aria-label="Colour">
        {HUES.map(({ name: label }, index) => (
          <button key={label} type="button" role="radio" aria-checked={hue === index} aria-label={label} title={label} className={classes.hue} style={hueStyle(calendarColor(index))} onClick={() => setHue(index)} />
        ))}
      </div>
      <div className={classes.foot}>
        <Button variant="subtle" color="gray" onClick={onClose}>
          Cancel
        </Button>
        <Button type="submit" data-testid="save-calendar">
          Create
        </Button>
      </div>
    </form>
  );
}
