// @vitest-environment jsdom
import { useState } from 'react';
import { Temporal } from 'temporal-polyfill';
import { afterEach, describe, expect, it } from 'vitest';
import type { ImportReport } from '../../api/generated/ImportReport';
import type { Commands, Host } from '../../host';
import { openBrowserHost } from '../../host/browser';
import { stage, type Stage } from '../../testing/stage';
import type { Preferences } from '../../window/preferences';
import { Window } from '../../window/window';

function Shown() {
  const [preferences, setPreferences] = useState<Preferences>({ view: 'agenda', isSidebarOpen: true, cycle: 'auto', weekStart: 'auto', hasWeekNumbers: false, secondZone: null });
  return <Window preferences={preferences} onPreferences={setPreferences} />;
}

let shown: Stage | null = null;
afterEach(async () => {
  await shown?.leave();
  shown = null;
});

type Answer = (command: keyof Commands, arguments_: never, world: Host) => unknown;

/** Opens the window; `instead` may answer a command in the world's place. */
async function open(query = 'state=synced', instead: Answer = () => undefined) {
  const world = openBrowserHost(new URLSearchParams(`zone=Europe/Berlin&${query}`));
  const call = async (command: keyof Commands, arguments_: never) => (await instead(command, arguments_, world)) ?? world.call(command, arguments_);
  const page = await stage(() => <Shown />, '', { ...world, call: call as Host['call'] });
  shown = page;
  await page.find('sync-indicator');
  const fire = async (kind: string, files: readonly File[], on: Element = document.body) => {
    on.dispatchEvent(Object.assign(new Event(kind, { bubbles: true, cancelable: true }), { dataTransfer: { types: ['Files'], files, dropEffect: 'none' } }));
    await new Promise((resolve) => setTimeout(resolve, 10));
  };
  const choose = async (what: string, words: string) => {
    await page.click(what);
    await page.click(await page.until(words, () => [...document.querySelectorAll('[role=option]')].find(({ textContent }) => textContent === words)));
  };
  const titles = async () => {
    const today = Temporal.Now.plainDateISO('Europe/Berlin');
    const at = (days: number) => today.add({ days }).toZonedDateTime('Europe/Berlin').toInstant().toString();
    return (await world.call('occurrences', { window: { from: at(-10), to: at(20), viewer: 'Europe/Berlin' } })).map(({ title }) => title);
  };
  const counts = () => page.until('the counts', () => page.all('import-counts')[0]?.textContent);
  return { ...page, world, fire, drop: (file: File) => fire('drop', [file]), choose, titles, counts };
}

const day = (days: number) => Temporal.Now.plainDateISO('Europe/Berlin').add({ days }).toString().replaceAll('-', '');
const event = (uid: string, title: string, start: string) => `BEGIN:VEVENT\r\nUID:${uid}\r\nSUMMARY:${title}\r\nDTSTART${start}\r\nEND:VEVENT\r\n`;
const file = (...events: string[]) => new File([`BEGIN:VCALENDAR\r\nX-WR-CALNAME:Rowing club\r\n${events.join('')}END:VCALENDAR\r\n`], 'club.ics', { type: 'text/calendar' });
const regatta = event('regatta', 'Regatta', `;VALUE=DATE:${day(3)}`);
const supper = (hour = '19') => event('supper', 'Supper at the boathouse', `;TZID=Europe/Berlin:${day(2)}T${hour}3000`);

describe('a calendar file that is dropped on the window', () => {
  it('is looked at, comes in when the person says so, and is taken back', async () => {
    const { fire, drop, find, all, click, counts, titles, says, until, complaints } = await open();
    await fire('dragenter', []);
    const target = await find('drop-target');
    await fire('dragleave', [], target);
    await until('the target is gone', () => all('drop-target').length === 0);
    await fire('dragover', []);
    await find('drop-target');
    const before = await titles();

    await drop(file(regatta, supper(), event('bad', 'General meeting', ':soon'), 'BEGIN:VTODO\r\nEND:VTODO\r\n'));
    expect(await counts()).toBe('2 new events1 could not be read1 is no event, and left out');
    expect(all('drop-target')).toEqual([]);
    expect(all('import-row').map(({ textContent }) => textContent)).toEqual([expect.stringMatching(/^Regatta/), expect.stringMatching(/^Supper at the boathouse.*19:30/)]);
    expect((await find('import-unreadable')).textContent).toContain('“General meeting”: “soon” is no time.');
    expect(await complaints()).toEqual([]);
    expect(await titles()).toEqual(before);

    await click('import-now');
    await says('2 events imported into “');
    await until('the dialog is closed', () => all('import').length === 0);
    expect((await titles()).toSorted()).toEqual([...before, 'Regatta', 'Supper at the boathouse'].toSorted());
    await click(await until('the way back', () => [...document.querySelectorAll('[data-testid=toast] button')].find(({ textContent }) => textContent.startsWith('Undo'))));
    await says('Undone: 2 events imported');
    expect((await titles()).toSorted()).toEqual(before.toSorted());
  });

  it('says what is already here, and replaces what differs only on request', async () => {
    const { drop, click, counts, says, find, until, all, world } = await open();
    await drop(file(regatta, supper()));
    await click('import-now');
    await says('2 events imported');
    await until('the dialog is closed', () => all('import').length === 0);

    await drop(file(regatta, supper('21')));
    expect(await counts()).toBe('1 is here in another form1 is already here');
    expect((await find('nothing-to-import')).textContent).toBe('Close');
    await click('import-replace');
    expect((await find('import-now')).textContent).toBe('Import 1 event');
    await click('import-now');
    await says('1 event imported into “');
    const [hit] = await world.call('search', { text: 'supper boathouse', limit: 5 });
    expect(hit?.when).toMatchObject({ start: { local: expect.stringContaining('T21:30') as string } });
  });

  it('becomes a calendar of its own where the person wants that, which goes when it is taken back', async () => {
    const { drop, choose, find, click, says, until, world } = await open();
    await drop(file(regatta, supper()));
    await choose('import-calendar', 'New calendar “Rowing club”');
    await find('import-now');
    await click('import-now');
    await says('2 events imported into “Rowing club”');
    const made = (await world.call('calendars', {})).find(({ name }) => name === 'Rowing club');
    const [hit] = await world.call('search', { text: 'regatta', limit: 1 });
    expect(hit?.calendar_id).toBe(made?.id);
    await click(await until('the way back', () => [...document.querySelectorAll('[data-testid=toast] button')].find(({ textContent }) => textContent.startsWith('Undo'))));
    await says('Undone: 2 events imported');
    expect((await world.call('calendars', {})).some(({ name }) => name === 'Rowing club')).toBe(false);
    await until('the sidebar has forgotten it', () => ![...document.querySelectorAll('[data-testid=calendar-toggle]')].some(({ textContent }) => textContent === 'Rowing club'));
  });

  it('of which only some came in says why it stopped, and gives that back', async () => {
    const stopped = (report: ImportReport): ImportReport => ({ ...report, stopped: 'The disk is full.' });
    const { drop, click, says, find, titles, until } = await open('state=synced', async (command, arguments_, world) =>
      command === 'import_file' ? stopped(await world.call('import_file', arguments_)) : undefined,
    );
    const before = await titles();
    await drop(file(regatta));
    await find('import-now');
    await click('import-now');
    await says('Not all of the file was imported. The disk is full. Import it again to go on from there.');
    await click(await until('the way back', () => [...document.querySelectorAll('[data-testid=toast] button')].find(({ textContent }) => textContent.startsWith('Undo'))));
    await says('Undone: 1 event imported');
    expect((await titles()).toSorted()).toEqual(before.toSorted());
  });

  it.each<[string, () => File, string]>([
    ['is empty', () => new File([], 'club.ics'), 'The file is empty.'],
    ['is something else', () => new File(['%PDF-1.7'], 'club.ics'), 'this is no calendar file'],
    ['is far too large', () => Object.defineProperty(new File(['x'], 'club.ics'), 'size', { value: 200 << 20 }), 'larger than 100 MB'],
    ['is a folder', () => Object.assign(new File(['x'], 'club'), { arrayBuffer: () => Promise.reject(new Error('not readable')) }), 'It cannot be read'],
  ])('and %s is refused in words', async (_, made, words) => {
    const { drop, find, all, click, complaints, until } = await open();
    await drop(made());
    expect((await find('import-refused')).textContent).toContain(words);
    expect(all('import-now')).toEqual([]);
    expect(await complaints()).toEqual([]);
    await click(await until('a way out', () => [...(all('import')[0]?.querySelectorAll('button') ?? [])].find(({ textContent }) => textContent === 'Close')));
    await until('the dialog is closed', () => all('import').length === 0);
  });
});

describe('importing', () => {
  it('begins in a window without calendars, which has one afterwards', async () => {
    const { click, find, says, world, complaints, all } = await open('state=no_account');
    await click('import-file');
    await find('choose-file');
    expect(await complaints()).toEqual([]);
    const field = document.querySelector<HTMLInputElement>('input[type=file]');
    Object.defineProperty(field, 'files', { configurable: true, value: [file(regatta)] });
    field?.dispatchEvent(new Event('change', { bubbles: true }));
    expect((await find('import-now')).textContent).toBe('Import 1 event');
    await click('import-now');
    await says('1 event imported into “Rowing club”');
    expect((await world.call('calendars', {})).map(({ name }) => name)).toEqual(['Rowing club']);
    expect(all('import')).toEqual([]);
  });

  it('begins with a file that the desktop asked to open', async () => {
    const { find, counts } = await open('state=synced&open=/home/mara/Downloads/rowing.ics');
    expect((await find('import')).textContent).toMatch(/^rowing\.ics/);
    expect(await counts()).toContain('3 new events');
  });

  it('says why the desktop’s file cannot be read', async () => {
    const { find } = await open('state=synced&open=/home/mara/gone.ics', (command) => {
      if (command === 'open_file') throw { code: 'invalid', message: '“/home/mara/gone.ics” cannot be read: No such file or directory', field: null };
      return undefined;
    });
    expect((await find('import-refused')).textContent).toContain('No such file');
  });
});

describe('exporting', () => {
  const written: Commands['export_calendar'][0][] = [];
  let looked = 0;
  const openToWrite = () => {
    written.length = 0;
    looked = 0;
    return open('state=synced', (command, arguments_) => {
      if (command === 'show_downloads') looked += 1;
      if (command !== 'export_calendar') return undefined;
      written.push(arguments_);
      return { path: '/home/mara/Downloads/Team.ics', events: 12 };
    });
  };

  it('a calendar is done from its menu, and says where it is', async () => {
    const { click, says, until } = await openToWrite();
    await click(await until('the menu', () => document.querySelector('[aria-label="More about Team"]')));
    await click('export-calendar');
    await says('“Team” (12 events) is in /home/mara/Downloads/Team.ics.');
    expect(written).toEqual([{ wish: { kind: 'calendars', ids: ['team'] } }]);
    await click(await until('a way there', () => [...document.querySelectorAll('[data-testid=toast] button')].find(({ textContent }) => textContent === 'Show in folder')));
    expect(looked).toBe(1);
  });

  it('what is selected is done from its bar, a series once', async () => {
    const { click, says, find, until, all } = await openToWrite();
    await find('event-block');
    document.body.dispatchEvent(new KeyboardEvent('keydown', { key: 'a', ctrlKey: true, bubbles: true, cancelable: true }));
    await until('all are selected', () => all('selection-bar').length > 0);
    await click('export-selected');
    await says('The selection (12 events) is in');
    const wish = written[0]?.wish;
    expect(wish?.kind).toBe('events');
    expect(wish?.ids.length).toBeGreaterThan(1);
    expect(new Set(wish?.ids).size).toBe(wish?.ids.length);
  });
});
