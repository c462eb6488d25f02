// @vitest-environment jsdom
import { afterEach, expect, it } from 'vitest';
import { stage, type Stage } from '../../testing/stage';
import { Palette } from './palette';

let shown: Stage | null = null;
afterEach(async () => {
  await shown?.leave();
  shown = null;
});

it('finds, walks and runs by keyboard alone, and is for everybody', async () => {
  const done: string[] = [];
  const command = (label: string) => ({ id: label, group: 'View', label, run: () => done.push(label) });
  shown = await stage(() => <Palette isOpen commands={[command('Week'), command('Month'), command('Year')]} arising={(typed) => (typed === 'w' ? [command('Go west')] : [])} onClose={() => done.push('closed')} />);
  const { find, write, all, until, complaints } = shown;
  const field = await find('palette-field');
  const press = async (key: string) => {
    field.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }));
    await new Promise((resolve) => setTimeout(resolve, 20));
  };
  const selected = () => all('palette-command').filter((one) => one.getAttribute('aria-selected') === 'true').map(({ textContent }) => textContent);
  expect(await complaints()).toEqual([]);
  await press('ArrowUp');
  expect(selected()).toEqual(['YearView']);
  await write(field, 'w');
  await until('what fits', () => all('palette-command').length === 2);
  expect(selected()).toEqual(['Go westView']);
  await press('ArrowDown');
  await press('Enter');
  expect(done).toEqual(['closed', 'Week']);
});
