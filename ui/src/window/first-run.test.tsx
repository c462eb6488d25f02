// @vitest-environment jsdom
import { afterEach, describe, expect, it } from 'vitest';
import { stage, type Stage } from '../testing/stage';
import { FirstRun } from './first-run';

let shown: Stage | null = null;
afterEach(async () => {
  await shown?.leave();
  shown = null;
});

describe('the beginning', () => {
  it('offers what there is to do', async () => {
    const done: string[] = [];
    shown = await stage(() => <FirstRun onConnect={() => done.push('connect')} onNewCalendar={() => done.push('new')} onImport={() => done.push('import')} />, 'state=no_account');
    await shown.click('connect-account');
    await shown.click('import-file');
    expect(done).toEqual(['connect', 'import']);
    expect(await shown.complaints()).toEqual([]);
  });
});
