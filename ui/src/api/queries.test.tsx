// @vitest-environment jsdom
import { Temporal } from 'temporal-polyfill';
import { afterEach, describe, expect, it } from 'vitest';
import { openBrowserHost } from '../host/browser';
import { newContent } from './content';
import { stage, type Stage } from '../testing/stage';
import { useState } from 'react';
import type { TimeWindow } from './generated/TimeWindow';
import { useCalendars, useOccurrences, useReadAhead } from './queries';

function Names() {
  const { data } = useCalendars();
  return <p>{data?.map(({ name }) => name).join(', ') ?? 'Nothing yet'}</p>;
}

const viewer = 'Europe/Berlin';
const day = (days: number) => Temporal.Now.zonedDateTimeISO(viewer).startOfDay().add({ days }).toInstant().toString();
const MONTH: TimeWindow = { from: day(-10), to: day(20), viewer };
const WEEK: TimeWindow = { from: day(0), to: day(7), viewer };

function Titles() {
  const [window, setWindow] = useState(MONTH);
  const { data } = useOccurrences(window);
  return (
    <button type="button" data-testid="titles" data-shows={window === WEEK ? 'week' : 'month'} onClick={() => setWindow(WEEK)}>
      {data?.map(({ title }) => title).join(', ') ?? 'Nothing yet'}
    </button>
  );
}

const dayOf = (days: number): TimeWindow => ({ from: day(days), to: day(days + 1), viewer });

function Days() {
  const [days, setDays] = useState(0);
  const { isPlaceholderData } = useOccurrences(dayOf(days));
  useReadAhead([dayOf(days + 1), dayOf(days - 1)], !isPlaceholderData);
  return (
    <>
      <button type="button" data-testid="later" onClick={() => setDays(days + 1)}>
        {days}
      </button>
      <button type="button" data-testid="home" onClick={() => setDays(0)}>
        Home
      </button>
    </>
  );
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

  it('is not asked for where it is a part of what was read, until that changes', async () => {
    const host = openBrowserHost(new URLSearchParams('zone=Europe/Berlin&state=synced'));
    const call = host.call;
    const asked: TimeWindow[] = [];
    host.call = ((command, arguments_) => {
      if (command === 'occurrences') asked.push((arguments_ as { window: TimeWindow }).window);
      return call(command, arguments_);
    }) as typeof call;
    shown = await stage(() => <Titles />, '', host);
    await shown.says('Design review');
    await shown.click('titles');
    const told = (await call('occurrences', { window: WEEK })).map(({ title }) => title).join(', ');
    expect((await shown.find('titles')).textContent).toBe(told);
    expect(asked).toEqual([MONTH]);
    await call('create_event', { draft: { calendar_id: 'team', content: newContent('Rowing', { kind: 'all_day', start: WEEK.from.slice(0, 10), end: WEEK.to.slice(0, 10) }) } });
    await shown.says('Rowing');
    expect(asked.slice(0, 2)).toEqual([MONTH, WEEK]);
  });

  it('is forgotten when much else was looked at since, and kept when little was', async () => {
    const host = openBrowserHost(new URLSearchParams('zone=Europe/Berlin&state=synced'));
    const call = host.call;
    const asked: string[] = [];
    host.call = ((command, arguments_) => {
      if (command === 'occurrences') asked.push((arguments_ as { window: TimeWindow }).window.from);
      return call(command, arguments_);
    }) as typeof call;
    shown = await stage(() => <Days />, '', host);
    const { click, until } = shown;
    const goOn = async (days: number) => {
      await click('later');
      await until('the day after is read ahead', () => asked.includes(day(days + 1)));
    };
    await until('the days around are read ahead', () => asked.includes(day(-1)));
    for (let days = 1; days <= 5; days++) await goOn(days);
    await click('home');
    expect(asked.filter((from) => from === day(0))).toHaveLength(1);
    for (let days = 1; days <= 16; days++) await goOn(days);
    await click('home');
    await until('the first day is read again', () => asked.filter((from) => from === day(0)).length === 2);
  });
});
