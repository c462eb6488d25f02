/** The small popover at the place of a new event: a title, and Enter. */
import { Button, FocusTrap, TextInput } from '@mantine/core';
import { Temporal } from 'temporal-polyfill';
import { useLayoutEffect, useRef, useState } from 'react';
import type { CalendarView } from '../../api/generated/CalendarView';
import type { When } from '../../api/generated/When';
import { newContent } from '../../api/content';
import { useEdits } from '../../api/edits';
import { useManner } from '../../api/host-context';
import { failureOf } from '../../host';
import { placeBeside, type Box } from '../../layout/placement';
import { describeWhen } from '../../time/format';
import { CalendarField } from '../fields/calendar-field';
import classes from './create.module.css';

interface Props {
  when: When;
  /** Where the event is drawn; the popover goes beside it. */
  findBox: () => Box | null;
  title: string;
  calendarId: string;
  calendars: readonly CalendarView[];
  onTitle: (title: string) => void;
  onCalendar: (id: string) => void;
  onMore: () => void;
  onClose: () => void;
}

const WIDTH = 300;

/** Shows the popover. */
export function CreatePopover({ when, findBox, title, calendarId, calendars, onTitle, onCalendar, onMore, onClose }: Props) {
  const edits = useEdits();
  const manner = useManner();
  const panel = useRef<HTMLFormElement>(null);
  const [place, setPlace] = useState<{ left: number; top: number } | null>(null);
  const [error, setError] = useState<string | null>(null);
  const [isSaving, setSaving] = useState(false);
  const words = describeWhen(when, manner, Temporal.Now.plainDateISO(manner.viewer).year);

  useLayoutEffect(() => {
    // The grid draws the new event a moment after it learns of it.
    const timer = setTimeout(() => {
      const window = { width: globalThis.innerWidth, height: globalThis.innerHeight };
      const size = { width: WIDTH, height: panel.current?.offsetHeight ?? 168 };
      const anchor = findBox() ?? { left: window.width / 2, top: window.height / 3, width: 0, height: 0 };
      setPlace(placeBeside(anchor, size, window));
    }, 30);
    return () => clearTimeout(timer);
  }, [findBox]);

  const save = async () => {
    setSaving(true);
    try {
      await edits.create({ calendar_id: calendarId, content: newContent(title.trim(), when) });
      onClose();
    } catch (reason) {
      setError(failureOf(reason).message);
      setSaving(false);
    }
  };

  return (
    <>
      <div className={classes.backdrop} onPointerDown={onClose} />
      <FocusTrap active>
        <form
          ref={panel}
          role="dialog"
          aria-label="New event"
          className={classes.popover}
          style={{
            width: WIDTH, left: place?.left ?? 0, top: place?.top ?? 0, // Not `visibility`: what cannot be seen cannot be focused, and the first key belongs to the title.
            opacity: place === null ? 0 : 1,
          }}
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
          <CalendarField calendars={calendars} value={calendarId} onChange={onCalendar} />
          <div className={classes.foot}>
            <Button variant="subtle" color="gray" onClick={onMore} data-testid="more-fields">
              More…
            </Button>
            <Button type="submit" loading={isSaving} data-testid="save-event" rightSection={<span className={classes.enter}>↵</span>}>
              Save
            </Button>
          </div>
        </form>
      </FocusTrap>
    </>
  );
}
