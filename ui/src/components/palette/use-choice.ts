/** A list that is walked by arrow keys while the focus stays in the field above it. */
import { useEffect, useRef, useState, type KeyboardEvent } from 'react';

/** Returns which of `count` is chosen (-1 when there is none), and what the field and the list need for it. */
export function useChoice(count: number, enter: (place: number) => void) {
  const [place, setPlace] = useState(0);
  const list = useRef<HTMLDivElement>(null);
  const chosen = Math.min(place, count - 1);
  useEffect(() => {
    list.current?.querySelectorAll('[role=option]')[chosen]?.scrollIntoView({ block: 'nearest' });
  }, [chosen]);
  const hear = (event: KeyboardEvent) => {
    // Whoever is in the middle of composing a letter means that letter.
    if (event.nativeEvent.isComposing) return;
    const steps: Partial<Record<string, number>> = { ArrowDown: 1, ArrowUp: -1 };
    const step = steps[event.key];
    if (step !== undefined && count > 0) {
      event.preventDefault();
      setPlace((chosen + step + count) % count);
    }
    if (event.key === 'Enter') {
      event.preventDefault();
      enter(chosen);
    }
  };
  return { chosen, choose: setPlace, hear, list };
}
