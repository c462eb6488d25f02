/** A believable fortnight of a person with two accounts, around the week of `today`. */
import { Temporal } from 'temporal-polyfill';
import type { Attendee } from '../../api/generated/Attendee';
import type { CalendarView } from '../../api/generated/CalendarView';
import type { EventContent } from '../../api/generated/EventContent';
import type { ResponseStatus } from '../../api/generated/ResponseStatus';
import type { When } from '../../api/generated/When';
import { calendarColor } from '../../theme/hues';
import { recurrenceOf } from '../../time/recurrence';
import { World } from './world';

export const WORK = 'integration-work';
export const HOME = 'integration-home';
const WORK_ACCOUNT = 'mara@northlight.example';
const HOME_ACCOUNT = 'mara.lindqvist@mail.example';

/** Makes a plain event. */
export function content(title: string, when: When, more: Partial<EventContent> = {}): EventContent {
  return {
    title,
    description: '',
    location: '',
    when,
    recurrence: null,
    status: 'confirmed',
    transparency: 'opaque',
    visibility: 'default',
    reminders: { kind: 'calendar_default' },
    attendees: [],
    organizer: null,
    conference_url: null,
    color: null,
    url: null,
    extras: {},
    ...more,
  };
}

function calendar(id: string, name: string, hue: number, zone: string, account: string | null, isWritable = true): CalendarView {
  const integration = account === WORK_ACCOUNT ? WORK : HOME;
  return {
    id,
    name,
    color: calendarColor(hue),
    time_zone: zone,
    visible: true,
    default_reminders: [],
    writable: isWritable,
    links:
      account === null
        ? []
        : [
            {
              id: `link-${id}`,
              integration_id: integration,
              provider: 'google',
              account,
              remote_calendar_id: `${id}@group.calendar.example`,
              remote_name: name,
              direction: isWritable ? 'bidirectional' : 'pull_only',
              last_pulled_at: Temporal.Now.instant().subtract({ minutes: 2 }).toString({ smallestUnit: 'second' }),
            },
          ],
  };
}

function person(name: string, response: ResponseStatus, is_self = false): Attendee {
  const email = is_self ? WORK_ACCOUNT : `${name.split(' ')[0]?.toLowerCase() ?? name}@northlight.example`;
  return { email, name, optional: false, resource: false, response, is_self };
}

/** Fills a world with calendars and events. */
export function sampleWorld(viewer: string, today: Temporal.PlainDate): World {
  const world = new World(viewer);
  world.calendars = [
    calendar('team', 'Team', 0, viewer, WORK_ACCOUNT),
    calendar('mine', 'Mara', 2, viewer, WORK_ACCOUNT),
    calendar('releases', 'Releases', 7, viewer, WORK_ACCOUNT, false),
    calendar('home', 'Home', 4, viewer, HOME_ACCOUNT),
    calendar('climbing', 'Climbing', 10, viewer, HOME_ACCOUNT),
    calendar('notes', 'Private', 9, viewer, null),
  ];
  const monday = today.subtract({ days: today.dayOfWeek - 1 });
  const at = (day: number, start: string, end: string, zone = viewer, endZone = zone): When => ({
    kind: 'zoned',
    start: { local: `${monday.add({ days: day }).toString()}T${start}:00`, zone },
    end: { local: `${monday.add({ days: day }).toString()}T${end}:00`, zone: endZone },
  });
  const days = (day: number, length = 1): When => ({
    kind: 'all_day',
    start: monday.add({ days: day }).toString(),
    end: monday.add({ days: day + length }).toString(),
  });
  const everyWeek = recurrenceOf('FREQ=WEEKLY');
  const team = [person('Mara Lindqvist', 'accepted', true), person('Idris Cole', 'accepted'), person('Priya Raman', 'tentative'), person('Tomás Vega', 'needs_action')];
  const meet = 'https://meet.example/nor-thli-ght';

  world.add('team', content('Stand-up', at(-42, '09:15', '09:30'), { recurrence: recurrenceOf('FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR'), conference_url: meet, attendees: team }));
  world.add('team', content('Planning', at(-42, '10:00', '11:30'), { recurrence: recurrenceOf('FREQ=WEEKLY;INTERVAL=2;BYDAY=MO'), location: 'Long room', attendees: team, conference_url: meet, organizer: { email: 'idris@northlight.example', name: 'Idris Cole', is_self: false }, description: '<p>Bring the <b>numbers</b> from last week.</p><ul><li>What shipped</li><li>What slipped</li><li><a href="https://wiki.example/plan">The plan</a></li></ul>' }));
  world.add('mine', content('Write the sync notes', at(0, '13:00', '15:00'), { transparency: 'opaque', description: 'Quiet hours. No calls.' }));
  world.add('team', content('Design review: onboarding', at(1, '11:00', '12:00'), { location: 'Studio', attendees: team, conference_url: meet, description: 'Bring the first three screens.' }), 'pending');
  world.add('mine', content('Lunch with Priya', at(1, '12:30', '13:30'), { location: 'Café Ida', status: 'tentative' }));
  world.add('team', content('Interview: platform engineer', at(1, '15:00', '16:00'), { attendees: [person('Mara Lindqvist', 'needs_action', true), person('Idris Cole', 'accepted')] }));
  world.add('mine', content('Call with Lisbon', at(2, '10:00', '10:45', 'Europe/Lisbon'), { conference_url: meet }));
  world.add('team', content('Architecture', at(2, '10:30', '12:00'), { location: 'Long room', attendees: team }));
  world.add('team', content('Budget round', at(2, '14:00', '15:00'), { attendees: [person('Mara Lindqvist', 'declined', true)] }));
  world.add('mine', content('Focus', at(2, '13:00', '17:00'), { transparency: 'transparent' }));
  world.add('team', content('Retro', at(-38, '15:30', '16:30'), { recurrence: recurrenceOf('FREQ=WEEKLY;INTERVAL=2;BYDAY=FR'), attendees: team }));
  world.add('mine', content('1:1 Idris', at(-39, '14:00', '14:30'), { recurrence: { ...everyWeek, rules: ['FREQ=WEEKLY;BYDAY=TH'] }, conference_url: meet }));
  world.add('team', content('Release rehearsal', at(3, '10:00', '11:00'), { location: 'Lab' }), 'failed', 'Google says you may not change events of “Team”.');
  world.add('team', content('Hiring sync', at(3, '11:00', '11:30'), {}), 'conflict');
  world.add('mine', content('Flight to Lisbon', { kind: 'zoned', start: { local: `${monday.add({ days: 4 }).toString()}T17:40:00`, zone: viewer }, end: { local: `${monday.add({ days: 4 }).toString()}T20:05:00`, zone: 'Europe/Lisbon' } }, { location: 'Gate 14' }));
  world.add('home', content('Dentist', at(4, '08:00', '08:45'), { location: 'Dr. Okafor, Mill Street 4', reminders: { kind: 'custom', reminders: [{ minutes_before: 60, method: 'popup' }] } }));
  world.add('home', content('Parents visit', days(5, 2)));
  world.add('home', content('Farmers’ market', at(5, '09:30', '11:00')));
  world.add('home', content('Dinner at Noor’s', at(5, '19:00', '22:00'), { location: 'Harbour Lane 9' }));
  world.add('climbing', content('Bouldering', at(-41, '18:30', '20:30'), { recurrence: recurrenceOf('FREQ=WEEKLY;BYDAY=TU,TH') }));
  world.add('climbing', content('Crag day', days(6)));
  world.add('releases', content('Code freeze', days(1, 3)));
  world.add('releases', content('Release 4.2', days(4)));
  world.add('notes', content('Read: chapter 7', at(0, '20:00', '21:00'), { transparency: 'transparent' }));
  world.add('team', content('Quarterly review', at(8, '10:00', '12:00'), { attendees: team, location: 'Auditorium' }));
  world.add('mine', content('Customer visit', at(8, '14:00', '17:00')));
  world.add('mine', content('Workshop', days(9, 2)));
  world.add('team', content('Show and tell', at(10, '16:00', '17:00')));
  world.add('home', content('School concert', at(9, '17:30', '19:00')));
  world.add('home', content('Rent', days(8), { recurrence: recurrenceOf('FREQ=MONTHLY') }));
  world.add('home', content('Freja’s birthday', days(12), { recurrence: recurrenceOf('FREQ=YEARLY') }));
  world.add('climbing', content('Route setting', at(-2, '14:00', '17:00')));
  world.add('mine', content('Offsite', days(-5, 2)));
  world.add('team', content('Post-mortem', at(-6, '13:00', '14:00'), { status: 'cancelled' }));
  world.add('home', content('Choir', at(-40, '19:00', '21:00'), { recurrence: recurrenceOf('FREQ=WEEKLY;BYDAY=WE') }));
  world.add('home', content('Autumn break', days(-21, 5)));
  world.add('mine', content('Tax papers', at(-19, '16:00', '17:30')));
  world.add('home', content('Cinema with Jo', at(-17, '20:00', '22:30')));
  world.add('team', content('Roadmap', at(-13, '13:00', '15:00'), { attendees: team }));
  world.add('climbing', content('Lead course', days(-9, 2)));
  world.add('home', content('Brunch', at(-8, '11:00', '13:00')));
  return world;
}
