import { describe, expect, it } from 'vitest';
import type { MappingProposal } from '../api/generated/MappingProposal';
import { proposal } from '../host/demo/notion';
import { choiceOf, CREATE, isComputed, mappingErrors, mappingForm, NOTHING, noteOn, optionsOf } from './mapping';

const slotOf = (from: MappingProposal, slot: string) => {
  const found = from.slots.find((one) => one.slot === slot);
  if (!found) throw new Error(`no ${slot}`);
  return found;
};

describe('a proposal in the dialog', () => {
  it('comes back as it was, with the mark to be made', () => {
    const form = mappingForm(proposal);
    expect(choiceOf(form, proposal, 'bidirectional')).toEqual({ mapping: proposal.mapping, create: ['marker'] });
  });

  it('names what fits, what Notion computes, and what can be made', () => {
    expect(optionsOf(slotOf(proposal, 'when')).map(({ label }) => label)).toEqual(['Termin · date', 'Fällig · formula (read only)', 'Create “Date”']);
    expect(optionsOf(slotOf(proposal, 'location')).map(({ label }) => label)).toEqual(['Ort · text', 'Notizen · text', 'Create “Location”', 'Not kept in Notion']);
  });

  it('keeps on the list what is gone from Notion', () => {
    const place = slotOf(proposal, 'location');
    const gone = { ...place, candidates: [] };
    expect(optionsOf(gone).map(({ label }) => label)[0]).toBe('Ort · text (gone)');
  });

  it('is corrected', () => {
    const form = mappingForm(proposal);
    form.chosen = { ...form.chosen, location: 'p:notizen', description: NOTHING, status: CREATE };
    const { mapping, create } = choiceOf({ ...form, minutes: 30, upcoming: 3 }, proposal, 'bidirectional');
    expect(mapping.slots.location).toMatchObject({ property: { name: 'Notizen' } });
    expect([mapping.slots.description, mapping.slots.status, mapping.default_minutes, mapping.upcoming]).toEqual([undefined, undefined, 30, 3]);
    expect(create).toEqual(['status', 'marker']);
  });

  it('makes nothing where nothing is written', () => {
    const form = mappingForm(proposal);
    expect(choiceOf(form, proposal, 'pull_only').create).toEqual([]);
    form.chosen.when = 'p:faellig';
    expect([isComputed(form, proposal), choiceOf(form, proposal, 'bidirectional').create]).toEqual([true, []]);
    expect(noteOn(slotOf(proposal, 'when'), 'p:faellig')).toContain('only be read');
  });

  it('lets a property hold one thing only, and wants a date', () => {
    const form = mappingForm(proposal);
    form.chosen = { ...form.chosen, description: 'p:ort', when: NOTHING };
    expect(mappingErrors(form, proposal)).toEqual({ when: 'Choose the property that says when an event takes place.', location: 'This holds “Description” already.' });
  });
});
