/** The agenda: the days ahead, one under the other. */
import { IconCircleCheckFilled } from '@tabler/icons-react';
import type { Temporal } from 'temporal-polyfill';
import { useMemo, type MouseEvent } from 'react';
import type { OccurrenceView } from '../../api/generated/OccurrenceView';
import { useManner } from '../../api/host-context';
import { occurrenceId } from '../../api/targets';
import { useLongList } from '../../components/long-list';
import { boxOf, type Box } from '../../layout/placement';
import { hueOf } from '../../theme/use-hue';
import { formatTimes } from '../../time/format';
import { spanMs } from '../../time/wall';
import { dayWords } from '../../time/words';
import type { DayRange } from '../../time/periods';
import { useNow } from '../../window/use-now';
import { SyncGlyph } from '../grid/event-block';
import { agendaDays, agendaParts, type AgendaPart } from './days';
import classes from './agenda.module.css';

interface Props extends Omit<RowProps, 'now'> {
  range: DayRange;
  today: Temporal.PlainDate;
  occurrences: readonly OccurrenceView[];
}

interface RowProps {
  /** In milliseconds since 1970. */
  now: number;
  colorOf: (occurrence: OccurrenceView) => string;
  chosenId: string | null;
  /** Those that are selected together. */
  markedIds: ReadonlySet<string>;
  onSelect: (occurrence: OccurrenceView, box: Box) => void;
  /** It is selected along with others, or left out again. */
  onMark: (occurrence: OccurrenceView) => void;
  /** The quiet mark of an event was clicked. */
  onWhy: (occurrence: OccurrenceView) => void;
}

const ROW_HEIGHT = 34;
const DAY_PADDING = 21;
/** Parts of days are long, so that few of them are drawn beyond what is seen. */
const OVERSCAN = 2;

/** Shows the agenda. */
export function AgendaView({ range, today, occurrences, ...rest }: Props) {
  const { viewer } = useManner();
  const now = useNow(30_000).epochMilliseconds;
  const parts = useMemo(() => agendaParts(agendaDays(occurrences, range, today, viewer)), [occurrences, range, today, viewer]);
  const { scroller, rows, measure, before, after } = useLongList<HTMLDivElement>(
    parts.length,
    (place) => (parts[place]?.isLast === true ? DAY_PADDING : 0) + ROW_HEIGHT * Math.max(1, parts[place]?.occurrences.length ?? 1),
    (place) => parts[place]?.id ?? place,
    OVERSCAN,
  );
  return (
    <div className={classes.agenda} ref={scroller} data-scroller>
      <div style={{ height: before }} />
      {rows.map(({ place, key }) => {
        const part = parts[place];
        return part === undefined ? null : (
          <div key={key as string} ref={measure} data-index={place}>
            <Part part={part} today={today} now={now} {...rest} />
          </div>
        );
      })}
      <div style={{ height: after }} />
      {parts.length === 0 && <p className={classes.empty}>Nothing in these four weeks.</p>}
    </div>
  );
}

function Part({ part: { date, occurrences: found, isFirst, isLast }, today, ...rest }: RowProps & { part: AgendaPart; today: Temporal.PlainDate }) {
  const { locale } = useManner();
  return (
    <section className={classes.day} data-today={date.equals(today) || undefined} data-goes-on={!isLast || undefined} data-went-on={!isFirst || undefined}>
      {isFirst && (
        <h2 className={classes.date}>
          <span className={classes.number}>{date.day}</span>
          <span className={classes.words}>
            {dayWords(date, locale, { weekday: 'long' })}
            <small>{dayWords(date, locale, { month: 'long' })}</small>
          </span>
        </h2>
      )}
      <ul className={classes.list}>
        {found.length === 0 && <li className={classes.nothing}>Nothing planned.</li>}
        {found.map((occurrence) => (
          <li key={occurrenceId(occurrence)}>
            <Row occurrence={occurrence} {...rest} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function Row({ occurrence, now, colorOf, chosenId, markedIds, onSelect, onMark, onWhy }: RowProps & { occurrence: OccurrenceView }) {
  const manner = useManner();
  const span = spanMs(occurrence);
  const id = occurrenceId(occurrence);
  const isMarked = markedIds.has(id);
  const hear = (event: MouseEvent<HTMLButtonElement>) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) {
      onMark(occurrence);
      return;
    }
    onSelect(occurrence, boxOf(event.currentTarget));
    if (event.target instanceof Element && event.target.closest('[data-why]') !== null) onWhy(occurrence);
  };
  return (
    <button
      type="button"
      className={classes.row}
      data-hue={hueOf(colorOf(occurrence))}
      data-testid="event-block"
      data-event-id={occurrence.event_id}
      data-occurrence-id={id}
      data-sync={occurrence.sync}
      data-chosen={chosenId === id || isMarked || undefined}
      data-selected={isMarked || undefined}
      data-past={span.end < now || undefined}
      data-struck={occurrence.status === 'cancelled' || occurrence.response === 'declined' || undefined}
      onClick={hear}
    >
      <span className={classes.time}>{formatTimes(occurrence, manner)}</span>
      <span className={classes.bar} aria-hidden />
      <span className={classes.title}>{occurrence.title === '' ? 'Untitled' : occurrence.title}</span>
      <span className={classes.place}>{occurrence.location}</span>
      <span className={classes.mark}>{isMarked ? <IconCircleCheckFilled role="img" aria-label="Selected" data-selected /> : <SyncGlyph occurrence={occurrence} />}</span>
    </button>
  );
}
