import { describe, expect, it } from 'vitest';
import { newContent } from '../../api/content';
import type { Field } from '../../api/generated/Field';
import { recurrenceOf } from '../../time/recurrence';
import { conflictSentence, fieldText } from './words';

const manner = { locale: 'en-GB', cycle: 'h23', weekStart: 1, viewer: 'Europe/Berlin' } as const;
const content = {
  ...newContent('Tea', { kind: 'zoned', start: { local: '2026-11-26T16:00:00', zone: 'Europe/Berlin' }, end: { local: '2026-11-26T17:00:00', zone: 'Europe/Berlin' } }),
  description: '<p>Bring <b>cake</b></p>',
  recurrence: recurrenceOf('FREQ=WEEKLY'),
  attendees: [{ email: 'ada@x.org', name: 'Ada', optional: false, resource: false, response: 'accepted' as const, is_self: false }],
};

describe('one side of a conflict', () => {
  it.each<[Field, string]>([
    ['title', 'Tea'], ['when', 'Thu 26 Nov, 16:00 – 17:00 · 1 h'], ['description', 'Bring cake'], ['location', '–'], ['recurrence', 'Every week'], ['attendees', 'Ada'], ['transparency', 'Busy'], ['status', 'Confirmed'], ['color', '–'], ['organizer', '–'],
    ['reminders', 'Reminders as the calendar says'],
  ])('%s', (field, words) => expect(fieldText(content, field, manner, 2026)).toBe(words));
});

describe('what has happened', () => {
  it('is told for each kind', () => {
    expect(conflictSentence({ local: content, remote: content, open: true }, 'Google')).toBe('It was changed here and at Google. Until you decide, each side keeps its own.');
    expect(conflictSentence({ local: null, remote: content, open: true }, 'Google')).toContain('deleted here, and changed at Google');
    expect(conflictSentence({ local: content, remote: null, open: false }, 'Google')).toContain('deleted at Google meanwhile. The later edit was taken.');
  });
});
