// @vitest-environment jsdom
import { useState } from 'react';
import { afterEach, describe, expect, it } from 'vitest';
import { openBrowserHost } from '../../host/browser';
import type { Commands, Host } from '../../host';
import { stage, type Stage } from '../../testing/stage';
import { DeletedDialog } from './deleted-dialog';
import { HistoryDialog, type Told } from './history-dialog';
import { RunsDialog } from './runs-dialog';

const TITLE = 'Design review: onboarding';

let shown: Stage | null = null;
afterEach(async () => {
  await shown?.leave();
  shown = null;
});

function Shown({ first }: { first: Told }) {
  const [told, setTold] = useState<Told | null>(first);
  return <HistoryDialog told={told} onTelling={(telling) => setTold({ ...first, telling })} onClose={() => setTold(null)} />;
}

const world = () => openBrowserHost(new URLSearchParams('zone=Europe/Berlin&state=synced'));
const find = async (host: Host, title: string) => {
  const hit = (await host.call('search', { text: title, limit: 5 })).find((one) => one.title === title);
  if (hit === undefined) throw new Error(`no ${title}`);
  return hit.event_id;
};
const open = async (telling: Told['telling'] = 'changes', host = world(), title = TITLE) => {
  const id = await find(host, title);
  shown = await stage(() => <Shown first={{ ids: [id], title, telling }} />, '', host);
  return { ...shown, id, now: () => host.call('event', { target: { kind: 'event', id } }) };
};

/** A host of which one answer is another. */
const but = (command: keyof Commands, answer: () => Promise<unknown>): Host => {
  const host = world();
  return { ...host, call: ((name: keyof Commands, arguments_: never) => (name === command ? answer() : host.call(name, arguments_))) as Host['call'] };
};
const broken = () => Promise.reject({ code: 'store', message: 'The replica cannot be read.', field: null });

describe('the history of an event', () => {
  it('says who changed what, when, and how it read before and after', async () => {
    const { find: part, all, until, complaints } = await open();
    await part('history-line');
    await until('all changes', () => all('history-line').length === 4);
    await until('the accounts are known', () => all('history-line')[1]?.textContent.includes('A merge with Google'));
    const texts = all('history-line').map(({ textContent }) => textContent);
    expect(texts[2]).toContain('Google changed place');
    expect(texts[2]).toContain('mara@northlight.example');
    const [before, after] = ['del', 'ins'].map((mark) => all('history-line')[2]?.querySelector(mark)?.textContent);
    expect([before, after]).toEqual(['Small room', 'Studio']);
    expect(texts[3]).toContain('You made it');
    expect(all('history-line')[2]?.querySelector('time')?.title).toMatch(/\d{4} at \d\d:\d\d:\d\d/);
    expect(await complaints()).toEqual([]);
  });

  it('takes one change back, leaves what changed since, and can be undone', async () => {
    const { all, until, click, says, now } = await open();
    await until('all changes', () => all('history-line').length === 4);
    const { content: before } = await now();
    await click(all('revert-change')[1] ?? 'revert-change');
    await says(`A change of “${TITLE}” is taken back`);
    expect((await now()).content).toEqual({ ...before, description: '' });
    await until('the way back is a change of its own', () => all('history-line').length === 5);
    await click(await until('undo', () => [...document.querySelectorAll('[data-testid=toast] button')].find(({ textContent }) => textContent.startsWith('Undo'))));
    await says('Undone:');
    expect((await now()).content).toEqual(before);
  });

  it('is called what the event is called after a change of its title is taken back', async () => {
    const { all, until, click } = await open();
    await until('all changes', () => all('history-line').length === 4);
    await click(all('revert-change')[0] ?? 'revert-change');
    await until('the title of before', () => document.querySelector('[data-testid=history] h2')?.textContent === '“Design review”');
    expect(document.querySelector('[role=dialog]')?.getAttribute('aria-label')).toBe('History of “Design review”');
  });

  it('tells why', async () => {
    const { find: part, click, complaints } = await open();
    await part('history-line');
    await click(document.querySelector('[role=radiogroup] input[value=why]') ?? 'why');
    expect((await part('why')).textContent).toContain('“Team” at mara@northlight.example: the last edit waits to be sent.');
    expect(await complaints()).toEqual([]);
  });

  it('says when there is none, and when it cannot be read', async () => {
    const first = await open('changes', world(), 'Stand-up');
    await first.says('No change of it is known.');
    expect(await first.complaints()).toEqual([]);
    await first.leave();
    const second = await open('changes', but('event_history', broken));
    await second.says('The replica cannot be read.');
    expect(await second.complaints()).toEqual([]);
  });

  it('draws only what can be seen of a long one', async () => {
    const at = '2026-11-26T10:00:00Z';
    const lines = Array.from({ length: 500 }, (_, id) => ({ id, at, author: 'person', account: null, change: 'restored', fields: [], before: null }));
    const { find: part, all } = await open('changes', but('event_history', () => Promise.resolve(lines)));
    await part('history-line');
    expect(all('history-line').length).toBeLessThan(60);
    expect(all('history-line')[0]?.getAttribute('aria-setsize')).toBe('500');
  });
});

describe('what was deleted', () => {
  const dialog = (host: Host) => stage(() => <DeletedDialog isOpen onClose={() => undefined} />, '', host);

  it('is restored, and leaves the list', async () => {
    const host = world();
    shown = await dialog(host);
    const { all, until, click, says, complaints } = shown;
    await until('two events', () => all('deleted-event').length === 2);
    expect(all('deleted-event')[0]?.textContent).toContain('by the service');
    expect(await complaints()).toEqual([]);
    const title = all('deleted-event')[0]?.textContent.includes('Offsite') ? 'Offsite planning' : 'Old retrospective';
    await click(all('restore-event')[0] ?? 'restore-event');
    await says(`“${title}” is back`);
    await until('one is left', () => all('deleted-event').length === 1);
    expect(await find(host, title)).toBeTruthy();
  });

  it('may be nothing, or not to be read', async () => {
    shown = await dialog(but('deleted_events', () => Promise.resolve([])));
    await shown.says('Nothing was deleted that could be had back.');
    expect(await shown.complaints()).toEqual([]);
    await shown.leave();
    shown = await dialog(but('deleted_events', broken));
    await shown.says('The replica cannot be read.');
    expect(shown.all('deleted-event')).toEqual([]);
  });
});

describe('a sync run', () => {
  const dialog = (host: Host) => stage(() => <RunsDialog isOpen onClose={() => undefined} />, '', host);

  it('is taken back after a question that says how much it is', async () => {
    const host = world();
    shown = await dialog(host);
    const { all, until, click, find: part, complaints } = shown;
    await until('three runs', () => all('run').length === 3);
    expect(all('run').map(({ textContent }) => textContent.slice(0, 9))).toEqual(['2 deleted', '2 madeTea', '1 changed']);
    expect(await complaints()).toEqual([]);
    await click(all('ask-revert-run')[0] ?? '');
    expect((await part('ask-run')).textContent).toContain('Take back 2 changes?');
    expect(await complaints()).toEqual([]);
    expect(await host.call('deleted_events', {})).toHaveLength(2);
    await click('revert-run');
    expect((await part('run-reverted')).textContent).toBe('2 changes were taken back.');
    expect(await host.call('deleted_events', {})).toEqual([]);
  });

  it('leaves and names what was changed since', async () => {
    shown = await dialog(world());
    const { all, until, click, find: part } = shown;
    await until('three runs', () => all('run').length === 3);
    await click(all('ask-revert-run')[2] ?? '');
    await click('revert-run');
    expect((await part('run-reverted')).textContent).toBe(`Nothing was left to take back. Changed since, and left as it is: “${TITLE}”.`);
  });

  it('may not have been, or not be readable, or be refused', async () => {
    shown = await dialog(but('runs', () => Promise.resolve([])));
    await shown.says('No service has changed anything here yet.');
    await shown.leave();
    shown = await dialog(but('runs', broken));
    await shown.says('The replica cannot be read.');
    await shown.leave();
    shown = await dialog(but('revert_run', broken));
    await shown.click('ask-revert-run');
    await shown.click('revert-run');
    await shown.says('The pull was not taken back. The replica cannot be read.');
    expect(shown.all('ask-run')).toHaveLength(1);
  });
});
