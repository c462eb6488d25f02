// @vitest-environment jsdom
import { useState } from 'react';
import { Temporal } from 'temporal-polyfill';
import { afterEach, describe, expect, it } from 'vitest';
import { newContent } from '../api/content';
import type { OccurrenceView } from '../api/generated/OccurrenceView';
import type { Commands, Host } from '../host';
import { openBrowserHost } from '../host/browser';
import { stage, type Stage } from '../testing/stage';
import type { View } from '../time/periods';
import type { Preferences } from './preferences';
import { Window } from './window';

function Shown({ view }: { view: View }) {
  const [preferences, setPreferences] = useState<Preferences>({ view, isSidebarOpen: true, cycle: 'auto', weekStart: 'auto', hasWeekNumbers: false, secondZone: null });
  return <Window preferences={preferences} onPreferences={setPreferences} />;
}

let shown: Stage | null = null;
afterEach(async () => {
  await shown?.leave();
  shown = null;
});

const TITLES = ['Alpha', 'Beta', 'Gamma'] as const;
const GUEST = { email: 'ada@x.org', name: 'Ada', optional: false, resource: false, response: 'needs_action', is_self: false } as const;

/** A world with three events tomorrow, of which the last is only read. */
async function world(): Promise<Host> {
  const host = openBrowserHost(new URLSearchParams('zone=Europe/Berlin&state=synced'));
  const day = Temporal.Now.plainDateISO('Europe/Berlin').add({ days: 1 }).toString();
  const at = (hour: number) => ({ local: `${day}T${String(hour).padStart(2, '0')}:00:00`, zone: 'Europe/Berlin' });
  for (const [place, title] of TITLES.entries()) {
    const content = newContent(title, { kind: 'zoned', start: at(2 + place), end: at(3 + place) });
    await host.call('create_event', { draft: { calendar_id: 'team', content: place === 0 ? { ...content, attendees: [GUEST] } : content } });
  }
  const call = async (command: keyof Commands, arguments_: never) => {
    const answer = await host.call(command, arguments_);
    return command === 'occurrences' ? (answer as OccurrenceView[]).map((one) => (one.title === 'Gamma' ? { ...one, read_only: true } : one)) : answer;
  };
  return { ...host, call: call as Host['call'] };
}

async function open(view: View = 'agenda') {
  const page = await stage(() => <Shown view={view} />, '', await world());
  shown = page;
  const rows = () => page.all('event-block');
  const row = (title: string) => page.until(title, () => rows().find(({ textContent }) => textContent.includes(title)));
  const mark = async (title: string) => {
    (await row(title)).dispatchEvent(new MouseEvent('click', { bubbles: true, cancelable: true, ctrlKey: true }));
  };
  const press = async (key: string, more: KeyboardEventInit = {}) => {
    (document.activeElement ?? document.body).dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, ...more }));
    await new Promise((resolve) => setTimeout(resolve, 20));
  };
  const barSays = (words: string) => page.until(`the bar says ${words}`, () => page.all('selection-bar')[0]?.textContent.startsWith(words));
  const titles = async () => {
    const today = Temporal.Now.plainDateISO('Europe/Berlin');
    const at = (days: number) => today.add({ days }).toZonedDateTime('Europe/Berlin').toInstant().toString();
    return (await page.host.call('occurrences', { window: { from: at(-10), to: at(20), viewer: 'Europe/Berlin' } })).map(({ title }) => title);
  };
  return { ...page, rows, row, mark, press, barSays, titles };
}

describe('several events', () => {
  it('are selected by mouse and deleted together, but for what is only read, with one way back', async () => {
    const { mark, barSays, press, click, until, titles, says, all, complaints } = await open();
    const before = await titles();
    for (const title of TITLES) await mark(title);
    await barSays('3 selected · 1 only read');
    expect(await complaints()).toEqual([]);
    await press('Delete');
    // Their guests are told of all or of none.
    await says('Delete 2 events');
    await click('notify-nobody');
    await says('2 events deleted');
    await says('“Gamma” is only read, and was not deleted.');
    await barSays('1 selected · 1 only read');
    const after = await titles();
    expect(before.filter((title) => !after.includes(title))).toEqual(['Alpha', 'Beta']);
    await press('Escape');
    await until('nothing is selected', () => all('selection-bar').length === 0);
    await press('z', { ctrlKey: true });
    await says('Undone: 2 events deleted');
    expect((await titles()).toSorted()).toEqual(before.toSorted());
    await press('z', { ctrlKey: true, shiftKey: true });
    await says('Redone: 2 events deleted');
    expect((await titles()).toSorted()).toEqual(after.toSorted());
  });

  it('are selected by keyboard, on the way and one by one, and let go by Escape', async () => {
    const { row, rows, barSays, press, until, all } = await open();
    (await row('Alpha')).focus();
    await press('ArrowDown', { shiftKey: true });
    await barSays('2 selected');
    await press('ArrowDown', { shiftKey: true });
    await barSays('3 selected');
    await press('x');
    await barSays('2 selected');
    expect(rows().filter((one) => 'selected' in one.dataset)).toHaveLength(2);
    await press('Escape');
    await until('nothing is selected', () => all('selection-bar').length === 0);
    await press('a', { ctrlKey: true });
    await until('all are', () => rows().every((one) => 'selected' in one.dataset));
  });

  it('begin with the event that is open', async () => {
    const { row, mark, click, barSays, find, all } = await open();
    await click(await row('Alpha'));
    await find('inspector');
    await mark('Beta');
    await barSays('2 selected');
    expect(all('inspector')).toEqual([]);
  });
});

describe('an event', () => {
  it('tells its history at a key, and why it stands as it does at its quiet mark', async () => {
    const { row, press, find, until, all, click } = await open();
    (await row('Alpha')).focus();
    await press('h');
    await find('history-line');
    await press('Escape');
    await until('the history is closed', () => all('history').length === 0);
    const sign = await until('the sign', () => all('event-block').find(({ textContent }) => textContent.includes('Alpha'))?.querySelector('[data-why]'));
    await click(sign);
    expect((await find('why')).textContent).toContain('waits to be sent');
  });
});

describe('for everybody', () => {
  it.each<View>(['agenda', 'year', 'week', 'month'])('the window in view %s', async (view) => {
    const { find, complaints, until, all } = await open(view);
    await find('sync-indicator');
    await until('it is filled', () => view === 'year' || all('event-block').length > 0);
    expect(await complaints()).toEqual([]);
  });

  it('its list of keys', async () => {
    const { find, press, says, complaints } = await open();
    await find('event-block');
    await press('?');
    await says('Several at once');
    expect(await complaints()).toEqual([]);
  });
});
