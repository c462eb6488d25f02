// @vitest-environment jsdom
import { afterEach, expect, it } from 'vitest';
import type { Resolution } from '../../api/generated/Resolution';
import { openBrowserHost } from '../../host/browser';
import type { Commands, Host } from '../../host';
import { stage, type Stage } from '../../testing/stage';
import { ConflictDialog } from './conflict-dialog';

let shown: Stage | null = null;
afterEach(async () => {
  await shown?.leave();
  shown = null;
});

/** The sample's conflict, and what is answered to it. */
async function open() {
  const answers: Resolution[] = [];
  const world = openBrowserHost(new URLSearchParams('zone=Europe/Berlin&state=conflict'));
  const host: Host = {
    ...world,
    call: ((name: keyof Commands, given: never) => {
      if (name === 'resolve_conflict') answers.push((given as { resolution: Resolution }).resolution);
      return world.call(name, given);
    }) as Host['call'],
  };
  const [conflict] = await host.call('conflicts', {});
  if (conflict === undefined) throw new Error('no conflict');
  shown = await stage(() => <ConflictDialog conflict={conflict} onClose={() => {}} />, '', host);
  return { ...shown, answers };
}

it('sends what is chosen in each field', async () => {
  const { find, click, until, answers, complaints } = await open();
  await find('decide');
  expect(await complaints()).toEqual([]);
  await click('location-remote');
  await click('decide');
  await until('an answer', () => answers.length === 1);
  expect(answers).toEqual([{ kind: 'fields', sides: { title: 'local', location: 'remote' } }]);
});

it('names the calendar and its account apart from the sentence', async () => {
  const { find } = await open();
  expect((await find('conflict-place')).textContent.trim()).toBe('Team · mara@northlight.example');
});

it('keeps both when asked to', async () => {
  const { find, click, until, answers } = await open();
  await find('keep-both');
  await click('keep-both');
  await until('an answer', () => answers.length === 1);
  expect(answers).toEqual([{ kind: 'both' }]);
});
