// @vitest-environment jsdom
import { useState } from 'react';
import { afterEach, describe, expect, it } from 'vitest';
import type { Commands, Host } from '../host';
import { openBrowserHost } from '../host/browser';
import { stage, type Stage } from '../testing/stage';
import type { Preferences } from '../window/preferences';
import { DataPage } from './data-page';

const FIRST: Preferences = { view: 'month', isSidebarOpen: true, cycle: 'h12', weekStart: 7, hasWeekNumbers: true, secondZone: null };

let shown: Stage | null = null;
afterEach(async () => {
  await shown?.leave();
  shown = null;
});

function Shown() {
  const [preferences, setPreferences] = useState(FIRST);
  return (
    <>
      <DataPage preferences={preferences} onPreferences={setPreferences} onDeleted={() => undefined} onRuns={() => undefined} />
      <output data-testid="preferences">{JSON.stringify(preferences)}</output>
    </>
  );
}

/** Shows the page, and keeps what it saves. */
async function open() {
  const world = openBrowserHost(new URLSearchParams('zone=Europe/Berlin&state=synced'));
  const saved: string[] = [];
  const host: Host = {
    ...world,
    call: ((command: keyof Commands, arguments_: never) => {
      if (command !== 'save_file') return world.call(command, arguments_);
      const { file, text } = arguments_ as Commands['save_file'][0];
      saved.push(text);
      return Promise.resolve(`/home/mara/Downloads/synodic-${file}.json`);
    }) as Host['call'],
  };
  const page = await stage(() => <Shown />, '', host);
  shown = page;
  const choose = async (text: string) => {
    const field = await page.until('a field', () => document.querySelector<HTMLInputElement>('input[type=file]'));
    Object.defineProperty(field, 'files', { configurable: true, value: [new File([text], 'mine.json', { type: 'application/json' })] });
    field.dispatchEvent(new Event('change', { bubbles: true }));
  };
  const preferences = async () => JSON.parse((await page.find('preferences')).textContent) as Preferences;
  return { ...page, saved, choose, preferences };
}

describe('settings as a file', () => {
  it('are written to the downloads, and taken from there on another computer', async () => {
    const { host, click, says, saved, choose, until, preferences } = await open();
    await click('export-settings');
    await says('Your settings are in /home/mara/Downloads/synodic-settings.json.');
    const file = JSON.parse(saved[0] ?? '') as { preferences: Preferences; desktop: { quota: boolean } };
    expect(file.preferences).toEqual(FIRST);
    const other = { ...file, appearance: 'dark', preferences: { ...FIRST, cycle: 'h23', view: 'week' }, desktop: { ...file.desktop, quota: false }, history_days: 365 };
    await choose(JSON.stringify(other));
    await says('The settings of “mine.json” are yours now.');
    expect(await preferences()).toEqual(other.preferences);
    expect([(await host.call('desktop_settings', {})).quota, await host.call('history_days', {})]).toEqual([false, 365]);
    await until('it is dark', () => document.documentElement.dataset['mantineColorScheme'] === 'dark');
  });

  it('are left as they are by a file that is none, which is said', async () => {
    const { host, choose, find, preferences, complaints } = await open();
    const before = await host.call('desktop_settings', {});
    await choose('BEGIN:VCALENDAR');
    expect((await find('settings-refused')).textContent).toContain('This is not a settings file of Synodic.');
    expect([await preferences(), await host.call('desktop_settings', {})]).toEqual([FIRST, before]);
    expect(await complaints()).toEqual([]);
  });
});

describe('diagnostics', () => {
  it('are looked at before they are handed on', async () => {
    const { click, find, says, saved, complaints, until, all } = await open();
    await until('they are gathered', () => (all('preview-diagnostics')[0] as HTMLButtonElement | undefined)?.disabled === false);
    await click('preview-diagnostics');
    const text = ((await find('diagnostics')) as HTMLTextAreaElement).value;
    expect(JSON.parse(text)).toMatchObject({ version: '0.1.0', state: 'synced' });
    expect(await complaints()).toEqual([]);
    await click('save-diagnostics');
    await says('The diagnostics are in /home/mara/Downloads/synodic-diagnostics.json.');
    expect(saved).toEqual([text]);
  });
});

it('changes are kept for as long as is chosen', async () => {
  const { host, click, until } = await open();
  await click(await until('the field', () => document.querySelector('[data-testid=history-days]')));
  await click(await until('a year', () => [...document.querySelectorAll('[role=option]')].find(({ textContent }) => textContent === '1 year')));
  await until('it is kept', () => document.querySelector<HTMLInputElement>('[data-testid=history-days]')?.value === '1 year');
  expect(await host.call('history_days', {})).toBe(365);
});
