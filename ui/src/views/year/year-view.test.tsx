// @vitest-environment jsdom
import { Temporal } from 'temporal-polyfill';
import { afterEach, expect, it } from 'vitest';
import { stage, type Stage } from '../../testing/stage';
import { YearView } from './year-view';

let shown: Stage | null = null;
afterEach(async () => {
  await shown?.leave();
  shown = null;
});

it('opens the day and the month that are chosen, and is for everybody', async () => {
  const opened: string[] = [];
  const today = Temporal.PlainDate.from('2026-11-26');
  shown = await stage(() => <YearView year={2026} today={today} occurrences={[]} onOpenDay={(day) => opened.push(`day ${day.toString()}`)} onOpenMonth={(day) => opened.push(`month ${day.toString()}`)} />);
  await shown.find('year');
  const labelled = (label: string) => document.querySelector(`[aria-label="${label}"]`) as HTMLElement;
  await shown.click(labelled('Tuesday 24 February: Nothing'));
  await shown.click(labelled('November 2026').querySelector('button') as HTMLElement);
  expect(opened).toEqual(['day 2026-02-24', 'month 2026-11-01']);
  expect(document.querySelectorAll('[data-level]').length).toBe(365 + 5);
  expect(document.querySelector('[aria-current=date]')?.textContent).toBe('26');
  expect(await shown.complaints(labelled('November 2026'))).toEqual([]);
});
