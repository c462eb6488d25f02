/** What FullCalendar draws for an event. What is chosen reaches it past FullCalendar, which would draw all of them anew. */
import type { EventDisplayInfo } from '@fullcalendar/react';
import { createContext, memo, use } from 'react';
import type { OccurrenceView } from '../../api/generated/OccurrenceView';
import { useManner } from '../../api/host-context';
import { occurrenceId } from '../../api/targets';
import { EventBlock, type BlockShape } from './event-block';
import { clockAt, linesOf, occurrenceOf, shapeOf } from './events';

/** Which events are chosen, and their colours. */
export interface Choice {
  chosenId: string | null;
  /** Those that are selected together. */
  markedIds: ReadonlySet<string>;
  colorOf: (occurrence: OccurrenceView) => string;
}

/** Hands the choice to the blocks. */
export const ChoiceContext = createContext<Choice>({ chosenId: null, markedIds: new Set(), colorOf: () => '' });

/** Draws an event, or the place of one that is being made. */
export function blockOf(info: EventDisplayInfo) {
  const occurrence = occurrenceOf(info.event.extendedProps);
  if (occurrence === null) return <div className="grid-new" data-draft>{info.event.title === '' ? 'New event' : info.event.title}</div>;
  return <Block occurrence={occurrence} shape={shapeOf(info)} isAllDay={info.event.allDay} isPast={info.isPast} />;
}

interface Props {
  occurrence: OccurrenceView;
  shape: BlockShape;
  isAllDay: boolean;
  isPast: boolean;
}

const Drawn = memo(EventBlock);

function Block({ occurrence, shape, isAllDay, isPast }: Props) {
  const { chosenId, markedIds, colorOf } = use(ChoiceContext);
  const manner = useManner();
  const id = occurrenceId(occurrence);
  return (
    <Drawn
      occurrence={occurrence}
      color={colorOf(occurrence)}
      shape={shape}
      start={isAllDay ? '' : clockAt(occurrence.starts_at, manner)}
      end={clockAt(occurrence.ends_at, manner)}
      lines={linesOf(occurrence)}
      isPast={isPast}
      isChosen={chosenId === id}
      isMarked={markedIds.has(id)}
    />
  );
}
