/** The settings: a view of the window like the week or the month, with pages of its own. */
import { IconAdjustmentsHorizontal, IconBell, IconCalendarEvent, IconChartBar, IconChevronLeft, IconHistory, IconPlugConnected } from '@tabler/icons-react';
import type { CalendarView } from '../api/generated/CalendarView';
import type { SyncSnapshot } from '../api/generated/SyncSnapshot';
import { AccountsPage } from './accounts-page';
import { CalendarsPage } from './calendars-page';
import type { Preferences } from '../window/preferences';
import { DashboardPage } from '../dashboard/dashboard-page';
import { DataPage } from './data-page';
import { DesktopPage } from './desktop-page';
import { PAGES, type SettingsPage } from './pages';
import { ViewPage } from './view-page';
import classes from './settings.module.css';

interface Props {
  page: SettingsPage;
  calendars: readonly CalendarView[];
  snapshot: SyncSnapshot | undefined;
  preferences: Preferences;
  onPreferences: (preferences: Preferences) => void;
  onPage: (page: SettingsPage) => void;
  onClose: () => void;
  onNewCalendar: () => void;
  onDeleted: () => void;
  onRuns: () => void;
}

const SIGNS = { accounts: IconPlugConnected, calendars: IconCalendarEvent, dashboard: IconChartBar, view: IconAdjustmentsHorizontal, desktop: IconBell, data: IconHistory } as const;

/** Shows the settings. */
export function Settings({ page, calendars, snapshot, preferences, onPreferences, onPage, onClose, onNewCalendar, onDeleted, onRuns }: Props) {
  return (
    <div className={classes.settings} data-testid="settings">
      <nav className={classes.nav} aria-label="Settings">
        <button type="button" className={classes.back} onClick={onClose} data-testid="close-settings">
          <IconChevronLeft size={15} stroke={2} aria-hidden /> Calendar
        </button>
        {PAGES.map(({ page: other, label }) => {
          const Sign = SIGNS[other];
          return (
            <button key={other} type="button" className={classes.item} aria-current={other === page ? 'page' : undefined} data-testid={`settings-${other}`} onClick={() => onPage(other)}>
              <Sign size={16} stroke={1.7} aria-hidden />
              {label}
            </button>
          );
        })}
      </nav>
      <main className={classes.page}>
        <div className={classes.column} data-wide={page === 'dashboard' || undefined}>
          <h2 key={page} className={classes.title} ref={begin} tabIndex={-1}>
            {PAGES.find((other) => other.page === page)?.label}
          </h2>
          {page === 'accounts' && <AccountsPage calendars={calendars} snapshot={snapshot} onChooseCalendars={() => onPage('calendars')} />}
          {page === 'desktop' && <DesktopPage />}
          {page === 'data' && <DataPage preferences={preferences} onPreferences={onPreferences} onDeleted={onDeleted} onRuns={onRuns} />}
          {page === 'dashboard' && <DashboardPage snapshot={snapshot} onConnect={() => onPage('accounts')} />}
          {page === 'view' && <ViewPage preferences={preferences} onPreferences={onPreferences} />}
          {page === 'calendars' && <CalendarsPage calendars={calendars} snapshot={snapshot} onConnect={() => onPage('accounts')} onNewCalendar={onNewCalendar} />}
        </div>
      </main>
    </div>
  );
}

/** Whoever comes by keyboard, or hears the page read out, begins at its title. */
function begin(title: HTMLHeadingElement | null) {
  title?.focus({ preventScroll: true });
}
