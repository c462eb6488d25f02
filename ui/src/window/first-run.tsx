/** The window before anything is in it: what to do first, the likeliest first. */
import { Button } from '@mantine/core';
import classes from './window.module.css';

interface Props {
  onConnect: () => void;
  onNewCalendar: () => void;
  /** Brings in a calendar file. */
  onImport: () => void;
}

/** Shows the beginning. */
export function FirstRun({ onConnect, onNewCalendar, onImport }: Props) {
  return (
    <div className={classes.first} data-testid="first-run">
      <h2>Your calendar, here and in step.</h2>
      <Button size="md" onClick={onConnect} data-testid="connect-account">
        Connect an account
      </Button>
      <p>Google Calendar, Notion, iCloud, Fastmail, Nextcloud, or any server that speaks CalDAV.</p>
      <Button variant="light" onClick={onImport} data-testid="import-file">
        Import an .ics file
      </Button>
      <p>
        Or{' '}
        <button type="button" className={classes.inline} onClick={onNewCalendar}>
          start with a local calendar
        </button>
        ; it can be connected later.
      </p>
      <p>
        To look around first, <code>synodic demo</code> opens simulated accounts with sample data and keeps nothing.
      </p>
    </div>
  );
}
