// @vitest-environment jsdom
import { useState } from 'react';
import { afterEach, expect, it, describe } from 'vitest';
import type { When } from '../../api/generated/When';
import { useCalendars } from '../../api/queries';
import { openBrowserHost } from '../../host/browser';
import { stage, type Stage } from '../../testing/stage';
import { CreatePopover } from './create-popover';

const ZONE = 'Europe/Berlin';
const when: When = { kind: 'zoned', start: { local: '2027-03-01T11:00:00', zone: ZONE }, end: { local: '2027-03-01T12:00:00', zone: ZONE } };

function Shown({ onClose }: { onClose: () => void }) {
  const [title, setTitle] = useState('');
  const { data: calendars } = useCalendars();
  if (!calendars) return null;
  return <CreatePopover when={when} isPlaced findBox={() => null} title={title} calendarId="mine" calendars={calendars} onTitle={setTitle} onRead={() => undefined} onCalendar={() => undefined} onMore={() => undefined} onClose={onClose} />;
}

let shown: Stage | null = null;
const open = async () => {
  const host = openBrowserHost(new URLSearchParams(`zone=${ZONE}&state=synced`));
  const created: unknown[] = [];
  let isClosed = false;
  shown = await stage(() => <Shown onClose={() => (isClosed = true)} />, '', {
    listen: host.listen,
    call: (command, arguments_) => {
      if (command === 'create_event') created.push(arguments_);
      return host.call(command, arguments_);
    },
  });
  const page = shown;
  await page.find('event-title-input');
  return { ...page, created, isClosed: () => isClosed, type: async (text: string) => page.write(await page.find('event-title-input'), text) };
};
afterEach(async () => {
  await shown?.leave();
  shown = null;
});

describe('a new event', () => {
  it('understands what is typed and shows it', async () => {
    const { type, find, click, created, until, isClosed } = await open();
    await type('Lunch with Ada 12:30 for 45 min at Luigi’s every week');
    expect([...(await find('understood')).querySelectorAll('span')].map(({ textContent }) => textContent)).toEqual(['Lunch with Ada', 'Every week', '12:30', 'for 45 min', 'at Luigi’s']);
    await click('save-event');
    await until('it is saved', isClosed);
    expect(created).toMatchObject([
      { draft: { notify: 'nobody', content: { title: 'Lunch with Ada', location: 'Luigi’s', when: { start: { local: '2027-03-01T12:30:00' }, end: { local: '2027-03-01T13:15:00' } }, recurrence: { rules: ['FREQ=WEEKLY'] } } } },
    ]);
  });

  it('takes the words as they are when that is wished', async () => {
    const { type, click, created, until, isClosed, all } = await open();
    await type('Sun cream');
    await click(await until('a way out', () => document.querySelector('[aria-label="Take the words as the title"]')));
    expect(all('understood')).toEqual([]);
    await click('save-event');
    await until('it is saved', isClosed);
    expect(created).toMatchObject([{ draft: { content: { title: 'Sun cream', when } } }]);
  });

  it('asks before it invites anybody', async () => {
    const { type, click, created, says, until, isClosed } = await open();
    await type('Pairing with ada@example.org');
    await click('save-event');
    await says('1 guest is invited');
    expect(created).toEqual([]);
    await click('notify-everybody');
    await until('it is saved', isClosed);
    expect(created).toMatchObject([{ draft: { notify: 'everybody', content: { title: 'Pairing', attendees: [{ email: 'ada@example.org' }] } } }]);
  });

  it('is for everybody', async () => {
    const { type, complaints } = await open();
    await type('Lunch 12:30 at Luigi’s');
    expect(await complaints()).toEqual([]);
  });
});
