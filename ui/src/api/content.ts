/** A new event's content. */
import type { EventContent } from './generated/EventContent';
import type { When } from './generated/When';

/** Makes the content of a plain new event. */
export function newContent(title: string, when: When): EventContent {
  return {
    title,
    description: '',
    location: '',
    when,
    recurrence: null,
    status: 'confirmed',
    transparency: when.kind === 'all_day' ? 'transparent' : 'opaque',
    visibility: 'default',
    reminders: { kind: 'calendar_default' },
    attendees: [],
    organizer: null,
    conference_url: null,
    color: null,
    url: null,
    extras: {},
  };
}
