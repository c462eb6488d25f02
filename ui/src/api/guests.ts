/** The people of an event: who is to be told of a change, and reading addresses that were typed. Pure. */
import type { Attendee } from './generated/Attendee';
import type { EventContent } from './generated/EventContent';
import type { LinkView } from './generated/LinkView';

/** Fields that nobody but the person sees. */
const PRIVATE: ReadonlySet<keyof EventContent> = new Set(['color', 'reminders', 'transparency', 'visibility', 'extras']);

/** Returns the invited people apart from the person and from rooms. */
export function guestsOf(content: Pick<EventContent, 'attendees'>): Attendee[] {
  return content.attendees.filter(({ is_self, resource }) => !is_self && !resource);
}

/** Tells whether the event is the person's own to announce. */
export function isOrganiser({ organizer }: Pick<EventContent, 'organizer'>): boolean {
  return organizer === null || organizer.is_self;
}

/** Tells whether a service that the event is at mails guests on request; of the services, Google alone does. */
export function mailsGuests(links: readonly Pick<LinkView, 'provider'>[]): boolean {
  return links.some(({ provider }) => provider === 'google');
}

/**
 * Counts the guests who may be told of an edit: those before and after it, when the event is the person's own and the
 * edit concerns them. `after` is null when the event is deleted.
 */
export function guestsToTell(before: EventContent, after: EventContent | null, changed: readonly (keyof EventContent)[]): number {
  if (!isOrganiser(before)) return 0;
  if (after !== null && changed.every((field) => PRIVATE.has(field))) return 0;
  const addresses = [...guestsOf(before), ...(after === null ? [] : guestsOf(after))].map(({ email }) => email);
  return new Set(addresses).size;
}

/** Addresses that were typed: those that can be invited, and what is no address. */
export interface ReadGuests {
  guests: Attendee[];
  unread: string[];
}

const ADDRESS = /^[^\s@<>,;"]+@[^\s@<>,;"]+\.[^\s@<>,;"]+$/;

/** Reads `ada@example.org`, `Ada Lovelace <ada@example.org>`, and several of them in a row. */
export function readGuests(text: string): ReadGuests {
  const read: ReadGuests = { guests: [], unread: [] };
  for (const part of text.split(/[,;\n]/).map((piece) => piece.trim())) {
    if (part === '') continue;
    const named = /^"?([^"<]*?)"?\s*<([^<>]+)>$/.exec(part);
    const email = (named?.[2] ?? part).trim().toLowerCase();
    if (ADDRESS.test(email)) read.guests.push({ email, name: named?.[1]?.trim() ?? '', optional: false, resource: false, response: 'needs_action', is_self: false });
    else read.unread.push(part);
  }
  return read;
}

/** Adds guests to a list; those who are on it already stay as they are. */
export function withGuests(attendees: readonly Attendee[], guests: readonly Attendee[]): Attendee[] {
  const known = new Set(attendees.map(({ email }) => email));
  return [...attendees, ...guests.filter(({ email }, index) => !known.has(email) && guests.findIndex((other) => other.email === email) === index)];
}
