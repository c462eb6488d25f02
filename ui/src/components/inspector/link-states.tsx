/** How an event stands with each of its links. */
import { IconAlertCircleFilled, IconArrowsSplit2, IconCircleCheck, IconClock } from '@tabler/icons-react';
import { Temporal } from 'temporal-polyfill';
import type { EventLinkView } from '../../api/generated/EventLinkView';
import type { EventSyncStatus } from '../../api/generated/EventSyncStatus';
import { useManner } from '../../api/host-context';
import { formatAgo } from '../../time/format';
import { useNow } from '../../window/use-now';
import { placeWords } from '../place';
import { providerName } from '../sync-status/present';
import classes from './inspector.module.css';

const SIGNS = { PENDING: IconClock, SYNCED: IconCircleCheck, CONFLICT: IconArrowsSplit2, FAILED: IconAlertCircleFilled } as const;

/** Shows a line per link; one line when there is none. */
export function LinkStates({ links, onWhy }: { links: readonly EventLinkView[]; onWhy: () => void }) {
  const manner = useManner();
  const now = useNow(15_000);
  if (links.length === 0) return <p className={classes.links}>Kept on this computer only.</p>;
  return (
    <ul className={classes.links} aria-label="Sync of this event">
      {links.map((link) => {
        const Sign = SIGNS[link.status];
        return (
          <li key={link.link_id} className={classes.link} data-status={link.status} data-testid="event-link">
            <Sign size={14} stroke={1.8} aria-hidden />
            <div>
              <div>{wordsOf(link, (text) => formatAgo(Temporal.Instant.from(text), now, manner))}</div>
              <div className={classes.linkPlace}>{placeWords(link)}</div>
              {link.last_error !== null && <div className={classes.linkError}>{link.last_error}</div>}
            </div>
            {link.status !== 'SYNCED' && (
              <button type="button" className={classes.why} data-testid="event-why" aria-label={`Why does ${link.remote_name} not have it so?`} onClick={onWhy}>
                Why?
              </button>
            )}
          </li>
        );
      })}
    </ul>
  );
}

function wordsOf({ status, provider, last_synced_at: last }: EventLinkView, ago: (text: string) => string): string {
  const name = providerName(provider);
  const words: Record<EventSyncStatus, string> = {
    PENDING: `Waits to be sent to ${name}`,
    SYNCED: last === null ? `In step with ${name}` : `In step with ${name}, ${ago(last)}`,
    CONFLICT: `Changed here and at ${name}`,
    FAILED: `Could not be sent to ${name}`,
  };
  return words[status];
}
