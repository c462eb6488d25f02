/** The year at a glance: twelve small months, each day as strong as it is full. */
import { Temporal } from 'temporal-polyfill';
import { useMemo } from 'react';
import type { OccurrenceView } from '../../api/generated/OccurrenceView';
import { useManner } from '../../api/host-context';
import { miniMonth } from '../../time/periods';
import { dayWords } from '../../time/words';
import { levelOf, loadByDay, loadWords, type DayLoad } from './load';
import classes from './year.module.css';

interface Props {
  year: number;
  today: Temporal.PlainDate;
  occurrences: readonly OccurrenceView[];
  onOpenDay: (day: Temporal.PlainDate) => void;
  onOpenMonth: (day: Temporal.PlainDate) => void;
}

const NOTHING: DayLoad = { count: 0, minutes: 0 };

/** Shows the year. */
export function YearView({ year, today, occurrences, onOpenDay, onOpenMonth }: Props) {
  const { viewer } = useManner();
  const loads = useMemo(() => loadByDay(occurrences, viewer), [occurrences, viewer]);
  return (
    <div className={classes.year} data-testid="year">
      {Array.from({ length: 12 }, (_, index) => {
        const first = new Temporal.PlainDate(year, index + 1, 1);
        return <Month key={first.toString()} first={first} today={today} loads={loads} onOpenDay={onOpenDay} onOpenMonth={onOpenMonth} />;
      })}
      <Scale />
    </div>
  );
}

interface MonthProps extends Pick<Props, 'today' | 'onOpenDay' | 'onOpenMonth'> {
  first: Temporal.PlainDate;
  loads: ReadonlyMap<string, DayLoad>;
}

function Month({ first, today, loads, onOpenDay, onOpenMonth }: MonthProps) {
  const { locale, weekStart } = useManner();
  const name = dayWords(first, locale, { month: 'long' });
  const days = miniMonth(first, weekStart);
  return (
    <section className={classes.month} aria-label={`${name} ${first.year}`}>
      <button type="button" className={classes.name} data-current={(first.month === today.month && first.year === today.year) || undefined} onClick={() => onOpenMonth(first)}>
        {name}
      </button>
      <div className={classes.days}>
        {days.slice(0, 7).map((day) => (
          <span key={day.dayOfWeek} className={classes.weekday} aria-hidden>
            {dayWords(day, locale, { weekday: 'narrow' })}
          </span>
        ))}
        {days.map((day) => {
          if (day.month !== first.month) return <span key={day.toString()} />;
          const load = loads.get(day.toString()) ?? NOTHING;
          const words = loadWords(load);
          const isToday = day.equals(today);
          return (
            <button
              key={day.toString()}
              type="button"
              className={classes.day}
              data-level={levelOf(load)}
              data-today={isToday || undefined}
              aria-current={isToday ? 'date' : undefined}
              aria-label={`${dayWords(day, locale, { weekday: 'long', day: 'numeric', month: 'long' })}: ${words}`}
              title={words}
              onClick={() => onOpenDay(day)}
            >
              {day.day}
            </button>
          );
        })}
      </div>
    </section>
  );
}

function Scale() {
  return (
    <div className={classes.scale} aria-hidden>
      <span>Free</span>
      {[0, 1, 2, 3, 4].map((level) => (
        <span key={level} className={classes.sample} data-level={level} />
      ))}
      <span>Full</span>
    </div>
  );
}
