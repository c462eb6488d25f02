/** Linking a calendar that is here already to a place at an account: its first, or a further one. */
import { Button, Select } from '@mantine/core';
import { useState } from 'react';
import type { CalendarView } from '../api/generated/CalendarView';
import type { IntegrationSnapshot } from '../api/generated/IntegrationSnapshot';
import type { SyncDirection } from '../api/generated/SyncDirection';
import { useLinkPlan, useRemoteCalendars } from '../api/queries';
import { Dialog } from '../components/dialogs/dialog';
import classes from '../components/dialogs/dialogs.module.css';
import { failureOf } from '../host';
import { DIRECTIONS, directionSentence } from './links';
import { LinkPlan, linesOf } from './link-plan';
import type { MappedDatabase } from './mapping-dialog';
import { useLinkActions } from './use-link-actions';

interface Props {
  /** The calendar to be linked; null closes the dialog. */
  calendar: CalendarView | null;
  accounts: readonly IntegrationSnapshot[];
  /** Asks what holds what, where the service leaves that open. */
  onMap: (database: MappedDatabase) => void;
  onClose: () => void;
}

/** Shows the dialog. */
export function LinkCalendar({ calendar, accounts, onMap, onClose }: Props) {
  return (
    <Dialog label="Link a calendar" isOpen={calendar !== null} size={420} onClose={onClose}>
      {calendar !== null && <LinkForm calendar={calendar} accounts={accounts} onMap={onMap} onClose={onClose} />}
    </Dialog>
  );
}

function LinkForm({ calendar, accounts, onMap, onClose }: Props & { calendar: CalendarView }) {
  const { data, error, isPending } = useRemoteCalendars(null, true);
  const { link } = useLinkActions();
  const [chosen, setChosen] = useState<string | null>(null);
  const [direction, setDirection] = useState<SyncDirection>('bidirectional');
  const [isBusy, setBusy] = useState(false);
  const free = (data ?? []).filter((remote) => remote.linked_to === null);
  const keyOf = (remote: (typeof free)[number]) => `${remote.integration_id}/${remote.id}`;
  const groups = accounts
    .map(({ id, account }) => ({
      group: account,
      items: free.filter((remote) => remote.integration_id === id).map((remote) => ({ value: keyOf(remote), label: remote.writable ? remote.name : `${remote.name} (read only)` })),
    }))
    .filter(({ items }) => items.length > 0);
  const remote = free.find((candidate) => keyOf(candidate) === chosen) ?? null;
  const way: SyncDirection = remote !== null && !remote.writable ? 'pull_only' : direction;
  const isMapped = accounts.some(({ id, provider }) => id === remote?.integration_id && provider === 'notion');
  // What holds what in a database is asked first, and nothing can be compared before.
  const plan = useLinkPlan(calendar.id, isMapped ? null : remote, way);
  const save = async () => {
    if (remote === null) return;
    if (isMapped) {
      onClose();
      onMap({ kind: 'new', calendarId: calendar.id, integrationId: remote.integration_id, id: remote.id, name: remote.name, direction: way });
      return;
    }
    setBusy(true);
    if (await link(remote, calendar.id, way)) onClose();
    else setBusy(false);
  };
  return (
    <>
      <h2 className={classes.title}>{calendar.links.length === 0 ? `Link “${calendar.name}”` : `Also keep “${calendar.name}” elsewhere`}</h2>
      {error !== null && (
        <p className={classes.text} role="alert">
          {failureOf(error).message}
        </p>
      )}
      {error === null && !isPending && groups.length === 0 ? (
        <p className={classes.text}>Every calendar of your accounts is linked already. Make a new one at the service, then come back.</p>
      ) : (
        <div className={classes.fields}>
          <Select aria-label="Calendar at the account" placeholder={isPending ? 'Asking your accounts…' : 'Choose where'} data={groups} value={chosen} onChange={setChosen} searchable data-autofocus data-testid="link-target" nothingFoundMessage="No such calendar" />
          <Select aria-label="Direction" data={[...DIRECTIONS]} value={way} disabled={remote !== null && !remote.writable} allowDeselect={false} onChange={(value) => value !== null && setDirection(value as SyncDirection)} />
        </div>
      )}
      {remote !== null && (
        <p className={classes.text} data-testid="link-meaning">
          {directionSentence(way, calendar.name, remote.name)} Events that both have already are joined, not doubled.
        </p>
      )}
      {remote !== null && !isMapped && <LinkPlan lines={plan.data ? linesOf(plan.data) : undefined} error={plan.error} />}
      <div className={classes.foot}>
        <Button variant="subtle" color="gray" onClick={onClose}>
          Cancel
        </Button>
        <Button disabled={remote === null || plan.isLoading} loading={isBusy} onClick={() => void save()} data-testid="save-link">
          {isMapped ? 'Next' : plan.data?.wants_a_look === true ? 'Link all the same' : 'Link'}
        </Button>
      </div>
    </>
  );
}
