/** The banner at the lower edge: only for what keeps the person's work from going out. Pure. */
import type { SyncSnapshot } from '../../api/generated/SyncSnapshot';
import { providerName } from './present';

/** What the banner says and offers. */
export interface Banner {
  tone: 'quiet' | 'warning';
  text: string;
  action: 'sign-in' | 'resume' | 'look' | null;
  integrationId: string | null;
}

/** Chooses the banner, or none. */
export function bannerOf(snapshot: SyncSnapshot): Banner | null {
  const count = snapshot.pending === 1 ? '1 change waits' : `${snapshot.pending} changes wait`;
  switch (snapshot.state) {
    case 'needs_sign_in': {
      const account = snapshot.integrations.find(({ state }) => state === 'needs_sign_in');
      const text = `${account ? providerName(account.provider) : 'An account'} needs you to sign in again${account ? ` as ${account.account}` : ''}.`;
      const waits = snapshot.pending > 0 ? ` ${count}.` : '';
      return { tone: 'warning', text: text + waits, action: 'sign-in', integrationId: account?.id ?? null };
    }
    case 'offline':
      return snapshot.pending > 0 ? { tone: 'quiet', text: `Offline: ${count}.`, action: null, integrationId: null } : null;
    case 'review':
      return {
        tone: 'warning',
        text: snapshot.integrations.find(({ state }) => state === 'review')?.message ?? 'A large change waits for your look.',
        action: 'look',
        integrationId: null,
      };
    case 'paused':
      return snapshot.pending > 0 ? { tone: 'quiet', text: `Sync is paused: ${count}.`, action: 'resume', integrationId: null } : null;
    case 'conflict':
    case 'failed':
    case 'overdue':
    case 'backing_off':
    case 'syncing':
    case 'pending':
    case 'synced':
    case 'no_account':
      return null;
  }
}
