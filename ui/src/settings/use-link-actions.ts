/** Linking calendars and ending links. Each says in a sentence when it could not be done. */
import { useQueryClient } from '@tanstack/react-query';
import type { CalendarId } from '../api/generated/CalendarId';
import type { LinkId } from '../api/generated/LinkId';
import type { Parting } from '../api/generated/Parting';
import type { RemoteCalendarView } from '../api/generated/RemoteCalendarView';
import type { SyncDirection } from '../api/generated/SyncDirection';
import { useHost } from '../api/host-context';
import { KEYS } from '../api/queries';
import { toastFailure } from '../components/toast';
import { failureOf } from '../host';

/** Returns the actions; each answers whether it was done. */
export function useLinkActions() {
  const host = useHost();
  const client = useQueryClient();
  const run = async (work: Promise<unknown>, about: string) => {
    const isDone = await work.then(
      () => true,
      (reason: unknown) => {
        toastFailure(about, failureOf(reason));
        return false;
      },
    );
    await client.invalidateQueries({ queryKey: KEYS.calendars });
    await client.invalidateQueries({ queryKey: KEYS.remotes });
    await client.invalidateQueries({ queryKey: KEYS.occurrences });
    return isDone;
  };
  return {
    /** Links a remote calendar to a local one, or to a new one in its likeness. */
    link: ({ integration_id, id, name }: RemoteCalendarView, calendarId: CalendarId | null, direction: SyncDirection) =>
      run(host.call('link_calendar', { calendar_id: calendarId, integration_id, remote_calendar_id: id, direction }), `“${name}” was not linked.`),
    unlink: (linkId: LinkId, name: string, parting: Parting) => run(host.call('unlink_calendar', { link_id: linkId, parting }), `“${name}” is still linked.`),
  };
}
