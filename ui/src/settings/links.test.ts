import { describe, expect, it } from 'vitest';
import type { CalendarView } from '../api/generated/CalendarView';
import type { LinkView } from '../api/generated/LinkView';
import type { RemoteCalendarView } from '../api/generated/RemoteCalendarView';
import { directionSentence, noteOf, remoteRows } from './links';

const link = (integration: string, remote: string, name = remote): LinkView => ({
  id: `${integration}-${remote}`, integration_id: integration, provider: 'google', account: `${integration}@example.org`, remote_calendar_id: remote, remote_name: name, direction: 'bidirectional', last_pulled_at: null,
});
const calendar = (name: string, links: LinkView[]): CalendarView => ({ id: name, name, color: '#112233', time_zone: 'UTC', visible: true, default_reminders: [], writable: true, links });
const remote = (id: string, name = id): RemoteCalendarView => ({ integration_id: 'work', id, name, color: null, time_zone: null, access: 'owner', writable: true, primary: false, linked_to: null, link_id: null, is_new: false });

describe('the calendars of an account', () => {
  it('are listed in its order, each with what it is linked to', () => {
    const rows = remoteRows('work', [remote('b'), remote('a')], [calendar('A', [link('work', 'a')])]);
    expect(rows.map(({ id, linked }) => [id, linked?.calendar.name ?? null])).toEqual([['b', null], ['a', 'A']]);
  });

  it('include those that are linked and no longer there', () => {
    const rows = remoteRows('work', [remote('a')], [calendar('Old', [link('work', 'gone', 'Old name')])]);
    expect(rows.map(({ name, remote: there }) => [name, there === null])).toEqual([['a', false], ['Old name', true]]);
  });

  it('are the linked ones until the account answers', () => {
    expect(remoteRows('work', undefined, [calendar('A', [link('work', 'a'), link('home', 'x')])]).map(({ id }) => id)).toEqual(['a']);
  });

  it('leave other accounts alone', () => {
    expect(remoteRows('home', [remote('a')], [calendar('A', [link('work', 'a')])])).toEqual([]);
  });
});

describe('the note beside a calendar', () => {
  const noted = (name: string, links: LinkView[]) => {
    const [row] = remoteRows('work', [remote('a', 'Team')], [calendar(name, links)]);
    if (!row) throw new Error('no row');
    return noteOf(row, 'work');
  };
  it('is empty when there is nothing to say', () => expect(noted('Team', [link('work', 'a')])).toBeNull());
  it('says how it is called here', () => expect(noted('Crew', [link('work', 'a')])).toBe('Here “Crew”'));
  it('says where else it is kept', () =>
    expect(noted('Crew', [link('work', 'a'), link('home', 'b', 'Plans')])).toBe('Here “Crew”, also kept in “Plans” of home@example.org'));
});

describe('a direction', () => {
  it.each([
    ['bidirectional', 'What changes in “Here” changes in “There”, and the other way round.'],
    ['pull_only', 'What changes in “There” changes in “Here”. Nothing is sent there.'],
    ['push_only', 'What changes in “Here” is sent to “There”. Changes made there are not fetched.'],
  ] as const)('%s is told by its effect', (direction, sentence) => expect(directionSentence(direction, 'Here', 'There')).toBe(sentence));
});
