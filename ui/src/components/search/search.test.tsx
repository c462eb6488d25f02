// @vitest-environment jsdom
import { afterEach, expect, it } from 'vitest';
import type { OccurrenceView } from '../../api/generated/OccurrenceView';
import { openBrowserHost } from '../../host/browser';
import type { Host } from '../../host';
import { stage, type Stage } from '../../testing/stage';
import { Search } from './search';

let shown: Stage | null = null;
afterEach(async () => {
  await shown?.leave();
  shown = null;
});

const opened: string[] = [];
const search = () => <Search isOpen colorOf={() => '#6b74e6'} onOpen={({ title }: OccurrenceView) => opened.push(title)} onClose={() => opened.push('closed')} />;

it('shows what is found while it is typed, is walked and opened by keyboard alone, and is for everybody', async () => {
  opened.length = 0;
  shown = await stage(search);
  const { find, write, all, until, says, complaints } = shown;
  const field = await find('search-field');
  await says('The beginning of a word is enough');
  await write(field, 's');
  await until('hits', () => all('search-hit').length > 1 && all('search-list')[0]?.dataset['current']);
  expect(await complaints()).toEqual([]);
  const titles = all('search-hit').map((hit) => hit.querySelector('span:nth-of-type(2)')?.textContent);
  const press = async (key: string) => {
    field.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }));
    await new Promise((resolve) => setTimeout(resolve, 20));
  };
  expect(field.getAttribute('aria-activedescendant')).toBe('search-0');
  await press('ArrowDown');
  expect(field.getAttribute('aria-activedescendant')).toBe('search-1');
  await press('Enter');
  expect(opened).toEqual(['closed', titles[1]]);
});

it('opens the answer also for whoever presses Enter before it is there', async () => {
  opened.length = 0;
  shown = await stage(search);
  const { find, write, until } = shown;
  const field = await find('search-field');
  await write(field, 'stand');
  field.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true, cancelable: true }));
  await until('the answer is opened', () => opened.length > 0);
  expect(opened).toEqual(['closed', 'Stand-up']);
});

it('says when nothing is found, and when the search failed', async () => {
  const world = openBrowserHost(new URLSearchParams('zone=Europe/Berlin&state=synced'));
  let isBroken = false;
  const host: Host = { ...world, call: (command, arguments_) => (isBroken && command === 'search' ? Promise.reject({ code: 'internal', message: 'The replica cannot be read.', field: null }) : world.call(command, arguments_)) };
  shown = await stage(search, '', host);
  const { find, write, says, all, complaints } = shown;
  const field = await find('search-field');
  await write(field, 'zyzzyva');
  await says('Nothing is found for “zyzzyva”');
  isBroken = true;
  await write(field, 'zyzzyvas');
  await says('The replica cannot be read.');
  expect(all('search-hit')).toEqual([]);
  expect(await complaints()).toEqual([]);
});

/** The world, but what is searched for is answered so. */
function hostThatFinds(answer: (text: string) => Promise<OccurrenceView[]>): Host {
  const world = openBrowserHost(new URLSearchParams('zone=Europe/Berlin&state=synced'));
  const call = (command: string, arguments_: { text: string }) => (command === 'search' ? answer(arguments_.text) : world.call(command as 'search', arguments_ as never));
  return { ...world, call: call as Host['call'] };
}

const named = (title: string, number: number): OccurrenceView => ({
  event_id: `${title} ${number}`, occurrence_of: null, calendar_id: 'team', title: `${title} ${number}`, location: '', when: { kind: 'all_day', start: '2026-11-25', end: '2026-11-26' },
  starts_at: '2026-11-24T23:00:00Z', ends_at: '2026-11-25T23:00:00Z', status: 'confirmed', transparency: 'opaque', response: null, color: null, has_attendees: false, read_only: false, sync: 'local',
});

it('draws a screenful, the rest when the list is scrolled or walked, and tells how many there are all the same', async () => {
  shown = await stage(search, '', hostThatFinds((text) => Promise.resolve(Array.from({ length: 40 }, (_, number) => named(text, number)))));
  const { find, write, all, until, says } = shown;
  const field = await find('search-field');
  await write(field, 'walk');
  await says('40 found');
  expect(all('search-hit').length).toBe(13);
  expect(all('search-hit')[12]?.getAttribute('aria-posinset')).toBe('13');
  expect(all('search-hit')[12]?.getAttribute('aria-setsize')).toBe('40');
  field.dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowUp', bubbles: true, cancelable: true }));
  await until('the last is chosen', () => field.getAttribute('aria-activedescendant') === 'search-39' && document.querySelector('#search-39')?.getAttribute('aria-selected') === 'true');

  await write(field, 'scroll');
  await until('the next answer', () => all('search-hit')[0]?.textContent?.startsWith('scroll 0'));
  expect(all('search-hit').length).toBe(13);
  (await find('search-list')).dispatchEvent(new Event('scroll'));
  await until('all are drawn', () => all('search-hit').length === 40);
});

it('asks one thing at a time, and shows the answer to what was typed last', async () => {
  const asked: { text: string; answer: () => void }[] = [];
  shown = await stage(search, '', hostThatFinds((text) => new Promise((resolve) => {
    asked.push({ text, answer: () => resolve([named(text, 0)]) });
  })));
  const { find, write, says, all, until } = shown;
  const field = await find('search-field');
  for (const text of ['w', 'wa', 'wal']) await write(field, text);
  expect(asked.map(({ text }) => text)).toEqual(['w']);
  asked[0]?.answer();
  await until('the next question', () => asked.length === 2);
  expect(asked[1]?.text).toBe('wal');
  expect((await find('search-list')).dataset['current']).toBeUndefined();
  asked[1]?.answer();
  await says('1 found');
  expect(all('search-hit').map((hit) => hit.querySelector('span:nth-of-type(2)')?.textContent)).toEqual(['wal 0']);
  expect(asked.length).toBe(2);
});
