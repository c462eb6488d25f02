/** A new calendar: a name, a hue, and whether it is kept here or at a calendar server. */
import { Button, NativeSelect, TextInput } from '@mantine/core';
import { useState, type SyntheticEvent } from 'react';
import { useHost, useManner } from '../../api/host-context';
import { useSnapshot } from '../../api/queries';
import { failureOf } from '../../host';
import { calendarColor, HUES } from '../../theme/hues';
import { hueOf } from '../../theme/use-hue';
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
      <CalendarForm count={count} onClose={onClose} />
    </Dialog>
  );
}

function CalendarForm({ count, onClose }: Omit<Props, 'isOpen'>) {
  const host = useHost();
  const { viewer } = useManner();
  const [name, setName] = useState('');
  const [hue, setHue] = useState(count % (HUES.length - 1));
  const [place, setPlace] = useState('');
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const servers = useSnapshot()?.integrations.filter(({ provider }) => provider === 'caldav') ?? [];
  const save = async (event: SyntheticEvent) => {
    event.preventDefault();
    if (name.trim() === '') {
      setError('Give it a name.');
      return;
    }
    const wish = { name: name.trim(), color: calendarColor(hue), time_zone: viewer };
    setBusy(true);
    try {
      await (place === '' ? host.call('create_calendar', wish) : host.call('create_calendar_at', { integration_id: place, ...wish }));
      onClose();
    } catch (reason) {
      setError(failureOf(reason).message);
      setBusy(false);
    }
  };
  return (
    <form onSubmit={(event) => void save(event)}>
      {servers.length === 0 && <p className={classes.text}>It is kept on this computer.</p>}
      {servers.length > 0 && (
        <NativeSelect
          mt={14}
          aria-label="Where it is kept"
          data-testid="calendar-place"
          value={place}
          data={[{ value: '', label: 'On this computer only' }, ...servers.map(({ id, account }) => ({ value: id, label: `At ${account}` }))]}
          onChange={(event) => {
            setPlace(event.currentTarget.value);
            setError(null);
          }}
        />
      )}
      <TextInput mt={14} placeholder="Name" aria-label="Name" data-autofocus data-testid="calendar-name" value={name} error={error} onChange={(event) => setName(event.currentTarget.value)} />
      <div className={classes.hues} role="radiogroup" aria-label="Colour">
        {HUES.map(({ name: label }, index) => (
          <button key={label} type="button" role="radio" aria-checked={hue === index} aria-label={label} title={label} className={classes.hue} data-hue={hueOf(calendarColor(index))} onClick={() => setHue(index)} />
        ))}
      </div>
      <div className={classes.foot}>
        <Button variant="subtle" color="gray" onClick={onClose}>
          Cancel
        </Button>
        <Button type="submit" loading={isBusy} data-testid="save-calendar">
          Create
        </Button>
      </div>
    </form>
  );
}
