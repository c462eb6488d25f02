/** A sync snapshot for every state, for pictures and for working on the indicator. */
import type { Temporal } from 'temporal-polyfill';
import type { IntegrationSnapshot } from '../../api/generated/IntegrationSnapshot';
import type { QueueItem } from '../../api/generated/QueueItem';
import type { SyncSnapshot } from '../../api/generated/SyncSnapshot';
import type { SyncState } from '../../api/generated/SyncState';
import { HOME, WORK } from './sample';

/** The states that can be asked for by `?state=`. */
export const STATES: readonly SyncState[] = [
  'needs_sign_in', 'conflict', 'failed', 'review', 'overdue', 'offline', 'paused', 'backing_off', 'syncing', 'pending', 'synced', 'no_account',
];

/** Tells whether a word is the name of a state. */
export function isState(word: string | null): word is SyncState {
  return STATES.some((state) => state === word);
}

/** Makes the snapshot of a state. */
export function snapshotOf(state: SyncState, now: Temporal.Instant, waiting: { id: string; title: string }[]): SyncSnapshot {
  const ago = (minutes: number) => now.subtract({ minutes }).toString({ smallestUnit: 'second' });
  const base = (id: string, account: string): IntegrationSnapshot => ({
    id,
    provider: 'google',
    account,
    state: 'synced',
    progress: null,
    retry_at: null,
    since: ago(2),
    last_success_at: ago(2),
    message: null,
    pending: 0,
    failed: 0,
    conflicts: 0,
    troubles: [],
    unreadable: 0,
    listening: id === WORK ? { kind: 'webhook' } : { kind: 'polling', every_seconds: 120 },
  });
  const work = base(WORK, 'mara@northlight.example');
  const home = base(HOME, 'mara.lindqvist@mail.example');
  const queue = waiting.map(({ id, title }, index): QueueItem => ({
    id: index + 1,
    event_id: id,
    title,
    calendar_id: 'team',
    link_id: 'link-team',
    integration_id: WORK,
    operation: title === 'Old kick-off' ? 'DELETE' : 'UPSERT',
    status: 'PENDING',
    created_at: ago(12 - index * 3),
    scheduled_for: ago(12 - index * 3),
    last_error: null,
  }));
  const snapshot: SyncSnapshot = {
    at: now.toString({ smallestUnit: 'second' }),
    state,
    integrations: [work, home],
    pending: 0,
    failed: 0,
    conflicts: 0,
    paused: null,
    last_success_at: ago(2),
    queue: [],
  };
  const wait = (count: number) => {
    snapshot.pending = work.pending = count;
    snapshot.queue = queue.slice(0, count);
  };
  if (state !== 'no_account' && state !== 'paused') work.state = state;
  switch (state) {
    case 'needs_sign_in':
      wait(2);
      Object.assign(work, { since: ago(95), last_success_at: ago(95), message: 'Google no longer accepts the sign-in. Sign in again; nothing is lost meanwhile.' });
      break;
    case 'conflict':
      snapshot.conflicts = work.conflicts = 1;
      work.message = '“Hiring sync” was changed here and at Google.';
      break;
    case 'failed':
      snapshot.failed = work.failed = 2;
      snapshot.queue = queue.slice(0, 2).map((item) => ({ ...item, status: 'FAILED', last_error: 'Google says you may not change events of “Team”.' }));
      break;
    case 'review':
      work.message = 'Team: 214 of 214 events are missing at the service; they are kept here until you have looked';
      work.troubles = [{ link_id: 'link-team', message: work.message, is_review: true }];
      break;
    case 'overdue':
      Object.assign(work, { since: ago(24), last_success_at: ago(44), message: 'News was expected 20 minutes ago.' });
      break;
    case 'offline':
      wait(3);
      for (const one of [work, home]) Object.assign(one, { state: 'offline', since: ago(31), last_success_at: ago(33), retry_at: null });
      snapshot.last_success_at = ago(33);
      break;
    case 'paused':
      wait(1);
      snapshot.paused = { since: ago(20), until: now.add({ minutes: 40 }).toString({ smallestUnit: 'second' }) };
      for (const one of [work, home]) one.state = 'paused';
      break;
    case 'backing_off':
      wait(1);
      work.retry_at = now.add({ seconds: 40 }).toString({ smallestUnit: 'second' });
      work.message = 'Google asks for fewer requests.';
      break;
    case 'syncing':
      work.progress = { phase: 'pulling', done: 340, total: 1200 };
      break;
    case 'pending':
      wait(3);
      break;
    case 'no_account':
      snapshot.integrations = [];
      snapshot.last_success_at = null;
      break;
    case 'synced':
      break;
  }
  return snapshot;
}
