/** What holds what in a Notion database, as the dialog holds it, and the way from the proposal to it and back. Pure. */
import type { Candidate } from '../api/generated/Candidate';
import type { Holder } from '../api/generated/Holder';
import type { Mapping } from '../api/generated/Mapping';
import type { MappingChoice } from '../api/generated/MappingChoice';
import type { MappingProposal } from '../api/generated/MappingProposal';
import type { PropertyKind } from '../api/generated/PropertyKind';
import type { Slot } from '../api/generated/Slot';
import type { SlotProposal } from '../api/generated/SlotProposal';
import type { SyncDirection } from '../api/generated/SyncDirection';

/** What is chosen for one thing: nothing, a new property, the page's text, or `p:` and a property's id. */
export type Chosen = string;

/** It stays in the replica. */
export const NOTHING: Chosen = 'nothing';
/** Synodic makes a property for it. */
export const CREATE: Chosen = 'create';
const BODY: Chosen = 'body';

/** What the dialog holds. */
export interface MappingForm {
  chosen: Partial<Record<Slot, Chosen>>;
  /** How long an event lasts whose page says only when it begins. */
  minutes: number;
  /** How many of the next occurrences of a series get pages of their own. */
  upcoming: number;
}

/** The things in our words. */
export const SLOT_WORDS: Record<Slot, string> = {
  title: 'Title',
  when: 'Date and time',
  description: 'Description',
  location: 'Place',
  status: 'Status',
  transparency: 'Busy or free',
  attendees: 'Guests',
  url: 'Link',
  conference_url: 'Link to join',
  recurrence: 'Repetition',
  marker: 'Synodic’s mark',
  series: 'Series of a page',
};

/** What only the program needs, and what for. */
export const PROGRAM_SLOTS: Partial<Record<Slot, string>> = {
  marker: 'Tells which page is which event, so that nothing is made twice.',
  series: 'Ties the page of one occurrence to the page of its series.',
};

const KIND_WORDS: Partial<Record<PropertyKind, string>> = {
  rich_text: 'text',
  multi_select: 'several choices',
  select: 'choice',
  url: 'link',
  created_time: 'time of creation',
  last_edited_time: 'time of the last edit',
  rollup: 'roll-up',
};

const COMPUTED: ReadonlySet<PropertyKind> = new Set(['formula', 'rollup', 'created_time', 'last_edited_time']);

/** One thing that can be chosen. */
export interface Option {
  value: Chosen;
  label: string;
}

function keyOf(holder: Holder): Chosen {
  return holder.kind === 'page_body' ? BODY : `p:${holder.property.id}`;
}

function labelOf(holder: Holder): string {
  if (holder.kind === 'page_body') return 'The page’s own text';
  const { name, kind } = holder.property;
  return `${name} · ${KIND_WORDS[kind] ?? kind.replaceAll('_', ' ')}`;
}

/** Lists what can be chosen for one thing. What is gone from Notion stays on the list as long as it is chosen. */
export function optionsOf({ slot, chosen, candidates, creatable_as: name }: SlotProposal): Option[] {
  const options = candidates.map(({ holder, read_only }): Option => ({ value: keyOf(holder), label: read_only ? `${labelOf(holder)} (read only)` : labelOf(holder) }));
  if (chosen !== null && options.every(({ value }) => value !== keyOf(chosen))) options.push({ value: keyOf(chosen), label: `${labelOf(chosen)} (gone)` });
  if (name !== null) options.push({ value: CREATE, label: `Create “${name}”` });
  // Without a date or a title there is no event.
  if (slot !== 'when' && slot !== 'title') options.push({ value: NOTHING, label: 'Not kept in Notion' });
  return options;
}

/** Fills the dialog from a proposal. The mark is made with the link, when anything is written at all. */
export function mappingForm(proposal: MappingProposal): MappingForm {
  const chosen: MappingForm['chosen'] = {};
  for (const { slot, chosen: holder, creatable_as: name } of proposal.slots) {
    if (holder !== null) chosen[slot] = keyOf(holder);
    else if (name !== null && (slot === 'marker' || slot === 'when')) chosen[slot] = CREATE;
    else chosen[slot] = NOTHING;
  }
  return { chosen, minutes: proposal.mapping.default_minutes, upcoming: proposal.mapping.upcoming };
}

function holderOf(proposal: SlotProposal, chosen: Chosen | undefined): Holder | null {
  const holders = [...proposal.candidates.map(({ holder }) => holder), ...(proposal.chosen === null ? [] : [proposal.chosen])];
  return holders.find((holder) => keyOf(holder) === chosen) ?? null;
}

/** Tells what has to be known about what is chosen for one thing. */
export function noteOn(proposal: SlotProposal, chosen: Chosen | undefined): string | null {
  const candidate = proposal.candidates.find(({ holder }: Candidate) => keyOf(holder) === chosen);
  return candidate?.note ?? null;
}

/** Tells whether Notion alone decides when the events take place, so that nothing can be written there. */
export function isComputed(form: MappingForm, proposal: MappingProposal): boolean {
  const when = proposal.slots.find(({ slot }) => slot === 'when');
  const holder = when && holderOf(when, form.chosen.when);
  return holder?.kind === 'property' && COMPUTED.has(holder.property.kind);
}

/** Names what is wrong with a form, at the thing that it concerns. */
export function mappingErrors(form: MappingForm, proposal: MappingProposal): Partial<Record<Slot, string>> {
  const errors: Partial<Record<Slot, string>> = {};
  const taken = new Map<Chosen, Slot>();
  for (const { slot } of proposal.slots) {
    const chosen = form.chosen[slot] ?? NOTHING;
    if (!chosen.startsWith('p:')) continue;
    const other = taken.get(chosen);
    if (other === undefined) taken.set(chosen, slot);
    else errors[slot] = `This holds “${SLOT_WORDS[other]}” already.`;
  }
  if ((form.chosen.when ?? NOTHING) === NOTHING) errors.when = 'Choose the property that says when an event takes place.';
  return errors;
}

/** Reads the form: what is agreed on. */
export function choiceOf(form: MappingForm, proposal: MappingProposal, direction: SyncDirection): MappingChoice {
  const slots: Mapping['slots'] = {};
  const create: Slot[] = [];
  const isRead = direction === 'pull_only' || isComputed(form, proposal);
  for (const slotProposal of proposal.slots) {
    const { slot } = slotProposal;
    const chosen = form.chosen[slot];
    if (chosen === CREATE) {
      // Where nothing is written nothing is created either.
      if (!isRead || slot === 'when') create.push(slot);
      continue;
    }
    const holder = holderOf(slotProposal, chosen);
    if (holder !== null) slots[slot] = holder;
  }
  return { mapping: { ...proposal.mapping, slots, default_minutes: form.minutes, upcoming: form.upcoming }, create };
}
