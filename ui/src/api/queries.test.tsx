// @vitest-environment jsdom
import { afterEach, describe, expect, it } from 'vitest';
import { openBrowserHost } from '../host/browser';
import { stage, type Stage } from '../testing/stage';
import { useCalendars } from './queries';

function Names() {
  const { data } = useCalendars();
  return <p>{data?.map(({ name }) => name).join(', ') ?? 'Nothing yet'}</p>;
}

let shown: Stage | null = null;
afterEach(async () => {
  await shown?.leave();
  shown = null;
});

describe('what the window reads', () => {
  it('is asked for again when it changes while the first answer is on its way', async () => {
    const host = openBrowserHost(new URLSearchParams('zone=Europe/Berlin&state=synced'));
    const call = host.call;
    let answer = () => undefined as void;
    const late = new Promise<never[]>((resolve) => {
      answer = () => resolve([]);
    });
    let asked = 0;
    host.call = ((command, arguments_) => {
      if (command !== 'calendars') return call(command, arguments_);
      asked += 1;
      return asked === 1 ? late : call(command, arguments_);
    }) as typeof call;
    shown = await stage(() => <Names />, '', host);
    await shown.until('the calendars are asked for', () => asked === 1);
    await call('create_calendar', { name: 'Choir', color: '#336699', time_zone: 'Europe/Berlin' });
    answer();
    await shown.says('Choir');
    expect(asked).toBe(2);
  });
});
