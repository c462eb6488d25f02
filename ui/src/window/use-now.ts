/** A clock for words such as “2 min ago”. */
import { Temporal } from 'temporal-polyfill';
import { useEffect, useState } from 'react';

/** Returns now, anew every `interval` milliseconds and whenever `because` changes. */
export function useNow(interval: number, because: unknown = null): Temporal.Instant {
  const [now, setNow] = useState(() => Temporal.Now.instant());
  useEffect(() => {
    const tick = () => setNow(Temporal.Now.instant());
    tick();
    const timer = setInterval(tick, interval);
    return () => clearInterval(timer);
  }, [interval, because]);
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
