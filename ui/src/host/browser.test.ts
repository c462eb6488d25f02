import { Temporal } from 'temporal-polyfill';
import { describe, expect, it } from 'vitest';
import { newContent } from '../api/content';
import { targetOf } from '../api/targets';
import { openBrowserHost } from './browser';
import { STATES } from './demo/snapshots';
import type { Host } from './host';

const open = (query = 'state=synced') => openBrowserHost(new URLSearchParams(`zone=Europe/Berlin&${query}`));
const monday = Temporal.Now.plainDateISO('Europe/Berlin');
const week = {
  from: monday.subtract({ days: monday.dayOfWeek - 1 }).toZonedDateTime('Europe/Berlin').toInstant().toString(),
  to: monday.add({ days: 8 - monday.dayOfWeek }).toZonedDateTime('Europe/Berlin').toInstant().toString(),
  viewer: 'Europe/Berlin',
};
const shown = (host: Host) => host.call('occurrences', { window: week });

describe('the world in memory', () => {
  it('has a believable week', async () => {
    const titles = (await shown(open())).map(({ title }) => title);
    expect(titles.filter((title) => title === 'Stand-up')).toHaveLength(5);
    expect(titles.length).toBeGreaterThan(20);
  });

  it('creates, changes, deletes and takes everything back', async () => {
    const host = open();
    const before = await shown(host);
    const when = { kind: 'all_day', start: monday.toString(), end: monday.add({ days: 1 }).toString() } as const;
    const created = await host.call('create_event', { draft: { calendar_id: 'home', content: newContent('New', when) } });
    expect(await shown(host)).toHaveLength(before.length + 1);
    const target = { kind: 'event', id: created.event?.id ?? '' } as const;
    const changed = await host.call('change_event', { change: { target, content: newContent('Newer', when), seen_revision: 1 } });
    expect(changed.event).toMatchObject({ revision: 2, content: { title: 'Newer' } });
    await expect(host.call('change_event', { change: { target, content: newContent('Lost', when), seen_revision: 1 } })).rejects.toMatchObject({ code: 'stale' });
    const removed = await host.call('delete_event', { target });
    const redo = await host.call('undo', { token: removed.undo });
    expect((await host.call('event', { target })).content.title).toBe('Newer');
    await host.call('undo', { token: redo.undo });
    await host.call('undo', { token: changed.undo });
    await host.call('undo', { token: created.undo });
    expect(await shown(host)).toEqual(before);
  });

  it('changes and deletes one occurrence without touching the others', async () => {
    const host = open();
    const standUps = (await shown(host)).filter(({ title }) => title === 'Stand-up');
    const [first, second] = standUps;
    if (!first || !second) throw new Error('no stand-ups');
    const event = await host.call('event', { target: targetOf(first) });
    expect(event.content.recurrence).toBeNull();
    await host.call('change_event', { change: { target: targetOf(first), content: { ...event.content, title: 'Sit-down' }, seen_revision: event.revision } });
    await host.call('delete_event', { target: targetOf(second) });
    const titles = (await shown(host)).map(({ title }) => title);
    expect(titles.filter((title) => title === 'Stand-up')).toHaveLength(3);
    expect(titles.filter((title) => title === 'Sit-down')).toHaveLength(1);
  });

  it('refuses to change what can only be read', async () => {
    const host = open();
    const release = (await shown(host)).find(({ title }) => title === 'Release 4.2');
    if (!release) throw new Error('no release');
    expect(release.read_only).toBe(true);
    await expect(host.call('delete_event', { target: targetOf(release) })).rejects.toMatchObject({ code: 'read_only' });
  });

  it.each(STATES)('can hold the state %s', async (state) => {
    expect(await open(`state=${state}`).call('sync_snapshot', {})).toMatchObject({ state });
  });

  it('says what changed, until nobody listens', async () => {
    const host = open();
    const heard: string[] = [];
    const stop = host.listen('replica-change', ({ kind }) => heard.push(kind));
    await host.call('set_calendar_visible', { calendar_id: 'home', visible: false });
    stop();
    await host.call('set_calendar_visible', { calendar_id: 'home', visible: true });
    expect(heard).toEqual(['calendars']);
  });
});
