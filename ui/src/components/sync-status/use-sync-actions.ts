/** What can be done about sync. Each says in a sentence when it could not be done. */
import { Temporal } from 'temporal-polyfill';
import { useMemo } from 'react';
import { useHost, useManner } from '../../api/host-context';
import { failureOf, type Commands } from '../../host';
import { toastFailure } from '../toast';

/** Returns the actions. */
export function useSyncActions() {
  const host = useHost();
  const { viewer } = useManner();
  return useMemo(() => {
    const run = async <Name extends keyof Commands>(name: Name, arguments_: Commands[Name][0], about = '') => {
      try {
        await host.call(name, arguments_);
        return true;
      } catch (reason) {
        toastFailure(about, failureOf(reason));
        return false;
      }
    };
    return {
      syncAccount: (integrationId: string) => run('sync_account', { integration_id: integrationId }, 'Sync could not run.'),
      discardReview: (linkId: string) => run('discard_review', { link_id: linkId }),
      approve: (linkId: string) => run('approve_review', { link_id: linkId }),
      syncNow: () => run('sync_now', {}, 'Sync could not start.'),
      resume: () => run('resume', {}),
      pauseFor: (hours: number | null) =>
        run('pause', { until: hours === null ? null : Temporal.Now.instant().add({ hours }).toString({ smallestUnit: 'second' }) }),
      pauseUntilTomorrow: () => {
        const tomorrow = Temporal.Now.plainDateISO(viewer).add({ days: 1 }).toPlainDateTime('07:00');
        return run('pause', { until: tomorrow.toZonedDateTime(viewer).toInstant().toString() });
      },
      retry: (queueId: number) => run('retry_edit', { queue_id: queueId }),
      discard: (queueId: number) => run('discard_edit', { queue_id: queueId }),
    };
  }, [host, viewer]);
}
