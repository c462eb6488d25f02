/** How sync has done: each account's health, what happened over time, and the lines of history behind each number. */
import { Button, Loader, SegmentedControl } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense, useState } from 'react';
import { Temporal } from 'temporal-polyfill';
import type { AccountHealth } from '../api/generated/AccountHealth';
import type { DashboardView } from '../api/generated/DashboardView';
import type { LogQuery } from '../api/generated/LogQuery';
import type { Period } from '../api/generated/Period';
import type { SyncSnapshot } from '../api/generated/SyncSnapshot';
import { useHost, useManner } from '../api/host-context';
import { ProviderSign } from '../components/provider-sign';
import { presentIntegration } from '../components/sync-status/present';
import { failureOf } from '../host';
import { formatTime } from '../time/format';
import { LogLines, type Behind } from './log-lines';
import { delayWords, duration, edgesOf, periodName, SPANS, type Span } from './periods';
import classes from './dashboard.module.css';

const Charts = lazy(() => import('./charts'));

const KINDS: Record<string, string> = {
  offline: 'No way to the service',
  transient: 'The service was busy',
  uncertain: 'The answer was lost',
  conflict: 'Changed there meanwhile',
  resync: 'Everything had to be listed anew',
  sign_in: 'Sign-in refused',
  permanent: 'Refused for good',
  other: 'Other reasons',
};
const WRITES = ['CREATE', 'UPDATE', 'DELETE'] as const;

/** Narrows the history to what a number counted. */
const LOOKS = {
  received: { actions: ['PULL'], outcomes: ['SUCCEEDED'] },
  sent: { actions: [...WRITES], outcomes: ['SUCCEEDED'] },
  failures: { actions: [], outcomes: ['FAILED', 'RETRIED'] },
  refused: { actions: [], outcomes: ['FAILED'] },
  retried: { actions: [], outcomes: ['RETRIED'] },
  conflicts: { actions: [], outcomes: ['CONFLICT'] },
} satisfies Record<string, Pick<LogQuery, 'actions' | 'outcomes'>>;

interface Props {
  snapshot: SyncSnapshot | undefined;
  onConnect: () => void;
}

/** Shows the page. */
export function DashboardPage({ snapshot, onConnect }: Props) {
  const host = useHost();
  const { viewer, locale } = useManner();
  const [span, setSpan] = useState<Span>('day');
  const [behind, setBehind] = useState<Behind | null>(null);
  // They are the same until the hour or the day is over, and then they are others.
  const edges = edgesOf(span, Temporal.Now.zonedDateTimeISO(viewer));
  const asked = useQuery({
    queryKey: ['dashboard', edges],
    queryFn: () => host.call('dashboard', { edges }),
    refetchInterval: 15_000,
    staleTime: 0,
    placeholderData: (previous: DashboardView | undefined) => previous,
  });
  if (behind !== null) return <LogLines behind={behind} onClose={() => setBehind(null)} />;
  const from = edges[0] ?? '';
  const to = edges.at(-1) ?? '';
  const look = (title: string, part: Partial<LogQuery>) => setBehind({ title, query: { from, to, integration_id: null, actions: [], outcomes: [], kind: null, ...part } });
  const nameOf = (period: Period) => periodName(span, period.from, viewer, locale);
  return (
    <div data-testid="dashboard">
      <div className={classes.head}>
        <p className={classes.lead}>Measured here, on this computer. Every number opens the lines of history behind it.</p>
        <SegmentedControl size="xs" aria-label="Stretch of time" value={span} data={SPANS.map(({ span: value, label }) => ({ value, label }))} onChange={(chosen) => setSpan(chosen as Span)} />
      </div>
      {asked.isError && (
        <div role="alert" className={classes.empty}>
          <p>The history could not be counted. {failureOf(asked.error).message}</p>
          <Button variant="light" onClick={() => void asked.refetch()}>Try again</Button>
        </div>
      )}
      {asked.data && asked.data.accounts.length === 0 && (
        <div className={classes.empty}>
          <p>No account is connected, so there is nothing to measure yet.</p>
          <Button onClick={onConnect}>Connect an account</Button>
        </div>
      )}
      {asked.data && asked.data.accounts.length > 0 && (
        <>
          {asked.data.is_cut && <p className={classes.note}>There was more history than can be counted; the oldest part is left out.</p>}
          <ul className={classes.accounts}>
            {asked.data.accounts.map((account) => (
              <Account key={account.id} account={account} snapshot={snapshot} onLook={look} />
            ))}
          </ul>
          {isQuiet(asked.data) ? (
            <p className={classes.empty}>Nothing was sent or received in this time.</p>
          ) : (
            <Suspense fallback={<div className={classes.loading} data-testid="charts-loading"><Loader size="sm" role="status" aria-label="Drawing the charts" /></div>}>
              <Charts periods={asked.data.periods} nameOf={nameOf} />
            </Suspense>
          )}
          {asked.data.failures.length > 0 && (
            <section>
              <h3 className={classes.section}>Failures by kind</h3>
              <ul className={classes.kinds}>
                {asked.data.failures.map(({ kind, count }) => (
                  <li key={kind}>
                    <span>{KINDS[kind] ?? kind}</span>
                    <Counted count={count} label={`${KINDS[kind] ?? kind}: ${count}`} onLook={() => look(KINDS[kind] ?? kind, { ...LOOKS.failures, kind: kind === 'other' ? null : kind })} />
                  </li>
                ))}
              </ul>
            </section>
          )}
          <details className={classes.details}>
            <summary>All numbers as a table</summary>
            <Numbers periods={asked.data.periods} nameOf={nameOf} onLook={look} />
          </details>
        </>
      )}
    </div>
  );
}

/** Whether there is nothing to draw. */
function isQuiet({ periods }: DashboardView): boolean {
  return periods.every((period) => period.edits_in + period.edits_out + period.failures + period.conflicts + period.queue_depth === 0);
}

type Look = (title: string, part: Partial<LogQuery>) => void;

function Account({ account, snapshot, onLook }: { account: AccountHealth; snapshot: SyncSnapshot | undefined; onLook: Look }) {
  const manner = useManner();
  const standing = snapshot?.integrations.find(({ id }) => id === account.id);
  const words = snapshot && standing ? presentIntegration(standing, snapshot.paused, Temporal.Now.instant(), manner).words : '';
  const facts: [string, number, keyof typeof LOOKS][] = [
    ['Received', account.edits_in, 'received'],
    ['Sent', account.edits_out, 'sent'],
    ['Tried again', account.retried, 'retried'],
    ['Refused', account.failed, 'refused'],
    ['Conflicts', account.conflicts, 'conflicts'],
  ];
  const dayOf = (instant: string) => Temporal.Instant.from(instant).toZonedDateTimeISO(manner.viewer).toLocaleString(manner.locale, { day: 'numeric', month: 'short' });
  const until = (instant: string) => `until ${formatTime(Temporal.Instant.from(instant), manner)}, ${dayOf(instant)}`;
  const told = account.channels.filter(({ expires_at }) => expires_at !== null);
  const soonest = told.map(({ expires_at }) => expires_at ?? '').toSorted()[0];
  return (
    <li className={classes.account} data-testid="account-health">
      <div className={classes.name}>
        <ProviderSign provider={account.provider} />
        <div>
          <strong>{account.account}</strong>
          <div className={classes.note}>{words}</div>
        </div>
      </div>
      <dl className={classes.facts}>
        {facts.map(([name, count, what]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>
              <Counted count={count} label={`${name} at ${account.account}: ${count}`} onLook={() => onLook(`${name}, ${account.account}`, { ...LOOKS[what], integration_id: account.id })} />
            </dd>
          </div>
        ))}
      </dl>
      <dl className={classes.measures}>
        <div>
          <dt>Edit until there</dt>
          <dd>{latencyWords(account)}</dd>
        </div>
        <div>
          <dt>Change there until here</dt>
          <dd>{account.delay ? delayWords(account.delay) : 'Nothing received'}</dd>
        </div>
        <div>
          <dt>Notification channels</dt>
          <dd>{soonest === undefined ? 'None; the service is asked' : `${told.length} of ${account.channels.length} calendars, ${until(soonest)}`}</dd>
        </div>
        <div>
          <dt>Requests</dt>
          <dd>
            {account.requests_last_hour} in the last hour; busiest minute {account.busiest_minute}
            {account.allowed_per_minute === null ? '' : ` of ${account.allowed_per_minute}`}
          </dd>
        </div>
        <div>
          <dt>Compared with all that is there</dt>
          <dd data-testid="compared">{comparedWords(account, (instant) => `${formatTime(Temporal.Instant.from(instant), manner)}, ${dayOf(instant)}`)}</dd>
        </div>
        {account.restarts > 0 && (
          <div>
            <dt>Broke down and went on</dt>
            <dd>{account.restarts === 1 ? 'Once since the start' : `${account.restarts} times since the start`}</dd>
          </div>
        )}
      </dl>
    </li>
  );
}

/** When the account's calendars were last compared with everything there, and what that found. */
export function comparedWords({ channels }: Pick<AccountHealth, 'channels'>, when: (instant: string) => string): string {
  const earliest = channels.flatMap(({ compared_at }) => compared_at ?? []).toSorted()[0];
  if (earliest === undefined) return 'Not yet; once a day';
  const sum = (what: 'drifted' | 'drifted_ever') => channels.reduce((all, channel) => all + channel[what], 0);
  const [now, ever] = [sum('drifted'), sum('drifted_ever')];
  const found = now === 0 ? 'all the same' : `${now} put right`;
  return `${when(earliest)}: ${found}${ever > now ? `; ${ever} put right so far` : ''}`;
}

function Counted({ count, label, onLook }: { count: number; label: string; onLook: () => void }) {
  return count === 0 ? (
    <span className={classes.none}>0</span>
  ) : (
    <button type="button" className={classes.count} aria-label={label} onClick={onLook}>
      {count.toLocaleString()}
    </button>
  );
}

function Numbers({ periods, nameOf, onLook }: { periods: readonly Period[]; nameOf: (period: Period) => string; onLook: Look }) {
  return (
    <table className={classes.table}>
      <thead>
        <tr>
          {['From', 'Received', 'Sent', 'Failures', 'Conflicts', 'Most waiting', 'Median', '95 of 100'].map((name) => (
            <th key={name} scope="col">{name}</th>
          ))}
        </tr>
      </thead>
      <tbody>
        {periods.toReversed().map((period) => {
          const name = nameOf(period);
          const cell = (what: keyof typeof LOOKS, words: string, count: number) => (
            <td>
              <Counted count={count} label={`${words} from ${name}: ${count}`} onLook={() => onLook(`${words}, ${name}`, { ...LOOKS[what], from: period.from, to: period.to })} />
            </td>
          );
          return (
            <tr key={period.from}>
              <th scope="row">{name}</th>
              {cell('received', 'Received', period.edits_in)}
              {cell('sent', 'Sent', period.edits_out)}
              {cell('failures', 'Failures', period.failures)}
              {cell('conflicts', 'Conflicts', period.conflicts)}
              <td>{period.queue_depth}</td>
              <td>{period.latency ? duration(period.latency.p50_ms) : '–'}</td>
              <td>{period.latency ? duration(period.latency.p95_ms) : '–'}</td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

/** Writes how long edits waited. It is known of events that are still there. */
function latencyWords({ latency, edits_out: sent }: AccountHealth): string {
  if (latency !== null) return `${duration(latency.p50_ms)} median, ${duration(latency.p95_ms)} for 95 of 100, ${duration(latency.p99_ms)} for 99`;
  return sent === 0 ? 'Nothing sent' : 'Not known; those events are gone';
}
