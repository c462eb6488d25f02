import { describe, expect, it } from 'vitest';
import { newContent } from '../../api/content';
import type { EventContent } from '../../api/generated/EventContent';
import type { HistoryView } from '../../api/generated/HistoryView';
import { recurrenceOf } from '../../time/recurrence';
import { authorWords, changesOf, deedWords, exactly, fieldChanges, isRevertible, runWords } from './words';

const manner = { locale: 'en-GB', cycle: 'h23', weekStart: 1, viewer: 'Europe/Berlin' } as const;
const tea: EventContent = newContent('Tea', { kind: 'zoned', start: { local: '2026-11-26T16:00:00', zone: 'Europe/Berlin' }, end: { local: '2026-11-26T17:00:00', zone: 'Europe/Berlin' } });
const line = (part: Partial<HistoryView>): HistoryView => ({ id: 1, at: '2026-11-26T10:00:00Z', author: 'person', account: null, change: 'changed', fields: [], before: tea, ...part });

describe('who', () => {
  it('is told for each', () => {
    expect([authorWords('person', null), authorWords('remote', 'Google'), authorWords('remote', null), authorWords('merge', 'Notion'), authorWords('merge', null)]).toEqual(['You', 'Google', 'A service', 'A merge with Notion', 'A merge of both sides']);
  });
});

describe('what', () => {
  it.each<[Partial<HistoryView>, string]>([
    [{ change: 'created' }, 'made it'],
    [{ change: 'deleted' }, 'deleted it'],
    [{ change: 'restored' }, 'brought it back'],
    [{ fields: ['title'] }, 'changed title'],
    [{ fields: ['title', 'location', 'when'] }, 'changed title, place and time'],
    [{ fields: ['title', 'location', 'when', 'color'] }, 'changed 4 things'],
    [{}, 'changed it'],
  ])('%j', (part, words) => expect(deedWords(line(part))).toBe(words));
});

describe('each field', () => {
  it('is told as it was and as it became, though a later change wrote over it', () => {
    const entries = [line({ id: 3, fields: ['title'], before: { ...tea, title: 'Coffee' } }), line({ id: 2, fields: ['title'], before: tea }), line({ id: 1, change: 'created', before: null })];
    const told = changesOf(entries, { ...tea, title: 'Cocoa' }).map((change) => fieldChanges(change, manner, 2026).map(({ name, before, after }) => [name, before, after]));
    expect(told).toEqual([
      [['Title', 'Coffee', 'Cocoa']],
      [['Title', 'Tea', 'Coffee']],
      [['Title', null, 'Tea'], ['Time', null, 'Thu 26 Nov, 16:00 – 17:00 · 1 h']],
    ]);
  });

  it('of what was deleted is what it said last', () => {
    const [deleted] = changesOf([line({ change: 'deleted' })], null);
    expect(deleted && fieldChanges(deleted, manner, 2026).map(({ before, after }) => [before, after])).toEqual([['Tea', null], ['Thu 26 Nov, 16:00 – 17:00 · 1 h', null]]);
  });

  it('says what differs where both sides read alike', () => {
    const ada = { email: 'ada@x.org', name: 'Ada', optional: false, resource: false, response: 'needs_action' as const, is_self: false };
    const bob = { ...ada, email: 'bob@x.org', name: 'Bob' };
    const before = { ...tea, attendees: [ada, bob], recurrence: recurrenceOf('FREQ=DAILY') };
    const after: EventContent = { ...before, attendees: [{ ...ada, response: 'accepted' }, bob], recurrence: { ...recurrenceOf('FREQ=DAILY'), exclusion_dates: [{ kind: 'zoned', time: { local: '2026-12-03T16:00:00', zone: 'Europe/Berlin' } }] } };
    const told = fieldChanges({ entry: line({ fields: ['attendees', 'recurrence', 'color'], before }), after }, manner, 2026);
    expect(told.map(({ before: old, after: now }) => [old, now])).toEqual([['Ada: not answered', 'Ada: accepted'], [null, 'without Thu 3 Dec'], [null, 'Changed in a detail']]);
  });
});

it('only what is gone is restored, only what is there is taken back', () => {
  expect([isRevertible('deleted', false), isRevertible('deleted', true), isRevertible('changed', true), isRevertible('created', false)]).toEqual([true, false, true, false]);
});

it('an instant is written out in the reader’s zone', () => {
  expect(exactly('2026-11-26T10:00:05Z', manner)).toBe('Thursday, 26 November 2026 at 11:00:05');
});

it('a run names what it did and nothing that it did not', () => {
  expect(runWords({ created: 3, changed: 0, deleted: 1 })).toBe('3 made, 1 deleted');
});
