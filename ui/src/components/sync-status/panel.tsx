/** Sync in full: every account, what waits or was refused, and what can be done about it. */
import { Button, Menu } from '@mantine/core';
import { IconChevronDown } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { Temporal } from 'temporal-polyfill';
import type { ConflictView } from '../../api/generated/ConflictView';
import type { QueueItem } from '../../api/generated/QueueItem';
import type { SyncSnapshot } from '../../api/generated/SyncSnapshot';
import { useHost, useManner } from '../../api/host-context';
import { useConflicts, useReviews } from '../../api/queries';
import { useSignIn } from '../../api/sign-in';
import { delayWords, edgesOf } from '../../dashboard/periods';
import { SyncGlyph } from './glyph';
import type { IntegrationPresentation, Presentation, TroublePresentation } from './present';
import { useSyncActions } from './use-sync-actions';
import classes from './sync-status.module.css';

interface Props {
  snapshot: SyncSnapshot;
  presentation: Presentation;
  onConnect: () => void;
  onDashboard: () => void;
  onOpenEvent: (eventId: string) => void;
  onCompare: (conflict: ConflictView) => void;
}

/** Shows sync in full. */
export function SyncPanel({ snapshot, presentation, onConnect, onDashboard, onOpenEvent, onCompare }: Props) {
  const actions = useSyncActions();
  const signIn = useSignIn();
  const conflicts = useConflicts();
  const delays = useDelays();
  const unlisted = snapshot.pending + snapshot.failed - snapshot.queue.length;
  return (
    <div className={classes.panel} data-testid="sync-panel">
      <header className={classes.head} data-tone={presentation.tone}>
        <SyncGlyph state={presentation.state} progress={presentation.progress} size={20} />
        <div>
          <h2 className={classes.headline}>{presentation.words}</h2>
          <p className={classes.sentence}>{presentation.sentence}</p>
        </div>
      </header>
      {snapshot.recovered && (
        <p className={classes.recovered} data-testid="recovered">
          {snapshot.recovered}
        </p>
      )}
      {presentation.integrations.length > 0 && (
        <ul className={classes.list}>
          {presentation.integrations.map((integration) => (
            <Integration
              key={integration.id}
              integration={integration}
              delay={delays.get(integration.id) ?? null}
              onRetry={() => void actions.syncAccount(integration.id)}
              onApprove={(linkId) => void actions.approve(linkId)}
              onDiscard={(linkId) => void actions.discardReview(linkId)}
              onSignIn={() => void signIn.begin({ kind: 'renew', integrationId: integration.id })}
            />
          ))}
        </ul>
      )}
      {conflicts.length > 0 && (
        <section className={classes.queue}>
          <h3 className={classes.subhead}>{conflicts.some(({ open }) => open) ? 'To decide' : 'Decided by itself'}</h3>
          <ul className={classes.list}>
            {conflicts.map((conflict) => (
              <li key={`${conflict.event_id} ${conflict.link_id}`} className={classes.waiting} data-testid="conflict">
                <div className={classes.about}>
                  <span className={classes.account}>{conflict.title === '' ? 'Untitled' : conflict.title}</span>
                  <div className={classes.detail}>
                    {conflict.calendar} · {conflict.open ? 'two versions' : 'the other version is kept'}
                  </div>
                </div>
                <div className={classes.choices}>
                  <Button variant="light" data-testid="compare" onClick={() => onCompare(conflict)}>
                    Compare
                  </Button>
                </div>
              </li>
            ))}
          </ul>
        </section>
      )}
      {snapshot.queue.length > 0 && (
        <section className={classes.queue}>
          <h3 className={classes.subhead}>{snapshot.failed > 0 ? 'Not sent' : 'To be sent, in this order'}</h3>
          <ul className={classes.list}>
            {snapshot.queue.map((item) => (
              <Waiting key={item.id} item={item} onOpen={onOpenEvent} onRetry={() => void actions.retry(item.id)} onDiscard={() => void actions.discard(item.id)} />
            ))}
          </ul>
          {unlisted > 0 && <p className={classes.sentence}>and {unlisted} more</p>}
        </section>
      )}
      <footer className={classes.foot}>
        {presentation.action === 'connect' && <Button onClick={onConnect}>Connect an account</Button>}
        {presentation.state !== 'no_account' && presentation.state !== 'paused' && (
          <>
            <Button variant="subtle" data-testid="open-dashboard" onClick={onDashboard}>
              Dashboard
            </Button>
            <PauseMenu />
            <Button variant="light" loading={presentation.state === 'syncing'} onClick={() => void actions.syncNow()}>
              Sync now
            </Button>
          </>
        )}
        {presentation.state === 'paused' && <Button onClick={() => void actions.resume()}>Resume</Button>}
      </footer>
    </div>
  );
}

/** Measures anew whenever the panel opens: how long changes of the last day took from each service to here. */
function useDelays(): Map<string, string> {
  const host = useHost();
  const { viewer } = useManner();
  const edges = useMemo(() => edgesOf('day', Temporal.Now.zonedDateTimeISO(viewer)), [viewer]);
  const { data } = useQuery({ queryKey: ['dashboard', edges], queryFn: () => host.call('dashboard', { edges }), staleTime: 0 });
  return new Map(data?.accounts.flatMap(({ id, delay }) => (delay === null ? [] : [[id, delayWords(delay)]])));
}

interface IntegrationProps {
  /** What was measured of changes at the service. */
  delay: string | null;
  integration: IntegrationPresentation;
  onSignIn: () => void;
  onRetry: () => void;
  onApprove: (linkId: string) => void;
  onDiscard: (linkId: string) => void;
}

function Integration({ integration, delay, onSignIn, onRetry, onApprove, onDiscard }: IntegrationProps) {
  const { state, tone, account, words, way, message, progress, needsSignIn, troubles } = integration;
  return (
    <li className={classes.integration}>
      <span className={classes.sign} data-tone={tone}>
        <SyncGlyph state={state} progress={progress} />
      </span>
      <div className={classes.about}>
        <div className={classes.account}>{account}</div>
        <div className={classes.detail}>{words}</div>
        {message !== null && <div className={classes.message}>{message}</div>}
        {troubles.map((trouble) => (
          <Trouble key={trouble.linkId} trouble={trouble} onRetry={onRetry} onApprove={() => onApprove(trouble.linkId)} onDiscard={() => onDiscard(trouble.linkId)} />
        ))}
        {progress !== null && (
          <div className={classes.track} role="progressbar" aria-valuenow={Math.round(progress * 100)} aria-valuemin={0} aria-valuemax={100} aria-label={`Syncing ${account}`}>
            <div className={classes.fill} style={{ width: `${progress * 100}%` }} />
          </div>
        )}
        {way !== null && <div className={classes.detail}>{way}</div>}
        {delay !== null && <div className={classes.detail}>Changes there are here after {delay}</div>}
      </div>
      {needsSignIn && (
        <Button onClick={onSignIn} data-testid="sign-in-again">
          Sign in
        </Button>
      )}
    </li>
  );
}

interface TroubleProps {
  trouble: TroublePresentation;
  onRetry: () => void;
  onApprove: () => void;
  onDiscard: () => void;
}

/** A calendar that stands still. What its service would have removed is removed only at a second click. */
function Trouble({ trouble, onRetry, onApprove, onDiscard }: TroubleProps) {
  const [isSure, setSure] = useState(false);
  const review = useReviews().find(({ link_id }) => link_id === trouble.linkId);
  return (
    <div className={classes.trouble} data-testid="link-trouble">
      <div className={classes.message}>{trouble.message}</div>
      {review !== undefined && review.titles.length > 0 && (
        <div className={classes.detail}>
          Among them {review.titles.map((title) => `“${title}”`).join(', ')}
          {review.guests > 0 && `. ${review.guests} guests would be told`}.
        </div>
      )}
      <div className={classes.choices}>
        <Button variant="light" data-testid="look-again" onClick={onRetry}>
          Look again
        </Button>
        {trouble.isReview && !isSure && (
          <Button variant="subtle" color="red" data-testid="approve-removals" onClick={() => setSure(true)}>
            {review?.side === 'there' ? 'Send it…' : 'Remove here too…'}
          </Button>
        )}
        {isSure && (
          <Button color="red" data-testid="approve-surely" data-autofocus onClick={onApprove}>
            {review?.side === 'there' ? 'Yes, send all of it' : 'Yes, remove them here'}
          </Button>
        )}
        {trouble.isReview && review?.side === 'there' && !isSure && (
          <Button variant="subtle" data-testid="discard-review" onClick={onDiscard}>
            Discard it
          </Button>
        )}
      </div>
    </div>
  );
}

interface WaitingProps {
  item: QueueItem;
  onOpen: (eventId: string) => void;
  onRetry: () => void;
  onDiscard: () => void;
}

function Waiting({ item, onOpen, onRetry, onDiscard }: WaitingProps) {
  const isFailed = item.status === 'FAILED';
  const title = item.title === '' ? 'Untitled' : item.title;
  const what = item.operation === 'DELETE' ? 'Deletion' : item.status === 'PROCESSING' ? 'Being sent' : 'Change';
  return (
    <li className={classes.waiting} data-testid="queue-item">
      <div className={classes.about}>
        {item.operation === 'DELETE' ? (
          <span className={classes.account}>{title}</span>
        ) : (
          <button type="button" className={classes.open} onClick={() => onOpen(item.event_id)}>
            {title}
          </button>
        )}
        <div className={isFailed ? classes.message : classes.detail}>{item.last_error ?? what}</div>
      </div>
      {(isFailed || item.last_error !== null) && (
        <div className={classes.choices}>
          <Button variant="subtle" onClick={onRetry}>
            Retry
          </Button>
          <Button variant="subtle" color="red" onClick={onDiscard}>
            Discard
          </Button>
        </div>
      )}
    </li>
  );
}

function PauseMenu() {
  const { pauseFor, pauseUntilTomorrow } = useSyncActions();
  return (
    <Menu position="top-start" withinPortal={false}>
      <Menu.Target>
        <Button variant="subtle" color="gray" rightSection={<IconChevronDown size={13} />}>
          Pause
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item onClick={() => void pauseFor(1)}>For an hour</Menu.Item>
        <Menu.Item onClick={() => void pauseUntilTomorrow()}>Until tomorrow morning</Menu.Item>
        <Menu.Item onClick={() => void pauseFor(null)}>Until I resume</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
