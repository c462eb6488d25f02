/** What became of the events of the world in memory: seen by comparing its rows, told and taken back like the engine does. */
import { Temporal } from 'temporal-polyfill';
import type { Author } from '../../api/generated/Author';
import type { ChangeKind } from '../../api/generated/ChangeKind';
import type { DeletedView } from '../../api/generated/DeletedView';
import type { EditReceipt } from '../../api/generated/EditReceipt';
import type { EventContent } from '../../api/generated/EventContent';
import type { Field } from '../../api/generated/Field';
import type { HistoryView } from '../../api/generated/HistoryView';
import type { RunKey } from '../../api/generated/RunKey';
import type { RunReverted } from '../../api/generated/RunReverted';
import type { RunView } from '../../api/generated/RunView';
import { changedFields } from '../../time/series';
import { refuse, type Row, type World } from './world';

interface Entry extends HistoryView {
  row: Row;
  run: RunKey | null;
}

/** Who made a change, and when. */
export interface Source {
  author: Author;
  account?: string;
  run?: RunKey;
  at?: string;
}

/** The history of a world. */
export class Ledger {
  #entries: Entry[] = [];
  #known: Map<string, Row>;
  #next = 1;

  constructor(readonly world: World) {
    this.#known = new Map(world.rows);
  }

  /** Writes down what has changed since the last time. */
  note({ author, account, run, at = Temporal.Now.instant().toString({ smallestUnit: 'second' }) }: Source): void {
    const before = this.#known;
    this.#known = new Map(this.world.rows);
    for (const id of new Set([...before.keys(), ...this.#known.keys()])) {
      const [old, now] = [before.get(id), this.#known.get(id)];
      const row = now ?? old;
      const fields = old && now ? changedFields(old.content, now.content) : [];
      const change = kindOf(old, now, this.#entries.some((entry) => entry.row.id === id && entry.change === 'deleted'));
      if (row === undefined || (change === 'changed' && fields.length === 0)) continue;
      this.#entries.unshift({ id: this.#next++, at, author, account: account ?? null, change, fields: fields as Field[], before: old?.content ?? null, row, run: run ?? null });
    }
  }

  /** What became of an event, the latest first. */
  of(id: string): HistoryView[] {
    return this.#entries
      .filter((entry) => entry.row.id === id)
      .map((entry): HistoryView => ({ id: entry.id, at: entry.at, author: entry.author, account: entry.account, change: entry.change, fields: entry.fields, before: entry.before }));
  }

  why(id: string): string[] {
    const who = ({ author, account }: Entry) => (author === 'person' ? 'You' : author === 'remote' ? (account ?? 'The service') : 'A merge');
    const told = this.#entries.filter((entry) => entry.row.id === id).slice(0, 5).map((entry) => `${who(entry)} ${entry.change} it${entry.fields.length > 0 ? `: ${entry.fields.join(', ')}` : ''}.`);
    const row = this.world.rows.get(id);
    const links = this.world.calendars.find((calendar) => calendar.id === row?.calendar_id)?.links ?? [];
    const stands = links.map(({ remote_name, account }) => `“${remote_name}” at ${account}: ${row?.error ?? STANDS[row?.mark ?? 'synced']}`);
    return [...told, ...stands];
  }

  deleted(): DeletedView[] {
    const seen = new Set<string>();
    return this.#entries.flatMap(({ id, at, author, change, before, row }) => {
      if (change !== 'deleted' || before === null || this.world.rows.has(row.id) || seen.has(row.id)) return [];
      seen.add(row.id);
      const calendar = this.world.calendars.find((one) => one.id === row.calendar_id);
      return calendar === undefined ? [] : [{ history_id: id, event_id: row.id, title: before.title, when: before.when, calendar_id: calendar.id, calendar: calendar.name, deleted_at: at, author }];
    });
  }

  revert(id: number): EditReceipt {
    const entry = this.#entries.find((one) => one.id === id);
    if (entry === undefined) throw refuse('not_found', 'This change is not there any more. Look at the calendar again.');
    const undo = this.world.rewrite((rows) => this.#takeBack(rows, entry));
    const isThere = this.world.rows.has(entry.row.id);
    return { event: isThere ? this.world.event({ kind: 'event', id: entry.row.id }) : null, undo };
  }

  runs(): RunView[] {
    const keys = new Map(this.#entries.flatMap(({ run }) => (run === null ? [] : [[JSON.stringify(run), run]])));
    return [...keys.values()].map((run) => {
      const own = this.#ofRun(run);
      const count = (kind: ChangeKind) => own.filter(({ change }) => change === kind).length;
      const link = this.world.calendars.flatMap(({ links }) => links).find(({ id }) => id === run.link_id);
      return { run, remote_name: link?.remote_name ?? '', account: link?.account ?? '', created: count('created'), changed: count('changed') + count('restored'), deleted: count('deleted') };
    });
  }

  revertRun(run: RunKey): RunReverted {
    const own = this.#ofRun(run);
    const isLater = (entry: Entry) => this.#entries.some((other) => other.row.id === entry.row.id && other.id > entry.id);
    const skipped = own.filter(isLater);
    const taken = own.filter((entry) => !isLater(entry));
    const undo = this.world.rewrite((rows) => {
      for (const entry of taken) this.#takeBack(rows, entry);
    });
    return { reverted: taken.length, skipped: skipped.map(({ row }) => (this.world.rows.get(row.id) ?? row).content.title), undo };
  }

  #ofRun(run: RunKey): Entry[] {
    return this.#entries.filter((entry) => JSON.stringify(entry.run) === JSON.stringify(run));
  }

  /** What has changed since in other fields stays. */
  #takeBack(rows: Map<string, Row>, { row, change, before, fields }: Entry): void {
    const now = rows.get(row.id);
    if (change === 'created' || change === 'restored') rows.delete(row.id);
    else if (change === 'deleted' && before !== null) rows.set(row.id, { ...row, content: before });
    else if (now !== undefined && before !== null) {
      const old = Object.fromEntries(fields.map((field) => [field, before[field as keyof EventContent]]));
      rows.set(row.id, { ...now, content: { ...now.content, ...old }, revision: now.revision + 1 });
    }
  }
}

const STANDS = { local: 'nothing is sent.', synced: 'it is the same there.', pending: 'the last edit waits to be sent.', conflict: 'it was changed here and there, and waits for your decision.', failed: 'the last edit was refused.' } as const;

function kindOf(old: Row | undefined, now: Row | undefined, wasDeleted: boolean): ChangeKind {
  if (old === undefined) return wasDeleted ? 'restored' : 'created';
  return now === undefined ? 'deleted' : 'changed';
}

/** Gives the sample a past: changes from here, from there and of both, deletions, and three pulls. */
export function withPast(world: World): Ledger {
  const now = Temporal.Now.instant();
  const ago = (hours: number) => now.subtract({ minutes: hours * 60 }).toString({ smallestUnit: 'second' });
  const link = world.calendars.find(({ id }) => id === 'team')?.links[0];
  const row = [...world.rows.values()].find(({ content }) => content.title === 'Design review: onboarding');
  if (row === undefined || link === undefined) return new Ledger(world);
  const { account } = link;
  const pull = (hours: number): Source => ({ author: 'remote', account, run: { link_id: link.id, at: ago(hours) }, at: ago(hours) });
  world.rows.delete(row.id);
  const ledger = new Ledger(world);
  const steps: [Partial<EventContent>, Source][] = [
    [{ title: 'Design review', location: 'Small room', description: '' }, { author: 'person', at: ago(90) }],
    [{ location: row.content.location }, pull(30)],
    [{ description: row.content.description }, { author: 'merge', account, at: ago(29) }],
    [{ title: row.content.title }, { author: 'person', at: ago(2) }],
  ];
  for (const [change, source] of steps) {
    world.rows.set(row.id, { ...row, content: { ...(world.rows.get(row.id) ?? row).content, ...change } });
    ledger.note(source);
  }
  const pulled = ['Offsite planning', 'Old retrospective'].map((title) => world.add('team', { ...row.content, title, attendees: [], organizer: null }));
  ledger.note(pull(5));
  for (const { id } of pulled) world.rows.delete(id);
  ledger.note(pull(1));
  return ledger;
}
