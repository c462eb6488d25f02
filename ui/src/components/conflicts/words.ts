/** The two sides of a conflict in words. Pure. */
import type { ConflictView } from '../../api/generated/ConflictView';
import type { EventContent } from '../../api/generated/EventContent';
import type { Field } from '../../api/generated/Field';
import { describeWhen, type Manner } from '../../time/format';
import { describeRecurrence } from '../../time/recurrence';
import { describeReminders } from '../fields/reminders';

/** What the parts of an event are called. */
export const FIELD_NAMES: Record<Field, string> = {
  title: 'Title',
  description: 'Description',
  location: 'Place',
  when: 'Time',
  recurrence: 'Repetition',
  status: 'Status',
  transparency: 'Shown as',
  visibility: 'Visibility',
  reminders: 'Reminders',
  attendees: 'Guests',
  organizer: 'Organiser',
  conference_url: 'Link to join',
  color: 'Colour',
  url: 'Link',
};

/** Says one part of an event in words; a dash where it says nothing. */
export function fieldText(content: EventContent, field: Field, manner: Manner, thisYear: number): string {
  return textOf(content, field, manner, thisYear) || '–';
}

function textOf(content: EventContent, field: Field, manner: Manner, thisYear: number): string {
  switch (field) {
    case 'when': {
      const { days, times, elsewhere } = describeWhen(content.when, manner, thisYear);
      return [days, times, ...(elsewhere === null ? [] : [`(${elsewhere})`])].join(', ');
    }
    case 'recurrence':
      return content.recurrence === null ? 'Does not repeat' : describeRecurrence(content.recurrence, manner.locale);
    case 'reminders':
      return describeReminders(content.reminders);
    case 'attendees':
      return content.attendees.map(({ name, email }) => (name === '' ? email : name)).join(', ');
    case 'organizer':
      return content.organizer === null ? '' : content.organizer.name || content.organizer.email;
    case 'transparency':
      return content.transparency === 'opaque' ? 'Busy' : 'Free';
    case 'status':
    case 'visibility':
      return content[field].charAt(0).toUpperCase() + content[field].slice(1);
    case 'description':
      return content.description.replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' ').trim();
    case 'title':
    case 'location':
      return content[field];
    case 'conference_url':
    case 'color':
    case 'url':
      return content[field] ?? '';
  }
}

/** Says in a sentence what has happened. */
export function conflictSentence({ local, remote, open }: Pick<ConflictView, 'local' | 'remote' | 'open'>, service: string): string {
  const end = open ? 'Until you decide, each side keeps its own.' : 'The later edit was taken. The other can be had back.';
  if (local === null) return `It was deleted here, and changed at ${service} meanwhile. ${end}`;
  if (remote === null) return `It was changed here, and deleted at ${service} meanwhile. ${end}`;
  return `It was changed here and at ${service}. ${end}`;
}
