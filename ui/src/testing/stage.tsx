/** Puts a part of the window on a stage: a page without a screen, and the world in memory behind it. For tests only. */
import { MantineProvider } from '@mantine/core';
import { QueryClientProvider } from '@tanstack/react-query';
import axe from 'axe-core';
import type { ReactNode } from 'react';
import { createRoot } from 'react-dom/client';
import { EditsProvider } from '../api/edits';
import { HostProvider } from '../api/host-context';
import { makeQueryClient, useHostEvents } from '../api/queries';
import { SignInProvider } from '../api/sign-in';
import { AskEditProvider } from '../components/dialogs/ask-edit';
import { AskMoveProvider } from '../components/dialogs/ask-move';
import { Messages } from '../components/messages';
import type { Host } from '../host';
import { openBrowserHost } from '../host/browser';
import { RESOLVER, THEME } from '../theme/variables';
import { mannerOf } from '../time/format';

/** What stands on the stage. */
export interface Stage {
  host: Host;
  /** Waits for a part marked `data-testid`, and returns it. */
  find: (testId: string) => Promise<HTMLElement>;
  /** All parts marked `data-testid` now. */
  all: (testId: string) => HTMLElement[];
  /** Waits until the page says these words. */
  says: (words: string) => Promise<void>;
  /** Clicks what is marked so, or an element. */
  click: (what: string | Element) => Promise<void>;
  /** Writes into a field, as by pasting. */
  write: (field: Element, text: string) => Promise<void>;
  /** Waits until something holds. */
  until: <Value>(what: string, look: () => Value | null | undefined | false) => Promise<Value>;
  /** What stands against the page, as axe sees it. */
  complaints: (within?: Element) => Promise<string[]>;
  leave: () => Promise<void>;
}

const PATIENCE_MS = 10_000;

/** Lets everything that is due happen. */
const moment = () => new Promise((resolve) => setTimeout(resolve, 10));

/** A page without a screen lacks what the controls ask about it. */
function equip(): void {
  globalThis.matchMedia ??= (query) =>
    ({ matches: false, media: query, onchange: null, addListener() {}, removeListener() {}, addEventListener() {}, removeEventListener() {}, dispatchEvent: () => false }) as MediaQueryList;
  globalThis.ResizeObserver ??= class {
    observe() {}
    unobserve() {}
    disconnect() {}
  };
  Element.prototype.scrollIntoView ??= () => undefined;
  // Nothing has a height: lists that draw only what is seen get one, and their rows too.
  const height = { configurable: true, get(this: HTMLElement) { return 'scroller' in this.dataset ? 600 : 'index' in this.dataset ? 40 : 0; } };
  Object.defineProperties(HTMLElement.prototype, { offsetHeight: height, offsetWidth: height, clientHeight: height, clientWidth: height });
  globalThis.CSS ??= { escape: (text: string) => text.replace(/[^\w-]/g, '\\$&') } as unknown as typeof CSS;
  // It draws nothing.
  HTMLCanvasElement.prototype.getContext = () => null;
  if (!('fonts' in document)) Object.assign(document, { fonts: new EventTarget() });
}

/** Shows `part` within all that surrounds it in the window. `query` describes the world, as in the browser. */
export async function stage(part: (host: Host) => ReactNode, query = 'state=synced', given?: Host): Promise<Stage> {
  equip();
  const host = given ?? openBrowserHost(new URLSearchParams(`zone=Europe/Berlin&${query}`));
  const info = await host.call('app_info', {});
  const box = document.createElement('div');
  document.body.append(box);
  document.documentElement.lang = 'en';
  document.title = 'Synodic';
  const root = createRoot(box);
  root.render(
    <MantineProvider theme={THEME} cssVariablesResolver={RESOLVER} env="test">
      <QueryClientProvider client={makeQueryClient()}>
        <HostProvider value={{ host, info, manner: { ...mannerOf('en-GB', 'Europe/Berlin') } }}>
          <EditsProvider>
            <SignInProvider>
              <AskEditProvider>
                <AskMoveProvider>
                  <Listening />
                  {part(host)}
                  <Messages isBesideSidebar={false} />
                </AskMoveProvider>
              </AskEditProvider>
            </SignInProvider>
          </EditsProvider>
        </HostProvider>
      </QueryClientProvider>
    </MantineProvider>,
  );

  const all = (testId: string) => [...document.querySelectorAll<HTMLElement>(`[data-testid="${testId}"]`)];
  const until = async <Value,>(what: string, look: () => Value | null | undefined | false): Promise<Value> => {
    const end = Date.now() + PATIENCE_MS;
    for (;;) {
      const seen = look();
      if (seen !== null && seen !== undefined && seen !== false) return seen;
      if (Date.now() > end) throw new Error(`waited in vain: ${what}\n${document.body.textContent}`);
      await moment();
    }
  };
  const find = (testId: string) => until(`a part marked ${testId}`, () => all(testId)[0]);
  return {
    host,
    find,
    all,
    until,
    says: async (words) => void (await until(`the page says ${words}`, () => document.body.textContent.includes(words))),
    click: async (what) => {
      const element = typeof what === 'string' ? await find(what) : what;
      if (element instanceof HTMLElement) element.focus();
      for (const kind of ['mousedown', 'mouseup', 'click']) element.dispatchEvent(new MouseEvent(kind, { bubbles: true, cancelable: true }));
      await moment();
    },
    write: async (field, text) => {
      const kind = field instanceof HTMLTextAreaElement ? HTMLTextAreaElement.prototype : HTMLInputElement.prototype;
      Object.getOwnPropertyDescriptor(kind, 'value')?.set?.call(field, text);
      field.dispatchEvent(new Event('input', { bubbles: true }));
      await moment();
    },
    complaints: async (within = document.body) => {
      // Without a layout colours cannot be seen; their contrast is tested where they are defined.
      const { violations } = await axe.run(within, { rules: { 'color-contrast': { enabled: false }, region: { enabled: false } } });
      return violations.map(({ id, help, nodes }) => `${id}: ${help} at ${nodes.map(({ html }) => html.slice(0, 160)).join(' | ')}`);
    },
    leave: async () => {
      root.unmount();
      await moment();
      document.body.replaceChildren();
    },
  };
}

function Listening() {
  useHostEvents();
  return null;
}
