/** One event in the grid. It says everything twice: by colour and by form. */
import { IconAlertCircleFilled, IconArrowsSplit2, IconCircleCheckFilled, IconClock, IconHelp } from '@tabler/icons-react';
import type { OccurrenceView } from '../../api/generated/OccurrenceView';
import { occurrenceId } from '../../api/targets';
import { hueOf } from '../../theme/use-hue';
import classes from './event-block.module.css';

/** How a block is laid out: a bar in a day row, a line in a month's cell, one or several lines in a time column. */
export type BlockShape = 'bar' | 'line' | 'short' | 'tall';

interface Props {
  occurrence: OccurrenceView;
  color: string;
  shape: BlockShape;
  /** When it starts, and in tall blocks when it ends. */
  start: string;
  end: string;
  /** How many lines of text a tall block has room for. */
  lines: number;
  isPast: boolean;
  isChosen: boolean;
  /** It is selected along with others. */
  isMarked: boolean;
}

/** Draws an event. */
export function EventBlock({ occurrence, color, shape, start, end, lines, isPast, isChosen, isMarked: isSelected }: Props) {
  const { title, location, status, response, transparency, sync } = occurrence;
  const isUnsure = status === 'tentative' || response === 'tentative' || response === 'needs_action';
  return (
    <div
      className={classes.block}
      data-hue={hueOf(color)}
      data-testid="event-block"
      data-event-id={occurrence.event_id}
      data-occurrence-id={occurrenceId(occurrence)}
      data-shape={shape}
      data-roomy={lines >= 4 || (lines === 3 && location === '') || undefined}
      data-past={isPast || undefined}
      data-chosen={isChosen || isSelected || undefined}
      data-selected={isSelected || undefined}
      data-unsure={isUnsure || undefined}
      data-declined={response === 'declined' || undefined}
      data-cancelled={status === 'cancelled' || undefined}
      data-free={transparency === 'transparent' || undefined}
      data-sync={sync}
      data-marked={isSelected || isMarked(occurrence) || undefined}
    >
      {shape === 'line' && start !== '' && <span className={classes.time}>{start}</span>}
      <span className={classes.title}>{title === '' ? 'Untitled' : title}</span>
      {shape === 'short' && start !== '' && <span className={classes.time}>{start}</span>}
      {shape === 'tall' && lines >= 2 && (
        <span className={classes.time}>
          {start}
          <span className={classes.end}> – {end}</span>
        </span>
      )}
      {shape === 'tall' && lines >= 3 && location !== '' && <span className={classes.place}>{location}</span>}
      {isSelected ? <IconCircleCheckFilled className={`${classes.glyph} ${classes.selected}`} role="img" aria-label="Selected" /> : <SyncGlyph occurrence={occurrence} />}
    </div>
  );
}

function isMarked({ sync, response }: OccurrenceView): boolean {
  return response === 'needs_action' || (sync !== 'local' && sync !== 'synced');
}

/** The quiet mark of an event that is not in order, or not answered. A click on the former tells why. */
export function SyncGlyph({ occurrence }: { occurrence: OccurrenceView }) {
  switch (occurrence.sync) {
    case 'pending':
      return <IconClock className={classes.glyph} role="img" aria-label="Waits to be sent" data-why />;
    case 'failed':
      return <IconAlertCircleFilled className={`${classes.glyph} ${classes.failed}`} role="img" aria-label="Could not be sent" data-why />;
    case 'conflict':
      return <IconArrowsSplit2 className={`${classes.glyph} ${classes.conflict}`} role="img" aria-label="Changed in two places" data-why />;
    case 'local':
    case 'synced':
      return occurrence.response === 'needs_action' ? (
        <IconHelp className={classes.glyph} role="img" aria-label="Not answered yet" />
      ) : null;
  }
}
