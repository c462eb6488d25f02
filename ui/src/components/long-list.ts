/** Long lists: only what can be seen is drawn, and room is kept for the rest. */
import { useVirtualizer } from '@tanstack/react-virtual';
import { useRef, type Key } from 'react';

/** More rows than one can see are drawn on either side, so that a list that is scrolled fast has no holes. */
const OVERSCAN = 8;

/**
 * Returns which rows are to be drawn, and the room before and after them. The scroller gets `scroller` and
 * `data-scroller`, each row `measure` and `data-index`.
 */
export function useLongList<Scroller extends HTMLElement>(count: number, estimate: (place: number) => number, keyOf?: (place: number) => Key, overscan = OVERSCAN) {
  const scroller = useRef<Scroller>(null);
  // oxlint-disable-next-line react/incompatible-library -- its rows change with every scroll, and nothing here is kept over that.
  const virtualizer = useVirtualizer<Scroller, HTMLElement>({
    count,
    estimateSize: estimate,
    getScrollElement: () => scroller.current,
    overscan,
    ...(keyOf && { getItemKey: (place: number) => keyOf(place) as string | number | bigint }),
  });
  const rows = virtualizer.getVirtualItems();
  return {
    scroller,
    rows: rows.map(({ index, key }) => ({ place: index, key })),
    measure: virtualizer.measureElement,
    before: rows[0]?.start ?? 0,
    after: virtualizer.getTotalSize() - (rows.at(-1)?.end ?? 0),
    scrollTo: virtualizer.scrollToIndex,
  };
}
