/** Which calendars are kept in step with what: every calendar of every account, and those of this computer. */
import { Button, Loader, TextInput } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useState } from 'react';
import type { CalendarView } from '../api/generated/CalendarView';
import type { IntegrationSnapshot } from '../api/generated/IntegrationSnapshot';
import type { SyncSnapshot } from '../api/generated/SyncSnapshot';
import { useDataSources, useRemoteCalendars } from '../api/queries';
import { ProviderSign } from '../components/provider-sign';
import { failureOf } from '../host';
import { hueOf } from '../theme/use-hue';
import { LinkCalendar } from './link-calendar';
import { NewCalendars } from './new-calendars';
import { MappingDialog, type MappedDatabase } from './mapping-dialog';
import { remoteRows } from './links';
import { RemoteCalendarRow } from './remote-calendar-row';
import { Unlink, type EndingLink } from './unlink';
import classes from './settings.module.css';

/** More than this want to be searched. */
const MANY = 12;

interface Props {
  calendars: readonly CalendarView[];
  snapshot: SyncSnapshot | undefined;
  onConnect: () => void;
  onNewCalendar: () => void;
}

/** Shows the page. */
export function CalendarsPage({ calendars, snapshot, onConnect, onNewCalendar }: Props) {
  const [linking, setLinking] = useState<CalendarView | null>(null);
  const [mapped, setMapped] = useState<MappedDatabase | null>(null);
  const [ending, setEnding] = useState<EndingLink | null>(null);
  const accounts = snapshot?.integrations ?? [];
  const local = calendars.filter(({ links }) => links.length === 0);
  return (
    <>
      <p className={classes.lead}>Choose what is kept in step. A calendar can be linked to several places; then all of them say the same.</p>
      {accounts.map((account) => (
        <AccountCalendars key={account.id} account={account} calendars={calendars} onLinkFurther={setLinking} onMap={setMapped} onUnlink={setEnding} />
      ))}
      <h3 className={classes.section}>
        <ProviderSign provider={null} size={15} /> On this computer
      </h3>
      <ul className={classes.rows}>
        {local.map((calendar) => (
          <li key={calendar.id} className={classes.calendar} data-hue={hueOf(calendar.color)} data-testid="local-calendar">
            <span className={classes.swatch} aria-hidden />
            <span className={classes.calendarName}>{calendar.name}</span>
            {accounts.length > 0 && (
              <Button variant="subtle" onClick={() => setLinking(calendar)} data-testid="link-calendar">
                Link…
              </Button>
            )}
          </li>
        ))}
        <li className={classes.calendar}>
          <Button variant="subtle" color="gray" leftSection={<IconPlus size={14} />} ml={-8} onClick={onNewCalendar}>
            New calendar
          </Button>
        </li>
      </ul>
      {accounts.length === 0 && (
        <p className={classes.empty}>
          No account is connected yet. <Button variant="light" onClick={onConnect}>Connect one</Button>
        </p>
      )}
      <LinkCalendar calendar={linking} accounts={accounts} onMap={setMapped} onClose={() => setLinking(null)} />
      <MappingDialog database={mapped} onClose={() => setMapped(null)} />
      <Unlink ending={ending} onClose={() => setEnding(null)} />
    </>
  );
}

interface AccountProps {
  account: IntegrationSnapshot;
  calendars: readonly CalendarView[];
  onLinkFurther: (calendar: CalendarView) => void;
  onMap: (database: MappedDatabase) => void;
  onUnlink: (ending: EndingLink) => void;
}

function AccountCalendars({ account, calendars, onLinkFurther, onMap, onUnlink }: AccountProps) {
  const { data, error, refetch, isFetching } = useRemoteCalendars(account.id, true);
  const sources = useDataSources(account.provider === 'notion' ? account.id : null);
  const [wanted, setWanted] = useState('');
  const all = remoteRows(account.id, data, calendars);
  const rows = all.filter(({ name }) => name.toLowerCase().includes(wanted.trim().toLowerCase()));
  return (
    <section aria-labelledby={`account-${account.id}`} data-testid="account-calendars">
      <h3 className={classes.section} id={`account-${account.id}`}>
        <ProviderSign provider={account.provider} size={15} /> {account.account}
        {isFetching && data === undefined && <Loader size={13} aria-label="Asking for the list" />}
      </h3>
      {error !== null && (
        <div className={classes.wrong} role="alert">
          <span>
            {failureOf(error).message} {rows.length > 0 && 'Only the calendars that are in step already can be shown.'}
          </span>
          <Button variant="subtle" onClick={() => void refetch()}>
            Ask again
          </Button>
        </div>
      )}
      {all.length > MANY && <TextInput aria-label={`Search in ${account.account}`} placeholder="Search" mb={6} value={wanted} onChange={(event) => setWanted(event.currentTarget.value)} />}
      <NewCalendars account={account} onMap={onMap} />
      <ul className={classes.rows}>
        {rows.map((row) => (
          <RemoteCalendarRow key={row.id} row={row} onMap={onMap} account={account} onLinkFurther={onLinkFurther} onUnlink={onUnlink} hasAnswered={data !== undefined} />
        ))}
        {data?.length === 0 && all.length === 0 && <li className={classes.empty}>{sources?.hint ?? 'There is no calendar at this account.'}</li>}
        {all.length > 0 && rows.length === 0 && <li className={classes.empty}>Nothing of that name.</li>}
      </ul>
    </section>
  );
}
