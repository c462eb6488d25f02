/** The agenda: the days ahead, one under the other. */
import { Temporal } from 'temporal-polyfill';
import type { OccurrenceView } from '../../api/generated/OccurrenceView';
import { useManner } from '../../api/host-context';
import { occurrenceId } from '../../api/targets';
import { boxOf, type Box } from '../../layout/placement';
import { hueStyle } from '../../theme/use-hue';
import { formatTime } from '../../time/format';
import type { DayRange } from '../../time/periods';
import { agendaDays } from './days';
import classes from './agenda.module.css';

interface Props {
  range: DayRange;
  today: Temporal.PlainDate;
  occurrences: readonly OccurrenceView[];
  colorOf: (occurrence: OccurrenceView) => string;
  chosenId: string | null;
  onSelect: (occurrence: OccurrenceView, box: Box) => void;
}

/** Shows the agenda. */
export function AgendaView({ range, today, occurrences, colorOf, chosenId, onSelect }: Props) {
  const manner = useManner();
  const days = agendaDays(occurrences, range, today, manner.viewer);
  const now = Temporal.Now.instant();
  return (
    <div className={classes.agenda}>
      {days.map(({ date, occurrences: found }) => (
        <section key={date.toString()} className={classes.day} data-today={date.equals(today) || undefined}>
          <h2 className={classes.date}>
            <span className={classes.number}>{date.day}</span>
            <span className={classes.words}>
              {date.toLocaleString(manner.locale, { weekday: 'long' })}
              <small>{date.toLocaleString(manner.locale, { month: 'long' })}</small>
            </span>
          </h2>
          <ul className={classes.list}>
            {found.length === 0 && <li className={classes.nothing}>Nothing planned.</li>}
            {found.map((occurrence) => (
              <li key={occurrenceId(occurrence)}>
                <button
                  type="button"
                  className={classes.row}
                  style={hueStyle(colorOf(occurrence))}
                  data-testid="event-block"
                  data-event-id={occurrence.event_id}
                  data-occurrence-id={occurrenceId(occurrence)}
                  data-chosen={chosenId === occurrenceId(occurrence) || undefined}
                  data-past={Temporal.Instant.compare(occurrence.ends_at, now) < 0 || undefined}
                  data-struck={occurrence.status === 'cancelled' || occurrence.response === 'declined' || undefined}
                  onClick={(event) => onSelect(occurrence, boxOf(event.currentTarget))}
                >
                  <span className={classes.time}>{occurrence.when.kind === 'all_day' ? 'all day' : times(occurrence, (text) => formatTime(Temporal.Instant.from(text), manner))}</span>
                  <span className={classes.bar} aria-hidden />
                  <span className={classes.title}>{occurrence.title === '' ? 'Untitled' : occurrence.title}</span>
                  <span className={classes.place}>{occurrence.location}</span>
                </button>
              </li>
            ))}
          </ul>
        </section>
      ))}
      {days.length === 0 && <p className={classes.empty}>Nothing in these four weeks.</p>}
    </div>
  );
}

const times = (occurrence: OccurrenceView, clock: (text: string) => string) => `${clock(occurrence.starts_at)} – ${clock(occurrence.ends_at)}`;
