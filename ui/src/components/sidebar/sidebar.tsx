/** The sidebar: the small month, and calendars under the accounts that they are kept at. */
import { Menu } from '@mantine/core';
import { IconAlertTriangle, IconDots, IconEye, IconPlus } from '@tabler/icons-react';
import { memo } from 'react';
import type { Temporal } from 'temporal-polyfill';
import type { CalendarView } from '../../api/generated/CalendarView';
import type { SyncSnapshot } from '../../api/generated/SyncSnapshot';
import { hueOf } from '../../theme/use-hue';
import type { View } from '../../time/periods';
import type { LeavingAccount } from '../dialogs/remove-account';
import { IconButton } from '../icon-button';
import { ProviderSign } from '../provider-sign';
import { groupCalendars, isOutOfOrder, type CalendarGroup } from './groups';
import { MiniMonth } from './mini-month';
import classes from './sidebar.module.css';

/** What can be done with accounts and calendars. */
export interface SidebarActions {
  toggle: (calendar: CalendarView) => void;
  connect: () => void;
  chooseCalendars: () => void;
  newCalendar: () => void;
  exportCalendar: (calendar: CalendarView) => void;
  unlink: (calendar: CalendarView) => void;
  signIn: (integrationId: string) => void;
  syncAccount: (integrationId: string) => void;
  removeAccount: (account: LeavingAccount) => void;
}

interface Props {
  view: View;
  date: Temporal.PlainDate;
  today: Temporal.PlainDate;
  calendars: readonly CalendarView[];
  snapshot: SyncSnapshot | undefined;
  actions: SidebarActions;
  onPick: (date: Temporal.PlainDate) => void;
}

/** Shows the sidebar. */
export function Sidebar({ view, date, today, calendars, snapshot, actions, onPick }: Props) {
  return (
    <nav className={classes.sidebar} aria-label="Calendars">
      <MiniMonth view={view} date={date} today={today} onPick={onPick} />
      <Groups calendars={calendars} snapshot={snapshot} actions={actions} />
      <div className={classes.foot}>
        <button type="button" className={classes.add} data-testid="connect" onClick={actions.connect}>
          <IconPlus size={15} stroke={2} aria-hidden /> Connect
        </button>
        <button type="button" className={classes.add} data-testid="new-calendar" onClick={actions.newCalendar}>
          <IconPlus size={15} stroke={2} aria-hidden /> Calendar
        </button>
      </div>
    </nav>
  );
}

/** The calendars do not change with the day that is looked at. */
const Groups = memo(function Groups({ calendars, snapshot, actions }: Pick<Props, 'calendars' | 'snapshot' | 'actions'>) {
  return (
    <div className={classes.groups}>
      {groupCalendars(calendars, snapshot?.integrations ?? []).map((group) => (
        <Group key={group.integrationId ?? 'local'} group={group} actions={actions} />
      ))}
    </div>
  );
});

function Group({ group, actions }: { group: CalendarGroup; actions: SidebarActions }) {
  const { integrationId, provider, account } = group;
  return (
    <section className={classes.group}>
      <div className={classes.account}>
        <ProviderSign provider={provider} className={classes.provider} />
        <h2 className={classes.name} title={account}>
          {account}
        </h2>
        {isOutOfOrder(group.state) && <IconAlertTriangle size={14} className={classes.trouble} aria-label="Needs attention" role="img" />}
        {integrationId !== null && provider !== null && (
          <Menu position="bottom-end">
            <Menu.Target>
              <IconButton label={`More about ${account}`} className={classes.more}>
                <IconDots size={15} />
              </IconButton>
            </Menu.Target>
            <Menu.Dropdown>
              <Menu.Item onClick={actions.chooseCalendars}>Choose calendars…</Menu.Item>
              {/* A file at an address has no sign-in: all that can be done is to ask for it again. */}
              {provider === 'ics' ? (
                <Menu.Item onClick={() => actions.syncAccount(integrationId)}>Sync now</Menu.Item>
              ) : (
                <Menu.Item onClick={() => actions.signIn(integrationId)}>Sign in again</Menu.Item>
              )}
              <Menu.Divider />
              <Menu.Item color="red" onClick={() => actions.removeAccount({ integrationId, account, provider })}>
                Remove account…
              </Menu.Item>
            </Menu.Dropdown>
          </Menu>
        )}
      </div>
      <ul className={classes.list}>
        {group.calendars.map((calendar) => (
          <Row key={calendar.id} calendar={calendar} actions={actions} />
        ))}
        {group.calendars.length === 0 && (
          <li>
            <button type="button" className={classes.choose} onClick={actions.chooseCalendars}>
              Choose calendars…
            </button>
          </li>
        )}
      </ul>
    </section>
  );
}

function Row({ calendar, actions }: { calendar: CalendarView; actions: SidebarActions }) {
  return (
    <li className={classes.row} data-hue={hueOf(calendar.color)}>
      <button
        type="button"
        role="checkbox"
        aria-checked={calendar.visible}
        className={classes.toggle}
        data-testid="calendar-toggle"
        data-calendar-id={calendar.id}
        onClick={() => actions.toggle(calendar)}
      >
        <span className={classes.swatch} aria-hidden>
          <svg viewBox="0 0 12 12" width="10" height="10" fill="none">
            <path d="m2.5 6.2 2.4 2.4 4.6-5" stroke="currentColor" strokeWidth="2" strokeLinecap="round" strokeLinejoin="round" />
          </svg>
        </span>
        <span className={classes.label}>{calendar.name}</span>
      </button>
      <Menu position="bottom-end">
        <Menu.Target>
          <IconButton label={`More about ${calendar.name}`} className={classes.more}>
            <IconDots size={15} />
          </IconButton>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item data-testid="export-calendar" onClick={() => actions.exportCalendar(calendar)}>
            Export to downloads
          </Menu.Item>
          {calendar.links.length > 0 && <Menu.Item onClick={() => actions.unlink(calendar)}>Stop syncing, keep the events here</Menu.Item>}
        </Menu.Dropdown>
      </Menu>
      {!calendar.writable && <IconEye size={14} stroke={1.7} className={classes.readOnly} role="img" aria-label="Can only be read" />}
    </li>
  );
}
