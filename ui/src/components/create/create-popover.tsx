/** The small popover at the place of a new event: a title, and Enter. Times, places and people in the title are understood. */
import { Button, FocusTrap, TextInput } from '@mantine/core';
import { IconX } from '@tabler/icons-react';
import { Temporal } from 'temporal-polyfill';
import { useEffect, useEffectEvent, useLayoutEffect, useRef, useState } from 'react';
import type { CalendarView } from '../../api/generated/CalendarView';
import type { EventContent } from '../../api/generated/EventContent';
import type { When } from '../../api/generated/When';
import { newContent } from '../../api/content';
import { useEdits } from '../../api/edits';
import { guestsToTell, mailsGuests, readGuests } from '../../api/guests';
import { useManner } from '../../api/host-context';
import { failureOf } from '../../host';
import { placeBeside, type Box } from '../../layout/placement';
import { describeWhen } from '../../time/format';
import { quickAdd, type QuickEvent } from '../../time/quick-add';
import { describeRule, recurrenceOf } from '../../time/recurrence';
import { useAskEdit } from '../dialogs/ask-edit';
import { CalendarField } from '../fields/calendar-field';
import { IconButton } from '../icon-button';
import classes from './create.module.css';

interface Props {
  when: When;
  /** The person has chosen that time; otherwise it is a proposal. */
  isPlaced: boolean;
  /** Where the event is drawn; the popover goes beside it. */
  findBox: () => Box | null;
  title: string;
  calendarId: string;
  calendars: readonly CalendarView[];
  onTitle: (title: string) => void;
  /** What the event would be, as far as the grid shows it. */
  onRead: (title: string, when: When) => void;
  onCalendar: (id: string) => void;
  onMore: (content: EventContent) => void;
  onClose: () => void;
}

const WIDTH = 300;

/** Shows the popover. */
export function CreatePopover({ when, isPlaced, findBox, title, calendarId, calendars, onTitle, onRead, onCalendar, onMore, onClose }: Props) {
  const edits = useEdits();
  const manner = useManner();
  const panel = useRef<HTMLDivElement>(null);
  const [place, setPlace] = useState<{ left: number; top: number } | null>(null);
  const [error, setError] = useState<string | null>(null);
  const [isSaving, setSaving] = useState(false);
  const askEdit = useAskEdit();
  const [isLiteral, setLiteral] = useState(false);
  const now = Temporal.Now.zonedDateTimeISO(manner.viewer);
  const read = quickAdd(title, when, now, isPlaced);
  const understood = isLiteral ? [] : read.understood;
  const content = understood.length === 0 ? newContent(title.trim(), when) : contentOf(read);
  const words = describeWhen(content.when, manner, now.year);

  useLayoutEffect(() => {
    let anchor: Box | null = null;
    const putBeside = () => {
      const window = { width: globalThis.innerWidth, height: globalThis.innerHeight };
      const size = { width: WIDTH, height: panel.current?.offsetHeight ?? 168 };
      if (anchor === null) anchor = findBox() ?? { left: window.width / 2, top: window.height / 3, width: 0, height: 0 };
      setPlace(placeBeside(anchor, size, window));
    };
    // What is understood makes it higher, and it stays whole inside the window.
    const growing = new ResizeObserver(putBeside);
    // The grid draws the new event a moment after it learns of it.
    const timer = setTimeout(() => {
      putBeside();
      if (panel.current !== null) growing.observe(panel.current);
    }, 30);
    return () => {
      clearTimeout(timer);
      growing.disconnect();
    };
  }, [findBox]);

  const tellGrid = useEffectEvent(() => onRead(content.title, content.when));
  const meaning = JSON.stringify([content.title, content.when]);
  useEffect(() => {
    if (meaning !== '') tellGrid();
  }, [meaning]);

  const save = async () => {
    const links = calendars.find(({ id }) => id === calendarId)?.links ?? [];
    const guests = mailsGuests(links) ? guestsToTell(content, null, []) : 0;
    const decision = await askEdit({ verb: 'Create', title: content.title, key: null, guests });
    if (decision === null) return;
    setSaving(true);
    try {
      await edits.create({ calendar_id: calendarId, content, notify: decision.notify });
      onClose();
    } catch (reason) {
      setError(failureOf(reason).message);
      setSaving(false);
    }
  };

  return (
    <>
      <div className={classes.backdrop} onPointerDown={onClose} />
      <FocusTrap active innerRef={panel}>
        <div
          role="dialog"
          aria-label="New event"
          className={classes.popover}
          style={{
            width: WIDTH, left: place?.left ?? 0, top: place?.top ?? 0, // Not `visibility`: what cannot be seen cannot be focused, and the first key belongs to the title.
            opacity: place === null ? 0 : 1,
          }}
        >
          <form
            className={classes.form}
            onSubmit={(event) => {
              event.preventDefault();
              void save();
            }}
          >
            <TextInput
              variant="unstyled"
              classNames={{ input: classes.title }}
              placeholder="New event"
              aria-label="Title"
              autoFocus
              data-autofocus
              data-testid="event-title-input"
              value={title}
              error={error}
              onChange={(event) => {
                setError(null);
                onTitle(event.currentTarget.value);
              }}
            />
            <div className={classes.when}>
              <span>{words.days}</span>
              <span className={classes.times}>{words.times}</span>
            </div>
            {understood.length > 0 && (
              <div className={classes.understood} data-testid="understood" aria-live="polite">
                {content.title !== '' && <span className={classes.chipTitle}>{content.title}</span>}
                {understood.map(({ kind, text }) => (
                  <span key={`${kind} ${text}`} className={classes.chip} data-kind={kind}>
                    {kind === 'repeat' && content.recurrence ? describeRule(content.recurrence.rules[0] ?? '', manner.locale) : text}
                  </span>
                ))}
                <IconButton label="Take the words as the title" title="Take the words as the title" onClick={() => setLiteral(true)}>
                  <IconX size={13} />
                </IconButton>
              </div>
            )}
            <CalendarField calendars={calendars} value={calendarId} onChange={onCalendar} />
            <div className={classes.foot}>
              <Button variant="subtle" color="gray" onClick={() => onMore(content)} data-testid="more-fields">
                More…
              </Button>
              <Button type="submit" loading={isSaving} data-testid="save-event" rightSection={<span className={classes.enter}>↵</span>}>
                Save
              </Button>
            </div>
          </form>
        </div>
      </FocusTrap>
    </>
  );
}

function contentOf(read: QuickEvent): EventContent {
  return {
    ...newContent(read.title, read.when),
    location: read.location,
    recurrence: read.rule === null ? null : recurrenceOf(read.rule),
    attendees: readGuests(read.guests.join(',')).guests,
  };
}
