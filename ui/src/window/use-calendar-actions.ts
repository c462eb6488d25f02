/** What the sidebar can do with calendars and accounts. */
import { useQueryClient } from '@tanstack/react-query';
import { useMemo, useRef, useEffect } from 'react';
import type { CalendarView } from '../api/generated/CalendarView';
import { useHost } from '../api/host-context';
import { KEYS } from '../api/queries';
import { useSignIn } from '../api/sign-in';
import { useExport } from '../components/files/use-export';
import type { LeavingAccount } from '../components/dialogs/remove-account';
import type { SidebarActions } from '../components/sidebar/sidebar';
import { useSyncActions } from '../components/sync-status/use-sync-actions';
import { toastFailure, toastNote } from '../components/toast';
import { failureOf } from '../host';

interface Openers {
  connect: () => void;
  chooseCalendars: () => void;
  newCalendar: () => void;
  removeAccount: (account: LeavingAccount) => void;
}

/** Returns the actions; `openers` open the dialogs. */
export function useCalendarActions(openers: Openers): SidebarActions {
  const host = useHost();
  const client = useQueryClient();
  const { begin } = useSignIn();
  const { syncAccount } = useSyncActions();
  const write = useExport();
  const latest = useRef(openers);
  useEffect(() => {
    latest.current = openers;
  });
  return useMemo(
    () => ({
      connect: () => latest.current.connect(),
      chooseCalendars: () => latest.current.chooseCalendars(),
      newCalendar: () => latest.current.newCalendar(),
      removeAccount: (account) => latest.current.removeAccount(account),
      signIn: (integrationId) => void begin({ kind: 'renew', integrationId }),
      syncAccount: (integrationId) => void syncAccount(integrationId),
      toggle: ({ id, name, visible }) => {
        client.setQueryData<CalendarView[]>(KEYS.calendars, (all) => all?.map((calendar) => (calendar.id === id ? { ...calendar, visible: !visible } : calendar)));
        host
          .call('set_calendar_visible', { calendar_id: id, visible: !visible })
          .catch((reason: unknown) => toastFailure(`“${name}” could not be ${visible ? 'hidden' : 'shown'}.`, failureOf(reason)))
          .finally(() => {
            void client.invalidateQueries({ queryKey: KEYS.calendars });
            void client.invalidateQueries({ queryKey: KEYS.occurrences });
          });
      },
      exportCalendar: ({ id, name }) => void write({ kind: 'calendars', ids: [id] }, `“${name}”`),
      unlink: ({ name, links }) => {
        Promise.all(links.map(({ id }) => host.call('unlink_calendar', { link_id: id, parting: 'keep_both' })))
          .then(() => toastNote(`“${name}” is kept on this computer from now on.`))
          .catch((reason: unknown) => toastFailure(`“${name}” is still connected.`, failureOf(reason)))
          .finally(() => void client.invalidateQueries({ queryKey: KEYS.calendars }));
      },
    }),
    [host, client, begin, syncAccount, write],
  );
}
