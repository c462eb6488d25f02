import { Temporal } from 'temporal-polyfill';
import { describe, expect, it } from 'vitest';
import type { IntegrationSnapshot } from '../../api/generated/IntegrationSnapshot';
import type { SyncSnapshot } from '../../api/generated/SyncSnapshot';
import type { SyncState } from '../../api/generated/SyncState';
import type { Manner } from '../../time/format';
import { bannerOf } from './banner';
import { present } from './present';

const now = Temporal.Instant.from('2026-11-23T12:00:00Z');
const manner: Manner = { locale: 'en-GB', cycle: 'h23', weekStart: 1, viewer: 'Europe/Berlin' };

function account(part: Partial<IntegrationSnapshot>): IntegrationSnapshot {
  return {
    id: 'one', provider: 'google', account: 'mara@example.org', state: 'synced', progress: null, retry_at: null, since: '2026-11-23T11:30:00Z',
    last_success_at: '2026-11-23T11:58:00Z', message: null, pending: 0, failed: 0, conflicts: 0, unreadable: 0, troubles: [], listening: { kind: 'polling', every_seconds: 120 }, ...part,
  };
}

function snapshot(state: SyncState, part: Partial<SyncSnapshot> = {}, own: Partial<IntegrationSnapshot> = {}): SyncSnapshot {
  return {
    at: '2026-11-23T12:00:00Z', state, integrations: [account({ state, ...own })], pending: 0, failed: 0, conflicts: 0, paused: null,
    last_success_at: '2026-11-23T11:58:00Z', queue: [], ...part,
  };
}

const shown = (value: SyncSnapshot) => present(value, now, manner);

it('says that all is the same only where all could be read', () => {
  expect(shown(snapshot('synced')).sentence).toBe('Everything here and there is the same.');
  expect(shown(snapshot('synced', {}, { unreadable: 1 })).sentence).toBe('All that could be read is the same here and there.');
});

describe('compact words', () => {
  it.each<[string, SyncSnapshot]>([
    ['Synced 2 min ago', snapshot('synced')],
    ['Synced', snapshot('synced', { last_success_at: null })],
    ['Syncing 340 of 1,200', snapshot('syncing', {}, { progress: { phase: 'pulling', done: 340, total: 1200 } })],
    ['Syncing 340', snapshot('syncing', {}, { progress: { phase: 'pulling', done: 340, total: null } })],
    ['Syncing', snapshot('syncing')],
    ['3 to send', snapshot('pending', { pending: 3 })],
    ['Offline, 3 wait', snapshot('offline', { pending: 3 })],
    ['Offline, 1 waits', snapshot('offline', { pending: 1 })],
    ['Offline', snapshot('offline')],
    ['Retry in 40 s', snapshot('backing_off', {}, { retry_at: '2026-11-23T12:00:40Z' })],
    ['Retrying soon', snapshot('backing_off')],
    ['Paused until 14:00', snapshot('paused', { paused: { since: '2026-11-23T11:00:00Z', until: '2026-11-23T13:00:00Z' } })],
    ['Paused until Tue 24 Nov', snapshot('paused', { paused: { since: '2026-11-23T11:00:00Z', until: '2026-11-24T06:00:00Z' } })],
    ['Paused', snapshot('paused', { paused: { since: '2026-11-23T11:00:00Z', until: null } })],
    ['No news from Google for 20 min', snapshot('overdue', {}, { last_success_at: '2026-11-23T11:40:00Z' })],
    ['No news from Notion', snapshot('overdue', { last_success_at: null }, { provider: 'notion', last_success_at: null })],
    ['Waiting for your look', snapshot('review')],
    ['2 could not be sent', snapshot('failed', { failed: 2 })],
    ['Could not sync', snapshot('failed')],
    ['1 to decide', snapshot('conflict', { conflicts: 1 })],
    ['Sign in to Google', snapshot('needs_sign_in')],
    ['Not connected', snapshot('no_account', { integrations: [], last_success_at: null })],
  ])('%s', (words, value) => expect(shown(value).words.replace('Tue, 24', 'Tue 24')).toBe(words));
});

describe('tone and action', () => {
  it.each<[SyncState, string, string | null]>([
    ['needs_sign_in', 'bad', 'sign-in'],
    ['conflict', 'warning', null],
    ['failed', 'bad', null],
    ['review', 'warning', null],
    ['overdue', 'warning', 'sync-now'],
    ['offline', 'waiting', 'sync-now'],
    ['paused', 'waiting', 'resume'],
    ['backing_off', 'waiting', 'sync-now'],
    ['syncing', 'busy', null],
    ['pending', 'waiting', 'sync-now'],
    ['synced', 'calm', 'sync-now'],
    ['no_account', 'waiting', 'connect'],
  ])('%s is %s', (state, tone, action) => {
    const presentation = shown(snapshot(state));
    expect([presentation.tone, presentation.action]).toEqual([tone, action]);
    expect(presentation.sentence).toMatch(/\.$/);
    expect(presentation.announcement).not.toBe('');
    expect(presentation.integrations[0]?.words).not.toBe('');
  });
});

describe('progress', () => {
  it('adds up all accounts', () => {
    const both = snapshot('syncing', {
      integrations: [
        account({ state: 'syncing', progress: { phase: 'pulling', done: 100, total: 300 } }),
        account({ id: 'two', state: 'syncing', progress: { phase: 'pushing', done: 50, total: 100 } }),
      ],
    });
    expect(shown(both)).toMatchObject({ words: 'Syncing 150 of 400', progress: 0.375 });
    expect(shown(both).integrations.map(({ words }) => words)).toEqual(['Fetching 100 of 300', 'Sending 50 of 100']);
  });
  it('is unknown as soon as one total is', () => {
    expect(shown(snapshot('syncing', {}, { progress: { phase: 'pulling', done: 5, total: null } })).progress).toBeNull();
  });
});

describe('accounts', () => {
  it('says how changes reach us while they do', () => {
    expect(shown(snapshot('synced')).integrations[0]?.way).toBe('Poll: asks every 2 min');
    expect(shown(snapshot('synced', {}, { listening: { kind: 'webhook' } })).integrations[0]?.way).toBe('Push: hears of changes at once');
    expect(shown(snapshot('offline')).integrations[0]?.way).toBeNull();
  });

  it('speaks of the account whose state it is, not of the first', () => {
    const mixed = snapshot('needs_sign_in', { integrations: [account({}), account({ id: 'two', provider: 'notion', state: 'needs_sign_in' })] });
    expect(shown(mixed).words).toBe('Sign in to Notion');
  });
});

it('announces the same words while only numbers of a pass change', () => {
  const at = (done: number) => shown(snapshot('syncing', {}, { progress: { phase: 'pulling', done, total: 9 } })).announcement;
  expect(at(1)).toBe(at(8));
});

describe('banner', () => {
  it.each<[SyncState, number, string | null]>([
    ['offline', 3, 'Offline: 3 changes wait.'],
    ['offline', 1, 'Offline: 1 change waits.'],
    ['offline', 0, null],
    ['paused', 2, 'Sync is paused: 2 changes wait.'],
    ['paused', 0, null],
    ['needs_sign_in', 0, 'Google needs you to sign in again as mara@example.org.'],
    ['synced', 0, null],
    ['failed', 0, null],
  ])('%s with %d waiting', (state, pending, text) => expect(bannerOf(snapshot(state, { pending }))?.text ?? null).toBe(text));
});
