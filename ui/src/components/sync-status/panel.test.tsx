// @vitest-environment jsdom
import { useState } from 'react';
import { afterEach, describe, expect, it } from 'vitest';
import { useSnapshot } from '../../api/queries';
import { STATES } from '../../host/demo/snapshots';
import type { ConflictView } from '../../api/generated/ConflictView';
import { ConflictDialog } from '../conflicts/conflict-dialog';
import { stage, type Stage } from '../../testing/stage';
import { BannerLine } from './banner-line';
import { SyncIndicator } from './indicator';

function Shown() {
  const [isOpen, setOpen] = useState(false);
  const snapshot = useSnapshot();
  const [compared, setCompared] = useState<ConflictView | null>(null);
  return (
    <>
      <SyncIndicator isOpen={isOpen} onOpen={setOpen} onConnect={() => undefined} onDashboard={() => undefined} onOpenEvent={() => undefined} onCompare={setCompared} />
      <ConflictDialog conflict={compared} onClose={() => setCompared(null)} />
      {snapshot && <BannerLine snapshot={snapshot} onLook={() => setOpen(true)} />}
    </>
  );
}

let shown: Stage | null = null;
const open = async (state: string) => {
  shown = await stage(() => <Shown />, `state=${state}`);
  await shown.find('sync-indicator');
  return shown;
};
afterEach(async () => {
  await shown?.leave();
  shown = null;
});

describe('a plan that would remove much', () => {
  it('is looked at from the banner, and carried out at a second click', async () => {
    const { click, find, says, all, until } = await open('review');
    await click('banner-look');
    expect((await find('link-trouble')).textContent).toContain('214 of 214 events are missing');
    await click('approve-removals');
    expect(all('sync-indicator')[0]?.dataset.state).toBe('review');
    await click('approve-surely');
    await until('it is carried out', () => all('sync-indicator')[0]?.dataset.state === 'synced');
    await says('Everything here and there is the same.');
  });

  it('can be looked for again instead', async () => {
    const { click, until, all } = await open('review');
    await click('banner-look');
    await click('look-again');
    await until('the account is asked', () => document.querySelector('[data-testid=sync-panel]')?.textContent.includes('Fetching'));
    expect(all('link-trouble').length).toBe(1);
  });
});

describe('a conflict', () => {
  it('is compared, and decided field by field', async () => {
    const { host, click, find, all, says, until, complaints } = await open('conflict');
    const asked: unknown[] = [];
    const call = host.call;
    host.call = (command, arguments_) => {
      if (command === 'resolve_conflict') asked.push(arguments_);
      return call(command, arguments_);
    };
    await click('sync-indicator');
    await click('compare');
    await says('It was changed here and at Google.');
    expect(all('conflict-field').map((row) => row.querySelector('th')?.textContent)).toEqual(['Titlebefore: Hiring sync', 'Placebefore: –']);
    expect(((await find('title-local')) as HTMLInputElement).checked).toBe(true);
    await click('title-remote');
    expect(await complaints()).toEqual([]);
    await click('decide');
    await until('it is decided', () => all('decide').length === 0);
    expect(asked).toMatchObject([{ resolution: { kind: 'fields', sides: { title: 'remote', location: 'local' } } }]);
  });
});

describe('refused edits', () => {
  it('are tried again or discarded, one by one', async () => {
    const { host, click, all, until } = await open('failed');
    await click('sync-indicator');
    const items = await until('two of them', () => all('queue-item').length === 2 && all('queue-item'));
    const button = (item: HTMLElement | undefined, words: string) => [...(item?.querySelectorAll('button') ?? [])].find(({ textContent }) => textContent === words);
    await click(button(items[0], 'Retry') as HTMLElement);
    await until('it waits again', () => all('queue-item')[0]?.textContent.includes('Change'));
    await click(button(all('queue-item')[1], 'Discard') as HTMLElement);
    await until('it is gone', () => all('queue-item').length === 1);
    expect((await host.call('sync_snapshot', {})).queue.map(({ status }) => status)).toEqual(['PENDING']);
  });
});

describe('for everybody', () => {
  it.each(STATES)('%s', async (state) => {
    const { click, find, complaints } = await open(state);
    await click('sync-indicator');
    await find('sync-panel');
    expect(await complaints()).toEqual([]);
  });
});

describe('the panel', () => {
  it('closes at Escape although the button that had the focus is gone', async () => {
    const { all, click, find, until } = await open('paused');
    await click('sync-indicator');
    await find('sync-panel');
    if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
    document.body.dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape', bubbles: true }));
    await until('it is closed', () => all('sync-panel').length === 0);
    expect(all('sync-panel')).toEqual([]);
  });
});
