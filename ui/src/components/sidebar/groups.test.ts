import { expect, it } from 'vitest';
import type { CalendarView } from '../../api/generated/CalendarView';
import type { IntegrationSnapshot } from '../../api/generated/IntegrationSnapshot';
import { groupCalendars, isOutOfOrder } from './groups';

const calendar = (id: string, integrationId: string | null): CalendarView => ({
  id,
  name: id,
  color: '#6b74e6',
  time_zone: 'UTC',
  visible: true,
  default_reminders: [],
  writable: true,
  links:
    integrationId === null
      ? []
      : [{ id: `l-${id}`, integration_id: integrationId, provider: 'google', account: `${integrationId}@example.org`, remote_calendar_id: id, remote_name: id, direction: 'bidirectional', last_pulled_at: null }],
});
const integration = (id: string): IntegrationSnapshot => ({
  id, provider: 'google', account: `${id}@example.org`, state: 'synced', progress: null, retry_at: null, since: '', last_success_at: null, message: null,
  pending: 0, failed: 0, conflicts: 0, unreadable: 0, troubles: [], listening: { kind: 'webhook' },
});

it('groups calendars by account in the order of the accounts, this computer last', () => {
  const groups = groupCalendars([calendar('x', null), calendar('b', 'two'), calendar('a', 'one')], [integration('one'), integration('two')]);
  expect(groups.map(({ account, calendars }) => [account, ...calendars.map(({ id }) => id)])).toEqual([
    ['one@example.org', 'a'],
    ['two@example.org', 'b'],
    ['On this computer', 'x'],
  ]);
});

it('shows an account without calendars, and a calendar whose account is not told of', () => {
  expect(groupCalendars([], [integration('one')])).toHaveLength(1);
  expect(groupCalendars([calendar('a', 'gone')], [])[0]).toMatchObject({ account: 'gone@example.org', state: null });
  expect(groupCalendars([], [])).toEqual([]);
});

it('marks only what needs the person', () => {
  expect(isOutOfOrder('needs_sign_in')).toBe(true);
  expect(isOutOfOrder('offline')).toBe(false);
  expect(isOutOfOrder(null)).toBe(false);
});
