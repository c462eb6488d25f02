/** A clock for words such as “2 min ago”. */
import { Temporal } from 'temporal-polyfill';
import { useEffect, useState } from 'react';

/** Returns now, anew every `interval` milliseconds and whenever `because` changes. */
export function useNow(interval: number, because = ''): Temporal.Instant {
  const [now, setNow] = useState(() => Temporal.Now.instant());
  const [seen, setSeen] = useState(because);
  if (seen !== because) {
    setSeen(because);
    setNow(Temporal.Now.instant());
  }
  useEffect(() => {
    const tick = () => setNow(Temporal.Now.instant());
    const timer = setInterval(tick, interval);
    return () => clearInterval(timer);
  }, [interval]);
  return now;
}

/** A clock that is set, or a machine that slept, is noticed after so long. */
const LOOK_AGAIN_MS = 30_000;

/** Returns the day it is for the reader, and changes at midnight. */
export function useToday(viewer: string): Temporal.PlainDate {
  const [today, setToday] = useState(() => Temporal.Now.plainDateISO(viewer));
  useEffect(() => {
    let timer = 0;
    const look = () => {
      const now = Temporal.Now.zonedDateTimeISO(viewer);
      const day = now.toPlainDate();
      setToday((known) => (known.equals(day) ? known : day));
      const midnight = now.add({ days: 1 }).startOfDay().epochMilliseconds;
      timer = window.setTimeout(look, Math.min(LOOK_AGAIN_MS, midnight - now.epochMilliseconds));
    };
    look();
    return () => window.clearTimeout(timer);
  }, [viewer]);
  return today;
}
