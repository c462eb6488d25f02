/** How sync stands, in words and signs: a pure function of the snapshot and of now. */
import { Temporal } from 'temporal-polyfill';
import type { IntegrationSnapshot } from '../../api/generated/IntegrationSnapshot';
import type { Listening } from '../../api/generated/Listening';
import type { Pause } from '../../api/generated/Pause';
import type { ProviderKind } from '../../api/generated/ProviderKind';
import type { SyncSnapshot } from '../../api/generated/SyncSnapshot';
import type { SyncState } from '../../api/generated/SyncState';
import { formatAgo, formatDay, formatIn, formatLength, formatTime, type Manner } from '../../time/format';

/** How much attention a state asks for. */
export type Tone = 'calm' | 'busy' | 'waiting' | 'warning' | 'bad';

/** What the one main button of a state does. */
export type SyncAction = 'sign-in' | 'sync-now' | 'resume' | 'connect';

/** One account in the panel. */
export interface IntegrationPresentation {
  id: string;
  state: SyncState;
  tone: Tone;
  account: string;
  provider: string;
  /** How it stands, in a few words. */
  words: string;
  /** How changes reach us; none while they do not. */
  way: string | null;
  /** Why it is not well. */
  message: string | null;
  progress: number | null;
  needsSignIn: boolean;
  /** Calendars of it that stand still, each with its reason. */
  troubles: TroublePresentation[];
}

/** A calendar that stands still. */
export interface TroublePresentation {
  linkId: string;
  message: string;
  isReview: boolean;
}

/** The whole presentation. */
export interface Presentation {
  state: SyncState;
  tone: Tone;
  /** For the bar. */
  words: string;
  /** For the head of the panel: what it means for the person. */
  sentence: string;
  /** For screen readers: changes only when the state does, not with every second. */
  announcement: string;
  /** 0–1 while the length of a pass is known. */
  progress: number | null;
  /** A number to be shown at the glyph. */
  count: number | null;
  action: SyncAction | null;
  integrations: IntegrationPresentation[];
}

const PROVIDERS: Record<ProviderKind, string> = { google: 'Google', notion: 'Notion', caldav: 'the CalDAV server', ics: 'the calendar file' };

const TONES: Record<SyncState, Tone> = {
  needs_sign_in: 'bad',
  conflict: 'warning',
  failed: 'bad',
  review: 'warning',
  overdue: 'warning',
  offline: 'waiting',
  paused: 'waiting',
  backing_off: 'waiting',
  syncing: 'busy',
  pending: 'waiting',
  synced: 'calm',
  no_account: 'waiting',
};

const REACHED: ReadonlySet<SyncState> = new Set(['synced', 'pending', 'syncing', 'conflict', 'failed']);

/** Names a service. */
export const providerName = (provider: ProviderKind): string => PROVIDERS[provider];

/** Presents a snapshot at an instant. */
export function present(snapshot: SyncSnapshot, now: Temporal.Instant, manner: Manner): Presentation {
  const { state } = snapshot;
  const progress = state === 'syncing' ? shareOf(snapshot.integrations) : null;
  return {
    state,
    tone: TONES[state],
    words: compactWords(snapshot, now, manner),
    sentence: sentenceOf(snapshot),
    announcement: announcementOf(snapshot),
    progress,
    count: countOf(snapshot),
    action: actionOf(state),
    integrations: snapshot.integrations.map((integration) => presentIntegration(integration, snapshot.paused, now, manner)),
  };
}

function actionOf(state: SyncState): SyncAction | null {
  switch (state) {
    case 'needs_sign_in':
      return 'sign-in';
    case 'paused':
      return 'resume';
    case 'no_account':
      return 'connect';
    case 'overdue':
    case 'backing_off':
    case 'offline':
    case 'synced':
    case 'pending':
      return 'sync-now';
    case 'syncing':
    case 'conflict':
    case 'failed':
    case 'review':
      return null;
  }
}

function countOf({ state, failed, conflicts, pending }: SyncSnapshot): number | null {
  const count = { failed, conflict: conflicts, pending }[state as 'failed' | 'conflict' | 'pending'] ?? 0;
  return count > 0 ? count : null;
}

const number = (value: number) => value.toLocaleString('en');

function compactWords(snapshot: SyncSnapshot, now: Temporal.Instant, manner: Manner): string {
  const worst = snapshot.integrations.find((integration) => integration.state === snapshot.state);
  switch (snapshot.state) {
    case 'needs_sign_in':
      return `Sign in to ${worst ? PROVIDERS[worst.provider] : 'your account'}`;
    case 'conflict':
      return snapshot.conflicts > 0 ? `${number(snapshot.conflicts)} to decide` : 'To decide';
    case 'failed':
      return snapshot.failed > 0 ? `${number(snapshot.failed)} could not be sent` : 'Could not sync';
    case 'review':
      return 'Waiting for your look';
    case 'overdue': {
      const from = worst ? ` from ${PROVIDERS[worst.provider]}` : '';
      const last = worst?.last_success_at ?? snapshot.last_success_at;
      return last === null ? `No news${from}` : `No news${from} for ${formatLength(Temporal.Instant.from(last).until(now))}`;
    }
    case 'offline':
      return snapshot.pending > 0 ? `Offline, ${number(snapshot.pending)} wait${snapshot.pending === 1 ? 's' : ''}` : 'Offline';
    case 'paused':
      return pausedWords(snapshot.paused, now, manner);
    case 'backing_off':
      return worst?.retry_at ? `Retry in ${formatIn(Temporal.Instant.from(worst.retry_at), now)}` : 'Retrying soon';
    case 'syncing':
      return syncingWords(snapshot.integrations);
    case 'pending':
      return snapshot.pending > 0 ? `${number(snapshot.pending)} to send` : 'Sending';
    case 'synced':
      return snapshot.last_success_at === null
        ? 'Synced'
        : `Synced ${formatAgo(Temporal.Instant.from(snapshot.last_success_at), now, manner)}`;
    case 'no_account':
      return 'Not connected';
  }
}

function pausedWords(pause: Pause | null, now: Temporal.Instant, manner: Manner): string {
  const end = pause?.until ?? null;
  if (end === null) return 'Paused';
  const until = Temporal.Instant.from(end);
  const day = (instant: Temporal.Instant) => instant.toZonedDateTimeISO(manner.viewer).toPlainDate();
  const isToday = day(until).equals(day(now));
  return `Paused until ${isToday ? formatTime(until, manner) : formatDay(day(until), manner, day(now).year)}`;
}

function syncingWords(integrations: readonly IntegrationSnapshot[]): string {
  const running = integrations.flatMap(({ progress }) => (progress === null ? [] : [progress]));
  const done = running.reduce((sum, { done: part }) => sum + part, 0);
  const totals = running.map(({ total }) => total);
  if (running.length === 0) return 'Syncing';
  if (totals.every((total) => total !== null)) {
    return `Syncing ${number(done)} of ${number(totals.reduce((sum, total) => sum + total, 0))}`;
  }
  return done > 0 ? `Syncing ${number(done)}` : 'Syncing';
}

function shareOf(integrations: readonly IntegrationSnapshot[]): number | null {
  const running = integrations.flatMap(({ progress }) => (progress === null ? [] : [progress]));
  let done = 0;
  let total = 0;
  for (const progress of running) {
    if (progress.total === null) return null;
    done += progress.done;
    total += progress.total;
  }
  return total === 0 ? null : Math.min(1, done / total);
}

const changes = (count: number) => (count === 1 ? '1 change' : `${number(count)} changes`);

function sentenceOf(snapshot: SyncSnapshot): string {
  const waits = snapshot.pending > 0 ? ` ${changes(snapshot.pending)} wait${snapshot.pending === 1 ? 's' : ''} meanwhile.` : '';
  switch (snapshot.state) {
    case 'needs_sign_in':
      return `Sync stands still until you sign in again.${waits}`;
    case 'conflict':
      return 'The same event was changed here and elsewhere. Both versions are kept.';
    case 'failed':
      return 'These changes were refused. They stay on this computer until you retry or discard them.';
    case 'review':
      return 'A change looks too large to be meant. Nothing is removed until you have looked.';
    case 'overdue':
      return 'News should have come by now. Your own changes are safe.';
    case 'offline':
      return `There is no network. Everything works; it is sent once you are back.${waits}`;
    case 'paused':
      return `Changes stay on this computer until sync goes on.${waits}`;
    case 'backing_off':
      return `The service asked for a break and is tried again by itself.${waits}`;
    case 'syncing':
      return 'Changes are being exchanged. You can go on working.';
    case 'pending':
      return `${changes(snapshot.pending)} on the way.`;
    case 'synced':
      return snapshot.integrations.some(({ unreadable }) => unreadable > 0) ? 'All that could be read is the same here and there.' : 'Everything here and there is the same.';
    case 'no_account':
      return 'Your events are kept on this computer only.';
  }
}

function announcementOf({ state, pending, failed, conflicts }: SyncSnapshot): string {
  switch (state) {
    case 'needs_sign_in':
      return 'Sync needs you to sign in again';
    case 'conflict':
      return `${conflicts} to decide`;
    case 'failed':
      return `${failed} could not be sent`;
    case 'review':
      return 'Sync waits for your look';
    case 'overdue':
      return 'Sync is overdue';
    case 'offline':
      return 'Offline';
    case 'paused':
      return 'Sync is paused';
    case 'backing_off':
      return 'Sync will be retried';
    case 'syncing':
      return 'Syncing';
    case 'pending':
      return `${pending} to send`;
    case 'synced':
      return 'Synced';
    case 'no_account':
      return 'Not connected';
  }
}

/** Presents one account. */
export function presentIntegration(
  integration: IntegrationSnapshot,
  paused: Pause | null,
  now: Temporal.Instant,
  manner: Manner,
): IntegrationPresentation {
  return {
    id: integration.id,
    state: integration.state,
    tone: TONES[integration.state],
    account: integration.account,
    provider: PROVIDERS[integration.provider],
    words: integrationWords(integration, paused, now, manner),
    way: REACHED.has(integration.state) ? wayOf(integration.listening) : null,
    // What concerns single calendars is said with them.
    message: integration.troubles.some(({ message }) => message === integration.message) ? null : integration.message,
    progress: integration.state === 'syncing' ? shareOf([integration]) : null,
    needsSignIn: integration.state === 'needs_sign_in',
    troubles: integration.troubles.map(({ link_id, message, is_review }) => ({ linkId: link_id, message: asSentence(message), isReview: is_review })),
  };
}

function integrationWords(one: IntegrationSnapshot, paused: Pause | null, now: Temporal.Instant, manner: Manner): string {
  const ago = (text: string) => formatAgo(Temporal.Instant.from(text), now, manner);
  const last = one.last_success_at === null ? 'never synced' : `last synced ${ago(one.last_success_at)}`;
  switch (one.state) {
    case 'needs_sign_in':
      return `Signed out ${ago(one.since)}, ${last}`;
    case 'conflict':
      return `${number(one.conflicts)} to decide`;
    case 'failed':
      return one.failed > 0 ? `${number(one.failed)} not sent, ${last}` : `Could not sync, ${last}`;
    case 'review':
      return 'Waiting for your look';
    case 'overdue':
      return `No news, ${last}`;
    case 'offline':
      return `Offline since ${ago(one.since).replace(/^just now$/, 'a moment ago')}, ${last}`;
    case 'paused':
      return pausedWords(paused, now, manner);
    case 'backing_off':
      return one.retry_at === null ? 'Retrying soon' : `Retry in ${formatIn(Temporal.Instant.from(one.retry_at), now)}`;
    case 'syncing':
      return `${one.progress?.phase === 'pushing' ? 'Sending' : 'Fetching'}${syncingWords([one]).replace('Syncing', '')}`;
    case 'pending':
      return `${number(one.pending)} to send`;
    case 'synced':
      return one.last_success_at === null ? 'Not synced yet' : `Synced ${ago(one.last_success_at)}`;
    case 'no_account':
      return 'Not connected';
  }
}

/** The engine's reasons are written to be continued. */
function asSentence(message: string): string {
  return /[.!?]$/.test(message) ? message : `${message}.`;
}

function wayOf(listening: Listening): string {
  if (listening.kind === 'webhook') return 'Push: hears of changes at once';
  const seconds = listening.every_seconds;
  return `Poll: asks every ${seconds < 90 ? `${seconds} s` : `${Math.round(seconds / 60)} min`}`;
}
