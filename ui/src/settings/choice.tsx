/** One thing to choose: its name, what it means, and the control. */
import type { ReactNode } from 'react';
import classes from './settings.module.css';

/** Shows it as a row of a page. */
export function Choice({ name, note, children }: { name: string; note?: string; children: ReactNode }) {
  return (
    <li className={classes.choice}>
      <div className={classes.about}>
        <div>{name}</div>
        {note !== undefined && <div className={classes.note}>{note}</div>}
      </div>
      {children}
    </li>
  );
}
