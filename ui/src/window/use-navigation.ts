/** Goes where the tray, a notification, a link or a second start asks the window to go. */
import { Temporal } from 'temporal-polyfill';
import { useEffect, useEffectEvent, type Dispatch } from 'react';
import type { Navigation } from '../api/generated/Navigation';
import { useHost, useManner } from '../api/host-context';
import { toastFailure } from '../components/toast';
import { failureOf } from '../host';
import { startDay } from '../time/when';
import { proposedWhen, type WindowAction } from './state';

interface Places {
  act: Dispatch<WindowAction>;
  today: Temporal.PlainDate;
  openSync: () => void;
  openFile: (path: string) => void;
}

/** Listens for as long as the window is there; what was asked while it was loading comes first. */
export function useNavigation({ act, today, openSync, openFile }: Places) {
  const host = useHost();
  const { viewer } = useManner();

  const go = useEffectEvent(async (place: Navigation) => {
    switch (place.kind) {
      case 'event': {
        const { content } = await host.call('event', { target: place.target });
        act({ type: 'go', date: startDay(content.when, viewer) });
        return act({ type: 'select', selection: { target: place.target, side: 'right' } });
      }
      case 'day':
        return act({ type: 'go', date: Temporal.PlainDate.from(place.date) });
      case 'new_event': {
        const when = place.when ?? proposedWhen(today, Temporal.Now.zonedDateTimeISO(viewer));
        act({ type: 'go', date: startDay(when, viewer) });
        return act({ type: 'draft', draft: { when, box: null, title: place.title, calendarId: null } });
      }
      case 'settings':
        return act({ type: 'settings', page: 'accounts' });
      case 'sync':
        return openSync();
      case 'import':
        return openFile(place.path);
    }
  });
  const goWhereAsked = useEffectEvent(async () => {
    try {
      for (const place of await host.call('navigations', {})) await go(place);
    } catch (reason) {
      toastFailure('', failureOf(reason));
    }
  });

  useEffect(() => {
    void goWhereAsked();
    return host.listen('navigate', () => void goWhereAsked());
  }, [host]);
}
