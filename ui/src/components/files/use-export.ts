/** Writes calendars and events as a calendar file into the downloads. */
import { useCallback } from 'react';
import type { ExportWish } from '../../api/generated/ExportWish';
import { countedEvents } from '../../api/counts';
import { useHost } from '../../api/host-context';
import { failureOf } from '../../host';
import { toastDone, toastFailure } from '../toast';

/** Returns the function that does; `name` says what is written, in a sentence's place for it. */
export function useExport(): (wish: ExportWish, name: string) => Promise<void> {
  const host = useHost();
  return useCallback(
    async (wish, name) => {
      try {
        const { path, events } = await host.call('export_calendar', { wish });
        const show = () => void host.call('show_downloads', {}).catch((reason: unknown) => toastFailure('', failureOf(reason)));
        toastDone(`${name} (${countedEvents(events)}) is in ${path}.`, { label: 'Show in folder', run: show });
      } catch (reason) {
        toastFailure(`${name} was not exported.`, failureOf(reason));
      }
    },
    [host],
  );
}
