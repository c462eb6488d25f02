/** A list in a dialog: what is said while it is read, when there is nothing, and when it could not be read. */
import type { ReactNode } from 'react';
import { failureOf } from '../../host';
import { useLongList } from '../long-list';
import classes from './history.module.css';

interface Props<Item> {
  items: readonly Item[] | undefined;
  error: unknown;
  /** What the list is called when it is read out. */
  label: string;
  /** Said when there is nothing. */
  empty: ReactNode;
  /** How high a row is likely to be. */
  estimate: number;
  testId: string;
  keyOf: (item: Item) => string | number;
  children: (item: Item) => ReactNode;
}

/** Shows the list. */
export function ToldList<Item>({ items, error, label, empty, estimate, testId, keyOf, children }: Props<Item>) {
  const all = items ?? [];
  const { scroller, rows, measure, before, after } = useLongList<HTMLDivElement>(all.length, () => estimate, (place) => {
    const item = all[place];
    return item === undefined ? place : keyOf(item);
  });
  if (items === undefined && error === null) return <p className={classes.reading} role="status">Reading…</p>;
  if (items === undefined) return <p className={classes.failed} role="alert">This could not be read. {failureOf(error).message}</p>;
  if (items.length === 0) return <p className={classes.empty}>{empty}</p>;
  return (
    <div className={classes.scroller} ref={scroller} data-scroller>
      <ul className={classes.list} style={{ paddingTop: before, paddingBottom: after }} aria-label={label}>
        {rows.map(({ place, key }) => {
          const item = items[place];
          return item === undefined ? null : (
            <li key={key as string} ref={measure} data-index={place} data-testid={testId} className={classes.row} aria-setsize={items.length} aria-posinset={place + 1}>
              {children(item)}
            </li>
          );
        })}
      </ul>
    </div>
  );
}
