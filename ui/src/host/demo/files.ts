/** Calendar files in the demo: read and written in the plainest form, as much as a look at the window needs. */
import type { CalendarView } from '../../api/generated/CalendarView';
import type { EventContent } from '../../api/generated/EventContent';
import type { ExportWish } from '../../api/generated/ExportWish';
import type { ImportChoice } from '../../api/generated/ImportChoice';
import type { ImportFate } from '../../api/generated/ImportFate';
import type { ImportPlace } from '../../api/generated/ImportPlace';
import type { ImportPreview } from '../../api/generated/ImportPreview';
import type { ImportReport } from '../../api/generated/ImportReport';
import type { UnreadableView } from '../../api/generated/UnreadableView';
import type { When } from '../../api/generated/When';
import { Temporal } from 'temporal-polyfill';
import { calendarColor } from '../../theme/hues';
import { content } from './sample';
import { refuse, type World } from './world';

interface Entry {
  uid: string;
  content: EventContent;
}

interface Contents {
  name: string | null;
  entries: Entry[];
  unreadable: UnreadableView[];
  others: number;
}

/** The files of a world. */
export class Files {
  #file: Uint8Array | null = null;
  #number = 0;
  /** Which event a UID is known by, per calendar. */
  #known = new Map<string, string>();

  constructor(readonly world: World) {}

  handIn(bytes: Uint8Array): number {
    this.#file = bytes;
    return ++this.#number;
  }

  putAway(number: number): void {
    if (number === this.#number) this.#file = null;
  }

  plan(number: number, calendarId: string | null): ImportPreview {
    const { name, entries, unreadable, others } = this.#read(number);
    const rows = entries.map((entry) => ({ title: entry.content.title, when: entry.content.when, repeats: entry.content.recurrence !== null, fate: this.#fate(entry, calendarId) }));
    const count = (fate: ImportFate) => rows.filter((row) => row.fate === fate).length;
    const order: ImportFate[] = ['changed', 'refused', 'new', 'same'];
    const sorted = rows.toSorted((left, right) => order.indexOf(left.fate) - order.indexOf(right.fate));
    return { name, new: count('new'), same: count('same'), changed: count('changed'), refused: 0, unreadable: unreadable.length, unreadable_ones: unreadable, doubts: [], others, rows: sorted.slice(0, 200) };
  }

  take(number: number, { calendar_id: calendarId, is_new: isNew }: ImportPlace, choice: ImportChoice): ImportReport {
    const { entries, unreadable } = this.#read(number);
    const report: ImportReport = { created: 0, replaced: 0, skipped: 0, same: 0, unreadable: unreadable.length, stopped: null, undo: 0 };
    report.undo = this.world.rewrite((rows) => {
      for (const entry of entries) {
        const fate = this.#fate(entry, calendarId);
        const row = rows.get(this.#known.get(`${calendarId} ${entry.uid}`) ?? '');
        if (fate === 'new') {
          this.#known.set(`${calendarId} ${entry.uid}`, this.world.add(calendarId, entry.content, 'pending').id);
          report.created += 1;
        } else if (fate === 'changed' && choice === 'replace' && row !== undefined) {
          rows.set(row.id, { ...row, content: entry.content, revision: row.revision + 1 });
          report.replaced += 1;
        } else if (fate === 'changed') report.skipped += 1;
        else report.same += 1;
      }
    });
    if (isNew) this.world.goesWith(report.undo, calendarId);
    return report;
  }

  export(wish: ExportWish): { name: string; text: string; events: number } {
    const rows = [...this.world.rows.values()].filter((row) => (wish.kind === 'calendars' ? wish.ids.includes(row.calendar_id) : wish.ids.includes(row.id)));
    const named = wish.kind === 'calendars' ? this.world.calendars.filter(({ id }) => wish.ids.includes(id)).map(({ name }) => name) : rows.map((row) => row.content.title);
    const name = (wish.kind === 'events' && named.length > 1 ? 'Events' : named.join(', ')).replaceAll(/[\\/:*?"<>|]/g, ' ');
    const events = rows.map((row) => ['BEGIN:VEVENT', `UID:${row.id}`, `SUMMARY:${row.content.title}`, ...timesOf(row.content.when), 'END:VEVENT'].join('\r\n'));
    return { name: `${name}.ics`, text: ['BEGIN:VCALENDAR', 'VERSION:2.0', ...events, 'END:VCALENDAR', ''].join('\r\n'), events: rows.length };
  }

  #fate({ uid, content: told }: Entry, calendarId: string | null): ImportFate {
    const row = calendarId === null ? undefined : this.world.rows.get(this.#known.get(`${calendarId} ${uid}`) ?? '');
    if (row === undefined) return 'new';
    return row.content.title === told.title && JSON.stringify(row.content.when) === JSON.stringify(told.when) ? 'same' : 'changed';
  }

  #read(number: number): Contents {
    if (number !== this.#number || this.#file === null) throw refuse('invalid', 'This file has been put away. Choose it again.');
    const text = new TextDecoder().decode(this.#file).replaceAll(/\r?\n[ \t]/g, '');
    if (text.trim() === '') throw refuse('invalid', 'The file cannot be imported: the file is empty.');
    if (!/^BEGIN:VCALENDAR/im.test(text)) throw refuse('invalid', 'The file cannot be imported: this is no calendar file: it does not say BEGIN:VCALENDAR.');
    const contents: Contents = { name: /^X-WR-CALNAME:(.*)$/m.exec(text)?.[1]?.trim() ?? null, entries: [], unreadable: [], others: text.split(/^BEGIN:VTODO/m).length - 1 };
    for (const part of text.split(/^BEGIN:VEVENT/m).slice(1)) {
      const value = (name: string) => new RegExp(`^${name}(;[^:]*)?:(.*)$`, 'm').exec(part)?.[2]?.trim() ?? '';
      const title = value('SUMMARY');
      const start = value('DTSTART');
      const when = whenOf(part, start, value('DTEND'), this.world.viewer);
      if (when === null) contents.unreadable.push({ title, reason: `“${start}” is no time` });
      else contents.entries.push({ uid: value('UID'), content: content(title, when) });
    }
    return contents;
  }
}

/** Reads `20270315` and `20270315T120000`. */
function whenOf(part: string, start: string, end: string, viewer: string): When | null {
  const zone = /^DTSTART;TZID=([^:;]+)/m.exec(part)?.[1] ?? viewer;
  try {
    if (/^\d{8}$/.test(start)) {
      const first = Temporal.PlainDate.from(start);
      return { kind: 'all_day', start: first.toString(), end: (end === '' ? first.add({ days: 1 }) : Temporal.PlainDate.from(end)).toString() };
    }
    const from = Temporal.PlainDateTime.from(start.replace(/Z$/, ''));
    const to = end === '' ? from.add({ hours: 1 }) : Temporal.PlainDateTime.from(end.replace(/Z$/, ''));
    const at = (time: Temporal.PlainDateTime) => ({ local: time.toString({ smallestUnit: 'second' }), zone: start.endsWith('Z') ? 'UTC' : zone });
    return { kind: 'zoned', start: at(from), end: at(to) };
  } catch {
    return null;
  }
}

function timesOf(when: When): string[] {
  const plain = (text: string) => text.replaceAll(/[-:]/g, '');
  if (when.kind === 'all_day') return [`DTSTART;VALUE=DATE:${plain(when.start)}`, `DTEND;VALUE=DATE:${plain(when.end)}`];
  if (when.kind === 'floating') return [`DTSTART:${plain(when.start)}`, `DTEND:${plain(when.end)}`];
  return [`DTSTART;TZID=${when.start.zone}:${plain(when.start.local)}`, `DTEND;TZID=${when.end.zone}:${plain(when.end.local)}`];
}

/** A file as a club might send it, for whoever starts with one in the demo. */
export function clubFile(viewer: string): Uint8Array {
  const today = Temporal.Now.plainDateISO(viewer);
  const day = (days: number) => today.add({ days }).toString().replaceAll('-', '');
  const event = (uid: string, title: string, start: string, more = '') => `BEGIN:VEVENT\r\nUID:${uid}\r\nSUMMARY:${title}\r\nDTSTART${start}\r\n${more}END:VEVENT\r\n`;
  const events = [
    event('regatta', 'Regatta', `;VALUE=DATE:${day(3)}`, `DTEND;VALUE=DATE:${day(5)}\r\n`),
    event('training', 'Training on the water', `;TZID=${viewer}:${day(1)}T180000`),
    event('supper', 'Supper at the boathouse', `;TZID=${viewer}:${day(2)}T193000`),
    event('meeting', 'General meeting', ':soon'),
  ];
  return new TextEncoder().encode(`BEGIN:VCALENDAR\r\nX-WR-CALNAME:Rowing club\r\n${events.join('')}BEGIN:VTODO\r\nUID:todo\r\nEND:VTODO\r\nEND:VCALENDAR\r\n`);
}

/** A calendar that is subscribed to. */
export function subscribed(address: string, viewer: string): CalendarView {
  const host = /^\s*(?:webcal|https?):\/\/([^/\s]+)/i.exec(address)?.[1];
  if (host === undefined) throw refuse('invalid', 'The address of a calendar begins with https:// or webcal://.');
  if (address.includes('login')) throw refuse('invalid', `There is no calendar to subscribe to at ${host}: it sends a web page instead of a calendar.`);
  const link = { id: 'link-club', integration_id: 'subscription', provider: 'ics' as const, account: `Rowing club (${host})`, remote_calendar_id: 'club', remote_name: 'Rowing club', direction: 'pull_only' as const, last_pulled_at: null, warnings: [] };
  return { id: 'club', name: 'Rowing club', color: calendarColor(3), time_zone: viewer, visible: true, default_reminders: [], writable: false, links: [link] };
}
