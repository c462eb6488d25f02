/** Chooses the host when the window starts. */
import type { Host } from './host';

export { failureOf, type Commands, type Host, type HostEvents } from './host';

/** Opens the real host inside the shell, and the world in memory anywhere else. */
export async function openHost(): Promise<Host> {
  if ('__TAURI_INTERNALS__' in window) return (await import('./tauri')).tauriHost;
  return (await import('./browser')).openBrowserHost(new URLSearchParams(window.location.search));
}
