/** What the program around the window does where there is only a browser around it. */
import type { DesktopSettings } from '../../api/generated/DesktopSettings';
import type { Answers } from './answers';

type Shell = Pick<Answers, 'show_downloads' | 'desktop_settings' | 'set_desktop_settings' | 'starts_at_login' | 'set_starts_at_login' | 'quit' | 'save_file' | 'open_link'>;

/** Answers what is asked of the desktop, which forgets it with the page. */
export function shellAnswers(): Shell {
  let desktopSettings: DesktopSettings = { reminders: true, sign_in: true, refused: true, conflict: true, review: true, quota: true, overdue: true, database: true, panel: 'auto' };
  let startsAtLogin = false;
  return {
    show_downloads: () => null,
    desktop_settings: () => desktopSettings,
    set_desktop_settings: ({ settings }) => {
      desktopSettings = settings;
      return null;
    },
    starts_at_login: () => startsAtLogin,
    set_starts_at_login: ({ on }) => {
      startsAtLogin = on;
      return null;
    },
    quit: () => null,
    save_file: ({ file, text }) => {
      download(`synodic-${file}.json`, 'application/json', text);
      return `~/Downloads/synodic-${file}.json`;
    },
    open_link: ({ url }) => {
      globalThis.open(url, '_blank', 'noopener');
      return null;
    },
  };
}

/** Has the browser keep a file. */
export function download(name: string, type: string, text: string): void {
  const link = document.createElement('a');
  link.href = `data:${type};charset=utf-8,${encodeURIComponent(text)}`;
  link.download = name;
  link.click();
}
