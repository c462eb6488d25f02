/** The window before anything is in it: one line, one action. */
import { Button } from '@mantine/core';
import classes from './window.module.css';

interface Props {
  onConnect: () => void;
  onNewCalendar: () => void;
}

/** Shows the beginning. */
export function FirstRun({ onConnect, onNewCalendar }: Props) {
  return (
    <div className={classes.first} data-testid="first-run">
      <h2>Your calendar, here and in step.</h2>
      <Button size="md" onClick={onConnect} data-testid="connect-google">
        Connect Google Calendar
      </Button>
      <p>
        Or{' '}
        <button type="button" className={classes.inline} onClick={onNewCalendar}>
          start with a local calendar
        </button>
        ; it can be connected later.
      </p>
    </div>
  );
}
