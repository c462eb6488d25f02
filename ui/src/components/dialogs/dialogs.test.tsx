// @vitest-environment jsdom
import { afterEach, describe, expect, it } from 'vitest';
import { useAskEdit, type EditQuestion } from './ask-edit';
import { useAskMove } from './ask-move';
import { NewCalendar } from './new-calendar';
import { RemoveAccount } from './remove-account';
import { stage, type Stage } from '../../testing/stage';

let shown: Stage | null = null;
afterEach(async () => {
  await shown?.leave();
  shown = null;
});

function Asking({ question }: { question: EditQuestion }) {
  const ask = useAskEdit();
  return (
    <button type="button" data-testid="ask" onClick={() => void ask(question)}>
      Ask
    </button>
  );
}

function Moving() {
  const ask = useAskMove();
  return (
    <button type="button" data-testid="ask" onClick={() => void ask('They are kept at different accounts.')}>
      Ask
    </button>
  );
}

describe('for everybody', () => {
  it('a new calendar', async () => {
    shown = await stage(() => <NewCalendar isOpen count={3} onClose={() => undefined} />);
    await shown.until('the dialog', () => document.querySelector('[role=dialog] input'));
    expect(await shown.complaints()).toEqual([]);
  });

  it('an account that is to go', async () => {
    shown = await stage(() => <RemoveAccount leaving={{ integrationId: 'work', account: 'mara@northlight.example', provider: 'google' }} onClose={() => undefined} />);
    await shown.find('remove-keep');
    expect(await shown.complaints()).toEqual([]);
  });

  it.each<[string, EditQuestion]>([
    ['guests', { verb: 'Delete', title: 'Tea', key: null, guests: 2 }],
    ['several', { verb: 'Delete', title: '', count: 4, key: null, guests: 1 }],
  ])('the question for %s', async (_, question) => {
    shown = await stage(() => <Asking question={question} />);
    await shown.click('ask');
    await shown.find('notify-nobody');
    await shown.says(question.count === undefined ? 'Delete “Tea”' : 'Delete 4 events');
    expect(await shown.complaints()).toEqual([]);
  });

  it('the question for a move', async () => {
    shown = await stage(() => <Moving />);
    await shown.click('ask');
    await shown.find('move-agreed');
    expect(await shown.complaints()).toEqual([]);
  });
});
