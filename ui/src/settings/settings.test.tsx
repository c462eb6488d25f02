// @vitest-environment jsdom
import { useState } from 'react';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { useCalendars, useSnapshot } from '../api/queries';
import type { Host } from '../host';
import { stage, type Stage } from '../testing/stage';
import type { Preferences } from '../window/preferences';
import type { SettingsPage } from './pages';
import { Settings } from './settings';

function Shown({ first }: { first: SettingsPage }) {
  const [page, setPage] = useState(first);
  const [preferences, setPreferences] = useState<Preferences>({ view: 'week', isSidebarOpen: true, cycle: 'auto', weekStart: 'auto', hasWeekNumbers: false, secondZone: null });
  const { data: calendars } = useCalendars();
  const snapshot = useSnapshot();
  return <Settings page={page} calendars={calendars ?? []} snapshot={snapshot} preferences={preferences} onPreferences={setPreferences} onPage={setPage} onClose={() => undefined} onNewCalendar={() => undefined} onDeleted={() => undefined} onRuns={() => undefined} />;
}

let shown: Stage | null = null;
const open = async (page: SettingsPage, query?: string, host?: Host) => {
  shown = await stage(() => <Shown first={page} />, query, host);
  return shown;
};
afterEach(async () => {
  await shown?.leave();
  shown = null;
});

const linksOf = async (host: Host) => (await host.call('calendars', {})).flatMap(({ name, links }) => links.map((link) => [name, link.remote_name, link.direction]));

describe('accounts', () => {
  it('show how each stands, and sync one alone', async () => {
    const { host, all, until, click, says } = await open('accounts');
    await until('two accounts', () => all('account').length === 2);
    await says('Synced 2 min ago');
    await click(all('account-sync')[1] ?? 'account-sync');
    await until('the second one works', () => all('account')[1]?.dataset.state === 'syncing');
    expect(all('account')[0]?.dataset.state).toBe('synced');
    await until('it is done', () => all('account')[1]?.dataset.state === 'synced');
    expect((await host.call('sync_snapshot', {})).integrations[1]?.state).toBe('synced');
  });

  it('are connected in the browser, and their calendars chosen next', async () => {
    const { click, says, find } = await open('accounts');
    await click('sign-in-google');
    expect((await find('sign-in-waiting')).textContent).toContain('Your browser has opened');
    await find('account-calendars');
    await says('Choose what is kept in step');
  });

  it('can be given up while the browser is open', async () => {
    const { click, find, all } = await open('accounts', 'state=synced&sign-in=never');
    await click('sign-in-google');
    await click('cancel-sign-in');
    await find('sign-in-google');
    expect([all('sign-in-waiting'), all('sign-in-failed')]).toEqual([[], []]);
  });

  it('say when the browser took too long, and try again', async () => {
    const { click, find } = await open('accounts', 'state=synced&sign-in=late');
    await click('sign-in-google');
    expect((await find('sign-in-failed')).textContent).toContain('within five minutes');
    expect((await find('sign-in-google')).textContent).toBe('Try again');
  });

  it('ask for a new sign-in where one is needed', async () => {
    const { all, click, says } = await open('accounts', 'state=needs_sign_in&sign-in=never');
    await click('account-sign-in');
    await says('Sign in as mara@northlight.example there');
    expect(all('account-sign-in')).toEqual([]);
  });

  it.each([
    ['remove-keep', true],
    ['remove-all', false],
  ])('ask what becomes of the events: %s', async (choice, isKept) => {
    const { host, all, until, click } = await open('accounts');
    await click(await until('a menu', () => all('account-menu')[0]));
    await click('account-remove');
    await click(choice);
    await until('one account is left', () => all('account').length === 1);
    const names = (await host.call('calendars', {})).map(({ name }) => name);
    expect(names.includes('Team')).toBe(isKept);
    expect(names).toContain('Climbing');
  });

  it('tell how to register a client when there is none, and take it', async () => {
    const { host, all, says, write, find, click, until } = await open('accounts', 'state=no_account&google=no');
    await says('GOOGLE_CLIENT_ID');
    expect(all('sign-in-google')).toEqual([]);
    await write(await find('client-id'), ' mine.apps.googleusercontent.com ');
    expect(((await find('save-client')) as HTMLButtonElement).disabled).toBe(true);
    await write(await find('client-secret'), 'GOCSPX-secret');
    await click('save-client');
    await find('sign-in-google');
    expect(await host.call('google_client', {})).toEqual({ origin: 'settings', id: 'mine.apps.googleusercontent.com', has_secret: true });
    expect(document.body.innerHTML).not.toContain('GOCSPX-secret');
    await click('forget-client');
    await until('the form is back', () => all('client-id')[0]);
  });

  it('say what would not be sent any more', async () => {
    const { all, until, click, find } = await open('accounts', 'state=offline');
    await click(await until('a menu', () => all('account-menu')[0]));
    await click('account-remove');
    expect((await find('leaving-calendars')).textContent).toContain('“Team”');
    expect((await find('leaving-unsent')).textContent).toMatch(/not been sent yet and will not be: “/);
  });
});

describe('calendars', () => {
  const rowOf = ({ all, until }: Stage, name: string) =>
    until(`the row of ${name}`, () => all('remote-calendar').find((row) => row.querySelector('[data-testid=sync-calendar]')?.getAttribute('aria-label') === `Keep ${name} in step`));
  const box = (row: HTMLElement) => row.querySelector('input[type=checkbox]') as HTMLInputElement;

  it('are linked by a tick, those that can only be read one way', async () => {
    const page = await open('calendars');
    const rooms = await rowOf(page, 'Meeting rooms');
    expect(rooms.textContent).toContain('Read only');
    await page.click(box(rooms));
    await page.until('it is linked', () => page.all('remote-calendar').filter((row) => row.dataset.linked).length === 6);
    expect(await linksOf(page.host)).toContainEqual(['Meeting rooms', 'Meeting rooms', 'pull_only']);
  });

  it('are let go of after a question, and keep their events', async () => {
    const page = await open('calendars');
    await page.click(box(await rowOf(page, 'Team')));
    expect(await linksOf(page.host)).toContainEqual(['Team', 'Team', 'bidirectional']);
    await page.click('unlink-keep');
    await page.until('it is let go of', () => page.all('remote-calendar').filter((row) => row.dataset.linked).length === 4);
    expect((await page.host.call('calendars', {})).find(({ name }) => name === 'Team')?.links).toEqual([]);
  });

  it('go with their events when that is wished', async () => {
    const page = await open('calendars');
    await page.click(box(await rowOf(page, 'Team')));
    await page.click('unlink-remove');
    await page.until('it is gone', () => page.all('remote-calendar').filter((row) => row.dataset.linked).length === 4);
    expect((await page.host.call('calendars', {})).map(({ name }) => name)).not.toContain('Team');
  });

  it('of this computer can be linked to a place at an account', async () => {
    const page = await open('calendars');
    await page.click('link-calendar');
    await page.click('link-target');
    const option = await page.until('Garden is offered', () => [...document.querySelectorAll('[role=option]')].find((one) => one.textContent === 'Garden'));
    await page.click(option);
    expect((await page.find('link-meaning')).textContent).toContain('What changes in “Private” changes in “Garden”');
    await page.find('link-plan');
    await page.click('save-link');
    await page.until('it is linked', () => page.all('local-calendar').length === 0);
    expect(await linksOf(page.host)).toContainEqual(['Private', 'Garden', 'bidirectional']);
  });

  it('are compared before they are linked', async () => {
    const page = await open('calendars');
    await page.click('link-calendar');
    await page.click('link-target');
    await page.click(await page.until('Garden is offered', () => [...document.querySelectorAll('[role=option]')].find((one) => one.textContent === 'Garden')));
    expect([...(await page.find('link-plan')).children].map(({ textContent }) => textContent)).toEqual([
      '3 events are on both sides and joined; 1 of them differs and is merged.',
      '2 of these could be joined otherwise, because several look the same: “Lunch”.',
      '4 events come here: “Compost”, “Seeds”.',
      '1 event is made there: “Dentist”. Nobody is mailed.',
    ]);
    expect((await page.find('save-link')).textContent).toBe('Link all the same');
  });

  it('that are new at an account are offered until something is said to it', async () => {
    const page = await open('calendars');
    expect((await page.find('new-calendar')).textContent).toContain('“Garden” is new');
    await page.click('dismiss-new');
    await page.until('the offer is gone', () => page.all('new-calendar').length === 0);
    await page.leave();
    const again = await open('calendars');
    await again.click('take-new');
    await again.until('the offer is taken', () => again.all('new-calendar').length === 0);
    expect(await linksOf(again.host)).toContainEqual(['Garden', 'Garden', 'bidirectional']);
  });

  it('of an account that does not answer are those that are known', async () => {
    const page = await open('calendars', 'state=offline&remotes=unreachable');
    await page.says('Google cannot be reached');
    await page.says('Only the calendars that are in step already');
    expect(page.all('remote-calendar').map((row) => row.textContent)).toContain('HomeBoth ways');
  });
});

describe('a calendar server', () => {
  it('has the end of its form brought into sight, and anew where the form grows', async () => {
    const { click, find } = await open('accounts');
    const look = vi.spyOn(Element.prototype, 'scrollIntoView');
    const brought = () => look.mock.contexts.filter((element) => element instanceof HTMLElement && element.dataset.testid === 'caldav-foot').length;
    await click('connect-caldav');
    await find('caldav-user');
    expect(brought()).toBe(1);
    (await find('connect-row-caldav')).querySelector<HTMLInputElement>('input[value="nextcloud"]')?.click();
    await find('caldav-place');
    expect(brought()).toBe(2);
    look.mockRestore();
  });

  it('is connected by name and password, with a word on where the password comes from', async () => {
    const { host, click, write, find, says, until, all } = await open('accounts');
    await click('connect-caldav');
    await says('App-Specific Passwords');
    await write(await find('caldav-user'), 'ada@icloud.com');
    await write(await find('caldav-password'), 'wrong');
    await click('caldav-send');
    await says('does not take this name and password');
    await write(await find('caldav-password'), 'abcd-efgh');
    await click('caldav-send');
    await until('the account is there', () => all('account-calendars').length === 3);
    const accounts = (await host.call('sync_snapshot', {})).integrations;
    expect(accounts.find(({ provider }) => provider === 'caldav')?.account).toBe('ada@icloud.com (https://caldav.icloud.com/)');
  });

  it('of one’s own may have a certificate of its own', async () => {
    const { host, click, write, find, says, until, all } = await open('accounts');
    await click('connect-caldav');
    expect(all('caldav-certificate')).toHaveLength(0);
    (await find('connect-row-caldav')).querySelector<HTMLInputElement>('input[value="nextcloud"]')?.click();
    await write(await find('caldav-place'), 'https://cloud.example.org');
    await write(await find('caldav-user'), 'ada');
    await write(await find('caldav-password'), 'abcd-efgh');
    await write(await find('caldav-certificate'), '/home/ada/notes.txt');
    await click('caldav-send');
    await says('there is no certificate in it');
    await write(await find('caldav-certificate'), '/home/ada/authority.pem');
    await click('caldav-send');
    await until('the account is there', () => all('account-calendars').length === 3);
    const accounts = (await host.call('sync_snapshot', {})).integrations;
    expect(accounts.find(({ provider }) => provider === 'caldav')?.account).toBe('ada (https://cloud.example.org)');
  });
});

describe('a calendar at an address', () => {
  it('is subscribed to, and what is none is refused in words', async () => {
    const { host, click, write, find, says, until, all, complaints } = await open('accounts');
    await click('connect-subscription');
    expect(await complaints()).toEqual([]);
    await write(await find('subscription-address'), 'file:///etc/passwd');
    await click('subscription-send');
    await says('begins with https:// or webcal://');
    await write(await find('subscription-address'), 'https://club.example.org/login');
    await click('subscription-send');
    await says('it sends a web page instead of a calendar');
    await write(await find('subscription-address'), ' webcal://club.example.org/rowing.ics ');
    await click('subscription-send');
    await says('You are subscribed to “Rowing club”.');
    await until('the form is closed', () => all('subscription-address').length === 0);
    const made = (await host.call('calendars', {})).find(({ name }) => name === 'Rowing club');
    expect([made?.writable, made?.links[0]?.provider]).toEqual([false, 'ics']);
  });
});

describe('Notion', () => {
  const choose = async ({ find, click, until }: Stage, slot: string, label: string) => {
    await click(await find(`choose-${slot}`));
    await click(await until(label, () => [...document.querySelectorAll('[role=option]')].find((one) => one.textContent === label && (one as HTMLElement).closest('[style*="display: none"]') === null)));
  };
  const rowOf = ({ all, until }: Stage, name: string) => until(name, () => all('remote-calendar').find((row) => row.textContent.includes(name)));

  it('is connected by a token, which is tried at once', async () => {
    const { host, click, write, find, says, until, all } = await open('accounts');
    await click('connect-notion');
    await write(await find('notion-token'), 'secret');
    await click('notion-token-send');
    await says('Notion does not know this token');
    await write(await find('notion-token'), 'ntn_1');
    await click('notion-token-send');
    await until('the account is there', () => all('account-calendars').length === 3);
    await says('Redaktionsplan');
    expect((await host.call('sync_snapshot', {})).integrations.map(({ account }) => account)).toContain('Northlight Studio');
  });

  it('tells of changes by a subscription, for which address and token are shown', async () => {
    const { all, click, find, until, says } = await open('accounts', 'state=synced&notion=yes');
    await click(await until('its menu', () => all('account-menu')[2]));
    await click('account-subscribe');
    expect((await find('webhook-address')).textContent).toBe('https://calendar.example/webhooks/notion');
    await says('Waiting for it');
    expect((await find('webhook-token')).textContent).toBe('secret_verification');
  });

  it('says what is missing where it cannot reach the program', async () => {
    const { all, click, until, says } = await open('accounts', 'state=synced&notion=yes&webhooks=no');
    await click(await until('its menu', () => all('account-menu')[2]));
    await click('account-subscribe');
    await says('Set SYNODIC_WEBHOOK_URL to a public https address');
    expect(all('webhook-address')).toEqual([]);
  });

  it('asks what holds what before a database is linked', async () => {
    const page = await open('calendars', 'state=synced&notion=yes');
    const asked: unknown[] = [];
    const call = page.host.call;
    page.host.call = (command, arguments_) => {
      if (command === 'link_notion') asked.push(arguments_);
      return call(command, arguments_);
    };
    await page.click((await rowOf(page, 'Projekte')).querySelector('input[type=checkbox]') as HTMLElement);
    await page.find('slot-when');
    expect(page.all('mapping-warning').map(({ textContent }) => textContent)).toEqual(['“Team” holds people of the workspace. They are read as guests, and never written.']);
    await choose(page, 'location', 'Notizen · text');
    expect((await page.find('slot-location')).textContent).toContain('This holds “Description” already.');
    expect(((await page.find('save-mapping')) as HTMLButtonElement).disabled).toBe(true);
    await choose(page, 'description', 'The page’s own text');
    await choose(page, 'recurrence', 'Create “Repeats”');
    await page.find('upcoming');
    await page.click('save-mapping');
    await page.until('it is linked', () => page.all('slot-when').length === 0);
    expect(asked).toMatchObject([
      { data_source_id: 'projekte', direction: 'bidirectional', choice: { create: ['recurrence', 'marker'], mapping: { slots: { location: { property: { name: 'Notizen' } }, description: { kind: 'page_body' } } } } },
    ]);
    await page.until('its row says so', () => page.all('remote-calendar').some((row) => row.dataset.linked === 'true' && row.textContent.includes('Projekte')));
  });

  it('is compared as it is mapped before a calendar that is here is joined with it', async () => {
    const page = await open('calendars', 'state=synced&notion=yes');
    await page.click('link-calendar');
    await page.click('link-target');
    await page.click(await page.until('Projekte is offered', () => [...document.querySelectorAll('[role=option]')].find((one) => one.textContent === 'Projekte')));
    await page.click('save-link');
    await page.find('slot-when');
    expect((await page.find('save-mapping')).textContent).toBe('Compare');
    await page.click('save-mapping');
    expect((await page.find('link-plan')).textContent).toContain('1 event is made there: “Dentist”. Nobody is mailed.');
    await page.until('it may be linked', () => page.all('save-mapping')[0]?.textContent === 'Link all the same');
    await choose(page, 'description', 'Not kept in Notion');
    expect([page.all('link-plan'), (await page.find('save-mapping')).textContent], 'what was compared is not what is chosen any more').toEqual([[], 'Compare']);
    await page.click('save-mapping');
    await page.find('link-plan');
    await page.until('it may be linked', () => page.all('save-mapping')[0]?.textContent === 'Link all the same');
    expect(await page.complaints()).toEqual([]);
    await page.click('save-mapping');
    await page.until('it is linked', () => page.all('slot-when').length === 0);
    expect(await linksOf(page.host)).toContainEqual(['Private', 'Projekte', 'bidirectional']);
  });

  it('only reads where Notion computes the date, and says so', async () => {
    const page = await open('calendars', 'state=synced&notion=yes');
    await page.click((await rowOf(page, 'Projekte')).querySelector('input[type=checkbox]') as HTMLElement);
    await page.find('slot-when');
    await choose(page, 'when', 'Fällig · formula (read only)');
    expect((await page.find('slot-when')).textContent).toContain('events can only be read');
    await page.says('Notion computes the date, so nothing can be written there.');
    expect(await page.complaints()).toEqual([]);
  });

  it('can be agreed with anew later, except for the date', async () => {
    const page = await open('calendars', 'state=synced&notion=yes');
    await page.click((await rowOf(page, 'Projekte')).querySelector('input[type=checkbox]') as HTMLElement);
    await page.click('save-mapping');
    await page.until('it is linked', () => page.all('remote-calendar').some((row) => row.dataset.linked && row.textContent.includes('Projekte')));
    await page.click((await rowOf(page, 'Projekte')).querySelector('[data-testid=calendar-menu]') as HTMLElement);
    await page.click('open-mapping');
    expect(((await page.find('choose-when')) as HTMLInputElement).disabled).toBe(true);
    await choose(page, 'description', 'Not kept in Notion');
    expect((await page.find('save-mapping')).textContent).toBe('Compare');
    await page.click('save-mapping');
    expect((await page.find('link-plan')).textContent).toBe('Nothing is written on either side.');
    await choose(page, 'recurrence', 'Create “Repeats”');
    expect(page.all('link-plan'), 'what was compared is not what is chosen any more').toEqual([]);
    await page.click('save-mapping');
    expect((await page.find('link-plan')).textContent).toBe('2 pages learn what only the event here says: “Kick-off”, “Review”.');
    expect(await page.complaints()).toEqual([]);
    await page.click('save-mapping');
    await page.until('it is agreed', () => page.all('slot-when').length === 0);
  });
});

describe('for everybody', () => {
  it.each([
    ['accounts', 'state=needs_sign_in'],
    ['accounts', 'state=no_account&google=no'],
    ['calendars', 'state=synced'],
    ['view', 'state=synced'],
    ['desktop', 'state=synced'],
    ['data', 'state=synced'],
    ['dashboard', 'state=synced'],
  ] as const)('%s with %s', async (page, query) => {
    const { complaints, until, all } = await open(page, query);
    if (page === 'desktop') await until('the choices', () => all('starts-at-login').length === 1);
    if (page === 'data') await until('the days', () => document.querySelector('[data-testid=history-days]'));
    if (page === 'dashboard') await until('the accounts', () => all('account-health').length > 0);
    if (page === 'calendars') await until('the lists', () => all('remote-calendar').length === 9);
    expect(await complaints()).toEqual([]);
  });
});
