/** The small month: find a day, and see which days the grid shows. */
import { IconChevronLeft, IconChevronRight } from '@tabler/icons-react';
import { useState } from 'react';
import type { Temporal } from 'temporal-polyfill';
import { useManner } from '../../api/host-context';
import { miniMonth, visibleDays, type View } from '../../time/periods';
import { dayWords } from '../../time/words';
import { IconButton } from '../icon-button';
import classes from './sidebar.module.css';

interface Props {
  view: View;
  date: Temporal.PlainDate;
  today: Temporal.PlainDate;
  onPick: (date: Temporal.PlainDate) => void;
}

/** Shows the small month. */
export function MiniMonth({ view, date, today, onPick }: Props) {
  const { locale, weekStart } = useManner();
  const [month, setMonth] = useState(date.with({ day: 1 }));
  const [followed, setFollowed] = useState(date);
  if (!followed.equals(date)) {
    setFollowed(date);
    setMonth(date.with({ day: 1 }));
  }
  const days = miniMonth(month, weekStart);
  const shown = view === 'month' || view === 'year' ? null : visibleDays(view === 'agenda' ? 'day' : view, date, weekStart);
  const isShown = (day: Temporal.PlainDate) => shown !== null && day.toString() >= shown.start.toString() && day.toString() < shown.end.toString();
  return (
    <section className={classes.mini} aria-label="Small month">
      <div className={classes.miniHead}>
        <span className={classes.miniTitle}>{`${dayWords(month, locale, { month: 'long' })} ${month.year}`}</span>
        <IconButton label="Month before" onClick={() => setMonth(month.subtract({ months: 1 }))}>
          <IconChevronLeft size={14} />
        </IconButton>
        <IconButton label="Month after" onClick={() => setMonth(month.add({ months: 1 }))}>
          <IconChevronRight size={14} />
        </IconButton>
      </div>
      <div className={classes.miniGrid}>
        {days.slice(0, 7).map((day) => (
          <span key={day.dayOfWeek} className={classes.miniName} aria-hidden>
            {dayWords(day, locale, { weekday: 'narrow' })}
          </span>
        ))}
        {days.map((day) => (
          <button
            key={day.toString()}
            type="button"
            tabIndex={day.equals(date) ? 0 : -1}
            className={classes.miniDay}
            data-other={day.month !== month.month || undefined}
            data-today={day.equals(today) || undefined}
            data-shown={isShown(day) || undefined}
            aria-current={day.equals(today) ? 'date' : undefined}
            aria-label={dayWords(day, locale, { day: 'numeric', month: 'long', year: 'numeric' })}
            onClick={() => onPick(day)}
          >
            <span>{day.day}</span>
          </button>
        ))}
      </div>
    </section>
  );
}
