/** A Notion workspace whose properties have German names, as the provider would describe it. */
import type { DataSource } from '../../api/generated/DataSource';
import type { Holder } from '../../api/generated/Holder';
import type { Mapping } from '../../api/generated/Mapping';
import type { MappingChoice } from '../../api/generated/MappingChoice';
import type { MappingPlanView } from '../../api/generated/MappingPlanView';
import type { MappingProposal } from '../../api/generated/MappingProposal';
import type { PropertyKind } from '../../api/generated/PropertyKind';
import type { Slot } from '../../api/generated/Slot';
import type { SlotProposal } from '../../api/generated/SlotProposal';

/** The id of the workspace's account. */
export const STUDIO = 'integration-studio';
/** The account at a calendar server that can be connected. */
export const SERVER = 'integration-server';

const source = (id: string, title: string, icon: string): DataSource => ({ id, title, icon, database: `database-${id}`, url: `https://notion.example/${id}` });

/** The databases that are shared with Synodic. */
export const SOURCES: readonly DataSource[] = [source('projekte', 'Projekte', '📐'), source('redaktion', 'Redaktionsplan', '🗞️'), source('leseliste', 'Leseliste', '📚')];

const held = (id: string, name: string, kind: PropertyKind): Holder => ({ kind: 'property', property: { id, name, kind, meanings: {} } });
const title = held('title', 'Name', 'title');
const date = held('termin', 'Termin', 'date');
const due = held('faellig', 'Fällig', 'formula');
const place = held('ort', 'Ort', 'rich_text');
const notes = held('notizen', 'Notizen', 'rich_text');
const state = held('stand', 'Stand', 'status');
const team = held('team', 'Team', 'people');
const body: Holder = { kind: 'page_body' };

const COMPUTED = 'Notion computes it, so events can only be read, and a change is seen late: Notion does not tell of it.';

function slot(name: Slot, chosen: Holder | null, candidates: Holder[], creatable: string | null = null, remarks: Record<string, string> = {}): SlotProposal {
  return {
    slot: name,
    chosen,
    reason: chosen?.kind === 'property' ? `“${chosen.property.name}” fits by its name and type.` : 'No property is clearly meant for it.',
    candidates: candidates.map((holder) => ({ holder, read_only: holder === due, note: holder.kind === 'property' ? (remarks[holder.property.id] ?? null) : 'Each page is read with a request of its own, three a second.' })),
    creatable_as: creatable,
  };
}

const slots: SlotProposal[] = [
  slot('title', title, [title]),
  slot('when', date, [date, due], 'Date', { faellig: COMPUTED }),
  slot('description', notes, [notes, place, body]),
  slot('location', place, [place, notes], 'Location'),
  slot('status', state, [state], 'Status'),
  slot('transparency', null, [], 'Busy'),
  slot('attendees', team, [team], null, { team: 'Only members of the workspace can stand there; they are read, never written.' }),
  slot('url', null, [], 'Link'),
  slot('conference_url', null, []),
  slot('recurrence', null, [], 'Repeats'),
  slot('marker', null, [], 'Synodic'),
  slot('series', null, [], 'Series'),
];

/** What is proposed for any of them. */
export const proposal: MappingProposal = {
  source: source('projekte', 'Projekte', '📐'),
  slots,
  mapping: {
    slots: Object.fromEntries(slots.flatMap(({ slot: name, chosen }) => (chosen === null ? [] : [[name, chosen]]))),
    default_minutes: 60,
    zone: 'Europe/Berlin',
    upcoming: 0,
  },
  problem: null,
  warnings: ['“Team” holds people of the workspace. They are read as guests, and never written.'],
};

/** What another mapping comes to: what it gains a place for is written on a few pages. */
export function planOf(before: Mapping, { mapping, create }: MappingChoice): MappingPlanView {
  const gained = Object.keys(mapping.slots).filter((name) => !(name in before.slots)).concat(create.filter((name) => name !== 'marker'));
  const titles = gained.length > 0 ? ['Kick-off', 'Review'] : [];
  return { written_there: titles.length, taken_here: 0, differing: 0, pages_made: 0, pages_removed: 0, written_there_titles: titles, taken_here_titles: [], differing_titles: [] };
}
