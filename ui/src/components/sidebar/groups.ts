/** Calendars by the account that they are kept at. Pure. */
import type { CalendarView } from '../../api/generated/CalendarView';
import type { IntegrationSnapshot } from '../../api/generated/IntegrationSnapshot';
import type { ProviderKind } from '../../api/generated/ProviderKind';
import type { SyncState } from '../../api/generated/SyncState';

/** An account with its calendars; null is this computer. */
export interface CalendarGroup {
  integrationId: string | null;
  account: string;
  provider: ProviderKind | null;
  state: SyncState | null;
  calendars: CalendarView[];
}

/** Groups calendars by their first link's account, accounts in the order of the snapshot, this computer last. */
export function groupCalendars(calendars: readonly CalendarView[], integrations: readonly IntegrationSnapshot[]): CalendarGroup[] {
  const groups = new Map<string | null, CalendarGroup>();
  for (const { id, account, provider, state } of integrations) {
    groups.set(id, { integrationId: id, account, provider, state, calendars: [] });
  }
  const local: CalendarGroup = { integrationId: null, account: 'On this computer', provider: null, state: null, calendars: [] };
  for (const calendar of calendars) {
    const [link] = calendar.links;
    if (!link) {
      local.calendars.push(calendar);
      continue;
    }
    const { integration_id: integrationId, account, provider } = link;
    const group = groups.get(integrationId) ?? { integrationId, account, provider, state: null, calendars: [] };
    group.calendars.push(calendar);
    groups.set(integrationId, group);
  }
  return local.calendars.length > 0 ? [...groups.values(), local] : [...groups.values()];
}

/** Tells whether a state deserves a mark beside the account. */
export function isOutOfOrder(state: SyncState | null): boolean {
  switch (state) {
    case 'needs_sign_in':
    case 'conflict':
    case 'failed':
    case 'review':
    case 'overdue':
      return true;
    case 'offline':
    case 'paused':
    case 'backing_off':
    case 'syncing':
    case 'pending':
    case 'synced':
    case 'no_account':
    case null:
      return false;
  }
}
