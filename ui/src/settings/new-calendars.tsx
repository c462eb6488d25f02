/** Calendars that have appeared at an account since it was connected: offered once, until the person has said what they want. */
import { Button } from '@mantine/core';
import type { IntegrationSnapshot } from '../api/generated/IntegrationSnapshot';
import type { RemoteCalendarView } from '../api/generated/RemoteCalendarView';
import { useHost } from '../api/host-context';
import { useNewCalendars } from '../api/queries';
import { toastFailure } from '../components/toast';
import { failureOf } from '../host';
import type { MappedDatabase } from './mapping-dialog';
import { useLinkActions } from './use-link-actions';
import classes from './settings.module.css';

interface Props {
  account: IntegrationSnapshot;
  /** Asks what holds what, where the service leaves that open. */
  onMap: (database: MappedDatabase) => void;
}

/** Shows the offers of one account; nothing when there are none. */
export function NewCalendars({ account, onMap }: Props) {
  const host = useHost();
  const { link } = useLinkActions();
  const offers = useNewCalendars().filter((remote) => remote.integration_id === account.id);
  const dismiss = async () => {
    try {
      await host.call('dismiss_new_calendars', { integration_id: account.id });
    } catch (reason) {
      toastFailure('The offer stays for now.', failureOf(reason));
    }
  };
  const take = (remote: RemoteCalendarView) => {
    const direction = remote.writable ? 'bidirectional' : 'pull_only';
    if (account.provider === 'notion') onMap({ kind: 'new', calendarId: null, integrationId: account.id, id: remote.id, name: remote.name, direction });
    else void link(remote, null, direction);
  };
  if (offers.length === 0) return null;
  return (
    <ul className={classes.offers} aria-label={`New at ${account.account}`}>
      {offers.map((remote) => (
        <li key={remote.id} className={classes.offer} data-testid="new-calendar">
          <span>
            “{remote.name}” is new at {account.account}.
          </span>
          <span className={classes.actions}>
            <Button variant="subtle" color="gray" onClick={() => void dismiss()} data-testid="dismiss-new">
              {offers.length === 1 ? 'Not now' : 'None of them'}
            </Button>
            <Button variant="light" onClick={() => take(remote)} data-testid="take-new">
              Keep in step
            </Button>
          </span>
        </li>
      ))}
    </ul>
  );
}
