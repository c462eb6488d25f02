// @vitest-environment jsdom
import { useState } from 'react';
import { afterEach, describe, expect, it } from 'vitest';
import type { ChannelState } from '../api/generated/ChannelState';
import type { DashboardView } from '../api/generated/DashboardView';
import { useSnapshot } from '../api/queries';
import type { Commands, Host } from '../host';
import { openBrowserHost } from '../host/browser';
import { stage, type Stage } from '../testing/stage';
import { comparedWords, DashboardPage } from './dashboard-page';

function Shown() {
  return <DashboardPage snapshot={useSnapshot()} onConnect={() => undefined} />;
}

let shown: Stage | null = null;
const open = async (query?: string, host?: Host) => (shown = await stage(() => <Shown />, query, host));
afterEach(async () => {
  await shown?.leave();
  shown = null;
});

const openHost = (query: string) => openBrowserHost(new URLSearchParams(`zone=Europe/Berlin&${query}`));

describe('a comparison with everything there', () => {
  const channel: ChannelState = { link_id: '1', calendar: 'Work', expires_at: null, compared_at: null, drifted: 0, drifted_ever: 0 };
  const words = (...channels: Partial<ChannelState>[]) => comparedWords({ channels: channels.map((part) => ({ ...channel, ...part })) }, (instant) => instant.slice(11, 16));

  it('says when it was, and what it found', () => {
    expect(words({})).toBe('Not yet; once a day');
    expect(words({ compared_at: '2026-11-23T09:00:00Z' })).toBe('09:00: all the same');
    expect(words({ compared_at: '2026-11-23T09:00:00Z', drifted: 2, drifted_ever: 2 }, { compared_at: '2026-11-23T08:00:00Z', drifted_ever: 3 })).toBe('08:00: 2 put right; 5 put right so far');
  });
});

describe('the dashboard', () => {
  it('shows each account, and the lines behind a number', async () => {
    const { all, until, click, find, says, complaints } = await open();
    await until('both accounts', () => all('account-health').length === 2);
    await says('median, asking often');
    const sent = document.querySelector<HTMLElement>('[aria-label^="Sent at"]');
    expect(sent).not.toBeNull();
    await click(sent ?? 'sent');
    await find('log-line');
    await says('Made there, done');
    expect(await complaints()).toEqual([]);
    await click('close-log');
    await find('dashboard');
    expect(await complaints()).toEqual([]);
  });

  it('says in words where a chart has nothing to draw', async () => {
    const inner = openHost('state=synced');
    const host: Host = {
      listen: inner.listen,
      call: (async (command: keyof Commands, arguments_: never) => {
        const answer = await inner.call(command, arguments_);
        if (command !== 'dashboard') return answer;
        const counted = answer as DashboardView;
        return { ...counted, periods: counted.periods.map((period) => ({ ...period, edits_out: 0, latency: null })) };
      }) as Host['call'],
    };
    const { says, complaints } = await open(undefined, host);
    await says('No edit was sent in this time.');
    expect(await complaints()).toEqual([]);
  });

  it('draws only what can be seen of many lines', async () => {
    const inner = openHost('state=synced');
    const host: Host = {
      listen: inner.listen,
      call: (async (command: keyof Commands, arguments_: never) => {
        const answer = await inner.call(command, arguments_);
        return command === 'sync_log' ? Array.from({ length: 2000 }, () => (answer as unknown[])[0]) : answer;
      }) as Host['call'],
    };
    const { until, click, find, all } = await open(undefined, host);
    await click(await until('what was sent', () => document.querySelector('[aria-label^="Sent at"]')));
    await find('log-line');
    expect(all('log-line').length).toBeLessThan(60);
    expect(document.querySelector('[aria-rowcount]')?.getAttribute('aria-rowcount')).toBe('2001');
  });

  it('asks for exactly what a number counted', async () => {
    const inner = openHost('state=synced');
    const asked: unknown[] = [];
    const host: Host = {
      listen: inner.listen,
      call: (command, arguments_) => {
        if (command === 'sync_log') asked.push(arguments_);
        return inner.call(command, arguments_);
      },
    };
    const { until, click, find } = await open(undefined, host);
    await click(await until('retries', () => document.querySelector('[aria-label^="Tried again at"]')));
    await find('log-lines');
    expect(asked).toMatchObject([{ query: { actions: [], outcomes: ['RETRIED'], kind: null } }]);
  });

  it('counts anew each time it is opened', async () => {
    const inner = openHost('state=synced');
    let counted = 0;
    const host: Host = {
      listen: inner.listen,
      call: (command, arguments_) => {
        if (command === 'dashboard') counted += 1;
        return inner.call(command, arguments_);
      },
    };
    function Door() {
      const [isOpen, setOpen] = useState(true);
      return (
        <>
          <button type="button" data-testid="door" onClick={() => setOpen(!isOpen)}>
            Door
          </button>
          {isOpen && <Shown />}
        </>
      );
    }
    const { all, until, click } = (shown = await stage(() => <Door />, undefined, host));
    await until('both accounts', () => all('account-health').length === 2);
    await click('door');
    await until('it is closed', () => all('account-health').length === 0);
    await click('door');
    await until('it has counted again', () => counted === 2);
    expect(counted).toBe(2);
  });

  it('says what to do when no account is connected', async () => {
    const { says, complaints } = await open('state=no_account');
    await says('No account is connected');
    expect(await complaints()).toEqual([]);
  });

  it('says why it cannot count, and tries again', async () => {
    const inner = openHost('state=synced');
    let isBroken = true;
    const host: Host = {
      listen: inner.listen,
      call: (command, arguments_) => (command === 'dashboard' && isBroken ? Promise.reject({ code: 'storage', message: 'The disk is full.' }) : inner.call(command, arguments_)),
    };
    const { says, until, click, all } = await open(undefined, host);
    await says('The disk is full.');
    isBroken = false;
    await click(await until('a button', () => [...document.querySelectorAll('button')].find(({ textContent }) => textContent === 'Try again')));
    await until('both accounts', () => all('account-health').length === 2);
    expect(all('account-health')).toHaveLength(2);
  });
});
