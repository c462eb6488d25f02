import { describe, expect, it } from 'vitest';
import { newContent } from './content';
import type { Attendee } from './generated/Attendee';
import type { EventContent } from './generated/EventContent';
import { guestsToTell, mailsGuests, readGuests, withGuests } from './guests';

const guest = (email: string, more: Partial<Attendee> = {}): Attendee => ({ email, name: '', optional: false, resource: false, response: 'needs_action', is_self: false, ...more });
const content = (attendees: Attendee[], more: Partial<EventContent> = {}): EventContent => ({
  ...newContent('Talk', { kind: 'all_day', start: '2026-11-26', end: '2026-11-27' }),
  attendees,
  ...more,
});

describe('guests to be told', () => {
  const before = content([guest('ada@x.org'), guest('me@x.org', { is_self: true }), guest('room@x.org', { resource: true })]);

  it('are neither the person nor rooms', () => expect(guestsToTell(before, before, ['title'])).toBe(1));
  it('include whom the edit invites and whom it uninvites', () => expect(guestsToTell(before, content([guest('grace@x.org')]), ['attendees'])).toBe(2));
  it('are told of a deletion', () => expect(guestsToTell(before, null, [])).toBe(1));
  it('have nothing to do with what only the person sees', () => expect(guestsToTell(before, before, ['color', 'reminders'])).toBe(0));
  it('belong to whoever organises', () => {
    const invited = content([guest('ada@x.org')], { organizer: { email: 'ada@x.org', name: '', is_self: false } });
    expect(guestsToTell(invited, null, [])).toBe(0);
  });
});

describe('typed addresses', () => {
  it('are read with and without names, several in a row', () => {
    const { guests, unread } = readGuests('Ada Lovelace <Ada@Example.org>, grace@example.org; "Noether, E" nonsense');
    expect(guests.map(({ name, email }) => [name, email])).toEqual([['Ada Lovelace', 'ada@example.org'], ['', 'grace@example.org']]);
    expect(unread).toEqual(['"Noether', 'E" nonsense']);
  });
  it.each(['ada', 'ada@', '@example.org', 'ada@example', 'a b@example.org', 'ada@example.org <x>'])('%s is none', (text) => expect(readGuests(text).guests).toEqual([]));
  it('invite nobody twice', () => {
    const list = withGuests([guest('ada@x.org', { response: 'accepted' })], [guest('ada@x.org'), guest('bo@x.org'), guest('bo@x.org')]);
    expect(list.map(({ email, response }) => [email, response])).toEqual([['ada@x.org', 'accepted'], ['bo@x.org', 'needs_action']]);
  });
});

describe('who can be mailed', () => {
  it('asks only where a service mails guests', () => {
    expect(mailsGuests([])).toBe(false);
    expect(mailsGuests([{ provider: 'notion' }, { provider: 'caldav' }])).toBe(false);
    expect(mailsGuests([{ provider: 'notion' }, { provider: 'google' }])).toBe(true);
  });
});
