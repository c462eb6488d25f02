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

/** Returns the day it is for the reader, and changes at midnight. */
export function useToday(viewer: string): Temporal.PlainDate {
  const now = useNow(30_000);
  const today = now.toZonedDateTimeISO(viewer).toPlainDate();
  const text = today.toString();
  const [kept, setKept] = useState(today);
  if (kept.toString() !== text) setKept(today);
  return kept;
}
