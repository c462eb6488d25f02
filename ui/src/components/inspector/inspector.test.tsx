// @vitest-environment jsdom
import { Temporal } from 'temporal-polyfill';
import { useState } from 'react';
import { afterEach, describe, expect, it } from 'vitest';
import type { OccurrenceView } from '../../api/generated/OccurrenceView';
import { useCalendars } from '../../api/queries';
import { targetOf } from '../../api/targets';
import type { Commands, Host } from '../../host';
import { openBrowserHost } from '../../host/browser';
import { stage, type Stage } from '../../testing/stage';
import { Inspector } from './inspector';

const ZONE = 'Europe/Berlin';

/** A host that notes what is asked of it. */
function watched(): { host: Host; asked: [keyof Commands, unknown][] } {
  const host = openBrowserHost(new URLSearchParams(`zone=${ZONE}&state=synced`));
  const asked: [keyof Commands, unknown][] = [];
  return {
    asked,
    host: {
      listen: host.listen,
      call: (command, arguments_) => {
        asked.push([command, arguments_]);
        return host.call(command, arguments_);
      },
    },
  };
}

/** What takes place in the three weeks around today, in order. */
async function occurrences(host: Host): Promise<OccurrenceView[]> {
  const today = Temporal.Now.plainDateISO(ZONE);
  const at = (days: number) => today.add({ days }).toZonedDateTime(ZONE).toInstant().toString();
  return host.call('occurrences', { window: { from: at(-10), to: at(11), viewer: ZONE } });
}

function Shown({ occurrence, startsEditing }: { occurrence: OccurrenceView; startsEditing: boolean }) {
  const [isEditing, setEditing] = useState(startsEditing);
  const { data: calendars } = useCalendars();
  if (!calendars) return null;
  return (
    <Inspector
      subject={{ kind: 'event', target: targetOf(occurrence), isEditing }}
      side="right"
      calendars={calendars}
      onEdit={() => setEditing(true)}
      onStopEditing={() => setEditing(false)}
      onClose={() => undefined}
      onDelete={() => undefined}
      onTell={() => undefined}
    />
  );
}

let shown: Stage | null = null;
async function open(title: string, startsEditing = true, index = 0) {
  const { host, asked } = watched();
  const occurrence = (await occurrences(host)).filter((one) => one.title === title)[index];
  if (!occurrence) throw new Error(`no ${title}`);
  shown = await stage(() => <Shown occurrence={occurrence} startsEditing={startsEditing} />, '', host);
  await shown.find(startsEditing ? 'save-event' : 'event-link');
  return { ...shown, asked, occurrence, answers: (command: keyof Commands) => asked.filter(([name]) => name === command).map(([, arguments_]) => arguments_) };
}
afterEach(async () => {
  await shown?.leave();
  shown = null;
});

const titles = async (host: Host) => (await occurrences(host)).map(({ title }) => title);
const count = (all: string[], title: string) => all.filter((one) => one === title).length;
const change = async ({ find, write, click }: Stage, title: string) => {
  await write(await find('event-title-input'), title);
  await click('save-event');
};

describe('an edit of something that repeats', () => {
  it('can mean this one alone', async () => {
    const stand = await open('Stand-up', true, 3);
    const before = count(await titles(stand.host), 'Stand-up');
    await change(stand, 'Sit-down');
    await stand.click('scope-this');
    await stand.until('it is saved', () => stand.all('save-event').length === 0);
    const after = await titles(stand.host);
    expect([count(after, 'Sit-down'), count(after, 'Stand-up')]).toEqual([1, before - 1]);
  });

  it('can mean this and all that follow, as a series of their own', async () => {
    const stand = await open('Stand-up', true, 3);
    const before = count(await titles(stand.host), 'Stand-up');
    await change(stand, 'Sit-down');
    await stand.click('scope-following');
    await stand.until('it is saved', () => stand.all('save-event').length === 0);
    const after = await titles(stand.host);
    expect([count(after, 'Sit-down'), count(after, 'Stand-up')]).toEqual([before - 3, 3]);
  });

  it('can mean all', async () => {
    const stand = await open('Stand-up', true, 3);
    const before = count(await titles(stand.host), 'Stand-up');
    await change(stand, 'Sit-down');
    await stand.click('scope-all');
    await stand.until('it is saved', () => stand.all('save-event').length === 0);
    expect(count(await titles(stand.host), 'Sit-down')).toBe(before);
  });

  it('of its rule cannot mean one alone', async () => {
    const stand = await open('Stand-up', true, 3);
    await stand.click('repeat');
    await stand.click(await stand.until('every day is offered', () => [...document.querySelectorAll('[role=option]')].find(({ textContent }) => textContent === 'Every day')));
    await stand.click('save-event');
    await stand.find('scope-following');
    expect(stand.all('scope-this')).toEqual([]);
  });
});

describe('guests', () => {
  it('are told nothing unless it is wished', async () => {
    const review = await open('Design review: onboarding');
    await change(review, 'Design review');
    await review.says('3 guests are invited');
    await review.click('notify-nobody');
    await review.until('it is saved', () => review.all('save-event').length === 0);
    expect(review.answers('change_event')).toMatchObject([{ change: { notify: 'nobody', content: { title: 'Design review' } } }]);
  });

  it('are told when it is wished, also of a series', async () => {
    const stand = await open('Stand-up', true, 3);
    await change(stand, 'Sit-down');
    const tick = (await stand.find('notify-guests')) as HTMLInputElement;
    expect(tick.checked).toBe(false);
    await stand.click(tick);
    await stand.click('scope-all');
    await stand.until('it is saved', () => stand.all('save-event').length === 0);
    expect(stand.answers('change_event')).toMatchObject([{ change: { notify: 'everybody', target: { kind: 'event' } } }]);
  });

  it('are invited by address and let go', async () => {
    const lunch = await open('Lunch with Priya');
    await lunch.write(await lunch.find('add-guests'), 'Priya <priya@x.org>, nobody');
    (await lunch.find('add-guests')).dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true, cancelable: true }));
    await lunch.says('“nobody” is not an address');
    expect(lunch.all('guest').map(({ textContent }) => textContent)).toEqual(['Priya']);
    await lunch.write(await lunch.find('add-guests'), '');
    await lunch.click('save-event');
    await lunch.click('notify-everybody');
    await lunch.until('it is saved', () => lunch.all('save-event').length === 0);
    expect(lunch.answers('change_event')).toMatchObject([{ change: { notify: 'everybody', content: { attendees: [{ email: 'priya@x.org', name: 'Priya', response: 'needs_action' }] } } }]);
  });
});

describe('an invitation', () => {
  it('is answered with one click', async () => {
    const interview = await open('Interview: platform engineer', false);
    await interview.says('Are you going?');
    await interview.click('answer-accepted');
    await interview.until('it is answered', () => interview.all('answer-accepted')[0]?.getAttribute('aria-pressed') === 'true');
    expect(interview.answers('answer_event')).toMatchObject([{ answer: { response: 'accepted', notify: 'nobody', target: { kind: 'event' } } }]);
  });

  it('to a series is answered for one or for all', async () => {
    const stand = await open('Stand-up', false, 2);
    await stand.click('answer-declined');
    await stand.find('scope-all');
    expect(stand.all('scope-following')).toEqual([]);
    await stand.click('scope-this');
    await stand.until('it is answered', () => stand.answers('answer_event').length === 1);
    expect(stand.answers('answer_event')).toMatchObject([{ answer: { target: { kind: 'occurrence' } } }]);
  });
});

describe('another calendar', () => {
  const choose = async (page: Stage, name: string) => {
    await page.click(await page.until('the calendars', () => document.querySelector('input[aria-label=Calendar]')));
    await page.click(await page.until(name, () => [...document.querySelectorAll('[role=option]')].find(({ textContent }) => textContent === name)));
    await page.click('save-event');
  };

  it('of the same account takes the event', async () => {
    const notes = await open('Write the sync notes');
    await choose(notes, 'Team');
    await notes.until('it is saved', () => notes.all('save-event').length === 0);
    expect((await occurrences(notes.host)).find(({ title }) => title === 'Write the sync notes')?.calendar_id).toBe('team');
    expect(notes.answers('change_event')).toEqual([]);
  });

  it('of another account takes it once that is agreed to', async () => {
    const notes = await open('Write the sync notes');
    await choose(notes, 'Home');
    await notes.says('kept at different accounts');
    await notes.click('move-agreed');
    await notes.until('it is saved', () => notes.all('save-event').length === 0);
    expect((await occurrences(notes.host)).find(({ title }) => title === 'Write the sync notes')?.calendar_id).toBe('home');
  });
});

describe('what belongs to others', () => {
  it('says who can change it, and lets the rest be changed', async () => {
    const planning = await open('Planning', false);
    expect((await planning.find('read-only')).textContent).toContain('Only Idris Cole');
    await planning.click('edit-event');
    expect(((await planning.find('event-title-input')) as HTMLInputElement).disabled).toBe(true);
    await planning.click(await planning.until('a colour', () => document.querySelector('[role=radio][aria-label=Gold]')));
    await planning.click('save-event');
    await planning.click('scope-this');
    await planning.until('it is saved', () => planning.all('save-event').length === 0);
    expect(planning.answers('change_event')).toMatchObject([{ change: { notify: 'nobody', content: { color: 'gold' } } }]);
  });

  it('offers no edit in a calendar that is only read', async () => {
    const freeze = await open('Code freeze', false);
    expect((await freeze.find('read-only')).textContent).toContain('“Releases” is only read');
    expect([freeze.all('edit-event'), freeze.all('delete-event')]).toEqual([[], []]);
  });
});

describe('how it repeats', () => {
  it('is said in a sentence with the next five dates', async () => {
    const stand = await open('Stand-up', true, 3);
    const meaning = await stand.find('repeat-meaning');
    await stand.until('the dates', () => (meaning.textContent.match(/·/g) ?? []).length === 4);
    expect(meaning.textContent).toContain('Every weekday.');
  });
});

describe('for everybody', () => {
  it.each([['Design review: onboarding', true], ['Planning', true], ['Stand-up', true], ['Interview: platform engineer', false], ['Code freeze', false]])('%s, edited: %s', async (title, isEdited) => {
    const { complaints } = await open(title, isEdited);
    expect(await complaints()).toEqual([]);
  });
});
