/** Starts the window: opens the host, asks where it is, and renders. */
import './theme/controls';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app';
import { Mishap } from './components/mishap';
import { failureOf, openHost } from './host';
import { schemeAsked } from './window/preferences';

const root = document.querySelector('#root');
if (root === null) throw new Error('the page has no #root');

try {
  const host = await openHost();
  const info = await host.call('app_info', {});
  createRoot(root).render(
    <StrictMode>
      <Mishap>
        <App host={host} info={info} forcedScheme={schemeAsked(window.location.search)} />
      </Mishap>
    </StrictMode>,
  );
} catch (reason) {
  root.textContent = `Synodic could not open its window. ${failureOf(reason).message}`;
}
