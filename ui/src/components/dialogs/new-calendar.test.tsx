// @vitest-environment jsdom
import { afterEach, describe, expect, it } from 'vitest';
import { stage, type Stage } from '../../testing/stage';
import { NewCalendar } from './new-calendar';

let shown: Stage | null = null;
afterEach(async () => {
  await shown?.leave();
  shown = null;
});

describe('a new calendar', () => {
  it('is kept on this computer where there is no calendar server', async () => {
    shown = await stage(() => <NewCalendar isOpen count={0} onClose={() => undefined} />);
    await shown.says('It is kept on this computer.');
    expect(shown.all('calendar-place')).toEqual([]);
  });

  it('is made at the calendar server that the person chooses', async () => {
    const done: string[] = [];
    shown = await stage(() => <NewCalendar isOpen count={0} onClose={() => done.push('closed')} />);
    const { host, find, write, click, says, until } = shown;
    const server = await host.call('add_caldav_account', { place: { place: 'https://cloud.example.org', user: 'ada', certificate: null }, secret: 'abcd' });
    const place = await find('calendar-place');
    Object.getOwnPropertyDescriptor(HTMLSelectElement.prototype, 'value')?.set?.call(place, server);
    place.dispatchEvent(new Event('change', { bubbles: true }));
    await write(await find('calendar-name'), 'Forbidden');
    await click('save-calendar');
    await says('this account may not write there');
    expect(done).toEqual([]);
    await write(await find('calendar-name'), 'Choir');
    await click('save-calendar');
    await until('the dialog is closed', () => done.length > 0);
    const made = (await host.call('calendars', {})).find(({ name }) => name === 'Choir');
    expect(made?.links[0]?.integration_id).toBe(server);
  });
});
