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
