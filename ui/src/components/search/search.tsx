/** Search: events by what they say, found while it is typed. */
import { IconRepeat } from '@tabler/icons-react';
import { Temporal } from 'temporal-polyfill';
import { memo, useCallback, useEffect, useEffectEvent, useState } from 'react';
import type { OccurrenceView } from '../../api/generated/OccurrenceView';
import { useManner } from '../../api/host-context';
import { useSearch } from '../../api/queries';
import { occurrenceId } from '../../api/targets';
import { failureOf } from '../../host';
import { hueOf } from '../../theme/use-hue';
import { formatDay, formatTimes } from '../../time/format';
import { FinderField, FinderWindow } from '../palette/finder';
import finder from '../palette/palette.module.css';
import { useChoice } from '../palette/use-choice';
import { foundDays } from './days';
import classes from './search.module.css';

interface Props {
  isOpen: boolean;
  colorOf: (occurrence: OccurrenceView) => string;
  onOpen: (occurrence: OccurrenceView) => void;
  onClose: () => void;
}

/** The most that is shown; whoever sees so many types another word. */
const LIMIT = 60;
/** As many as there is room for. More are drawn when the list is scrolled, or walked on: to draw all takes longer than to find them. */
const SCREENFUL = 13;
const ASK = 'Search events';
const NOTHING: readonly OccurrenceView[] = [];

/** Shows the search. */
export function Search({ isOpen, onClose, ...rest }: Props) {
  return (
    <FinderWindow isOpen={isOpen} ask={ASK} width={600} top="12vh" onClose={onClose}>
      <Finder onClose={onClose} {...rest} />
    </FinderWindow>
  );
}

function Finder({ colorOf, onOpen, onClose }: Omit<Props, 'isOpen'>) {
  const [typed, setTyped] = useState('');
  const [hasEntered, setEntered] = useState(false);
  const wanted = typed.trim();
  const [asked, setAsked] = useState('');
  const { data, error, isFetching, isPlaceholderData } = useSearch(asked, LIMIT);
  // Each letter is asked for at once, but only one at a time: whoever holds a key down is not to get ahead of the answers.
  if (!isFetching && asked !== wanted) setAsked(wanted);
  const [isWhole, setWhole] = useState(false);
  const hits = (wanted !== '' && data) || NOTHING;
  const isCurrent = asked === wanted && data !== undefined && !isPlaceholderData;

  const open = useCallback(
    (hit: OccurrenceView | undefined) => {
      if (hit === undefined) return;
      onClose();
      onOpen(hit);
    },
    [onClose, onOpen],
  );
  const { chosen, choose, hear, list } = useChoice(hits.length, (entered) => (isCurrent ? open(hits[entered]) : setEntered(true)));
  const openFirst = useEffectEvent(() => open(hits[0]));
  // Whoever types fast presses Enter before the answer is there, and means the answer.
  useEffect(() => {
    if (hasEntered && isCurrent) openFirst();
  }, [hasEntered, isCurrent]);

  const chosenHit = hits[chosen];
  return (
    <>
      <FinderField
        ask={ASK}
        list="search"
        hasList={hits.length > 0}
        chosen={chosenHit && `search-${chosen}`}
        typed={typed}
        onType={(text) => {
          setTyped(text);
          setEntered(false);
          setWhole(false);
          choose(0);
        }}
        onKeyDown={hear}
      />
      <div className={hits.length > 0 ? finder.list : undefined} id="search" role="listbox" aria-label="Found events" ref={list} onScroll={() => setWhole(true)} data-testid="search-list" data-current={isCurrent || undefined}>
        <Hits hits={hits} isWhole={isWhole || chosen >= SCREENFUL} chosen={chosen} colorOf={colorOf} onChoose={choose} onOpen={open} />
      </div>
      <div role="status" className={classes.words}>
        {error !== null && wanted !== '' ? `The search did not come to an end. ${failureOf(error).message}` : wordsFor(wanted, hits.length, isCurrent)}
      </div>
    </>
  );
}

/** What is said under the list; nothing while the answer is on its way. */
function wordsFor(wanted: string, count: number, isCurrent: boolean): string {
  if (wanted === '') return 'By title, place, description or guest. The beginning of a word is enough.';
  if (!isCurrent) return '';
  if (count === 0) return `Nothing is found for “${wanted}” in the calendars that are shown.`;
  return count === LIMIT ? `The first ${LIMIT}. Another word narrows it.` : `${count} found`;
}

interface HitsProps extends Pick<Props, 'colorOf' | 'onOpen'> {
  hits: readonly OccurrenceView[];
  isWhole: boolean;
  chosen: number;
  onChoose: (place: number) => void;
}

const Hits = memo(function Hits({ hits, isWhole, chosen, colorOf, onChoose, onOpen }: HitsProps) {
  const manner = useManner();
  const now = Temporal.Now.zonedDateTimeISO(manner.viewer);
  return foundDays(isWhole ? hits : hits.slice(0, SCREENFUL), now.epochMilliseconds, manner.viewer).map(({ date, isPast, hits: found }) => (
    <div key={`${date.toString()} ${isPast}`} role="group" aria-labelledby={`search-day-${found[0]?.place}`} className={classes.day} data-past={isPast || undefined}>
      <div id={`search-day-${found[0]?.place}`} className={classes.date} data-testid="search-day">
        {formatDay(date, manner, now.year)}
      </div>
      {found.map(({ hit, place }) => (
        <button
          key={occurrenceId(hit)}
          type="button"
          tabIndex={-1}
          id={`search-${place}`}
          role="option"
          aria-selected={place === chosen}
          aria-posinset={place + 1}
          aria-setsize={hits.length}
          className={classes.hit}
          data-hue={hueOf(colorOf(hit))}
          data-testid="search-hit"
          data-struck={hit.status === 'cancelled' || hit.response === 'declined' || undefined}
          onPointerMove={() => onChoose(place)}
          onClick={() => onOpen(hit)}
        >
          <span className={classes.bar} aria-hidden />
          <span className={classes.title}>{hit.title === '' ? 'Untitled' : hit.title}</span>
          {hit.occurrence_of !== null && <IconRepeat size={13} stroke={1.8} className={classes.repeats} aria-label="repeats" />}
          <span className={classes.place}>{hit.location}</span>
          <span className={classes.time}>{formatTimes(hit, manner)}</span>
        </button>
      ))}
    </div>
  ));
});
