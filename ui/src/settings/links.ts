/** Which remote calendars there are, and what each is linked to. Pure. */
import type { CalendarView } from '../api/generated/CalendarView';
import type { IntegrationId } from '../api/generated/IntegrationId';
import type { LinkView } from '../api/generated/LinkView';
import type { RemoteCalendarView } from '../api/generated/RemoteCalendarView';
import type { SyncDirection } from '../api/generated/SyncDirection';

/** A calendar at an account, with what it is kept in step with. */
export interface RemoteRow {
  id: string;
  name: string;
  color: string | null;
  /** Null when the account no longer lists it, or has not answered. */
  remote: RemoteCalendarView | null;
  /** The local calendar and the link to it. */
  linked: { calendar: CalendarView; link: LinkView } | null;
}

/**
 * Lists an account's calendars: those that it names, in its order, and behind them those that we are linked to and it
 * does not name. `remotes` is undefined while it has not answered; then only the linked ones are known.
 */
export function remoteRows(integrationId: IntegrationId, remotes: readonly RemoteCalendarView[] | undefined, calendars: readonly CalendarView[]): RemoteRow[] {
  const links = calendars.flatMap((calendar) =>
    calendar.links.filter((link) => link.integration_id === integrationId).map((link) => ({ calendar, link })),
  );
  const listed = (remotes ?? [])
    .filter((remote) => remote.integration_id === integrationId)
    .map((remote): RemoteRow => {
      const linked = links.find(({ link }) => link.remote_calendar_id === remote.id) ?? null;
      return { id: remote.id, name: remote.name, color: remote.color, remote, linked };
    });
  const unlisted = links
    .filter(({ link }) => listed.every(({ id }) => id !== link.remote_calendar_id))
    .map((linked): RemoteRow => ({ id: linked.link.remote_calendar_id, name: linked.link.remote_name, color: linked.calendar.color, remote: null, linked }));
  return [...listed, ...unlisted];
}

/** What is said about a row beside its name. */
export function noteOf({ name, linked }: RemoteRow, integrationId: IntegrationId): string | null {
  if (linked === null) return null;
  const { calendar } = linked;
  const words = calendar.name === name ? [] : [`here “${calendar.name}”`];
  const elsewhere = calendar.links.filter((link) => link.integration_id !== integrationId || link.id !== linked.link.id);
  if (elsewhere.length > 0) words.push(`also kept in ${joined(elsewhere.map((link) => `“${link.remote_name}” of ${link.account}`))}`);
  return words.length === 0 ? null : sentenceCase(words.join(', '));
}

/** The ways in which changes can travel, with their words. */
export const DIRECTIONS: readonly { value: SyncDirection; label: string }[] = [
  { value: 'bidirectional', label: 'Both ways' },
  { value: 'pull_only', label: 'Only from there' },
  { value: 'push_only', label: 'Only to there' },
];

/** Names a direction. */
export function directionWords(direction: SyncDirection): string {
  return DIRECTIONS.find(({ value }) => value === direction)?.label ?? direction;
}

/** Says what a direction means for two calendars that have names. */
export function directionSentence(direction: SyncDirection, here: string, there: string): string {
  switch (direction) {
    case 'bidirectional':
      return `What changes in “${here}” changes in “${there}”, and the other way round.`;
    case 'pull_only':
      return `What changes in “${there}” changes in “${here}”. Nothing is sent there.`;
    case 'push_only':
      return `What changes in “${here}” is sent to “${there}”. Changes made there are not fetched.`;
  }
}

/** Says how many of something there are. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

function joined(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1) ?? ''}`;
}

function sentenceCase(words: string): string {
  return words.charAt(0).toUpperCase() + words.slice(1);
}
