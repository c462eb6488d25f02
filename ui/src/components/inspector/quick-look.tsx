/** An event at a glance, and how it stands with each place that it is kept at. */
import { Button } from '@mantine/core';
import { IconAlignLeft, IconBell, IconCalendar, IconEyeOff, IconLock, IconMapPin, IconRepeat, IconUsers, IconVideo } from '@tabler/icons-react';
import { Temporal } from 'temporal-polyfill';
import type { ReactNode } from 'react';
import type { CalendarView } from '../../api/generated/CalendarView';
import type { EventView } from '../../api/generated/EventView';
import type { Recurrence } from '../../api/generated/Recurrence';
import type { ResponseStatus } from '../../api/generated/ResponseStatus';
import { useManner } from '../../api/host-context';
import { hueOf } from '../../theme/use-hue';
import { describeWhen } from '../../time/format';
import { describeRecurrence } from '../../time/recurrence';
import { Description, useOpenLink } from '../description';
import { describeReminders } from '../fields/reminders';
import type { Telling } from '../history/history-dialog';
import { isSafeLink } from '../links';
import { Attendees } from './attendees';
import { Invitation } from './invitation';
import { LinkStates } from './link-states';
import classes from './inspector.module.css';

interface Props {
  event: EventView;
  recurrence: Recurrence | null;
  calendar: CalendarView | undefined;
  onAnswer: (response: ResponseStatus) => void;
  onEdit: () => void;
  onDelete: () => void;
  onTell: (telling: Telling) => void;
}

/** Shows the event. */
export function QuickLook({ event, recurrence, calendar, onAnswer, onEdit, onDelete, onTell }: Props) {
  const manner = useManner();
  const open = useOpenLink();
  const { content, rights } = event;
  const own = content.attendees.find(({ is_self }) => is_self);
  const when = describeWhen(content.when, manner, Temporal.Now.plainDateISO(manner.viewer).year);
  const state = stateWords(event);
  return (
    <>
      <div className={classes.body} data-hue={hueOf(content.color ?? calendar?.color ?? '')}>
        <h2 className={classes.headline} data-struck={content.status === 'cancelled' || undefined}>
          <span className={classes.stripe} aria-hidden />
          {content.title === '' ? 'Untitled' : content.title}
        </h2>
        <div className={classes.when}>
          <div className={classes.days}>{when.days}</div>
          <div className={classes.times}>{when.times}</div>
          {when.elsewhere !== null && <div className={classes.elsewhere}>{when.elsewhere}</div>}
        </div>
        {content.conference_url !== null && isSafeLink(content.conference_url) && (
          <>
            <Button fullWidth variant="light" size="sm" leftSection={<IconVideo size={16} />} onClick={() => open(content.conference_url ?? '')} className={classes.join}>
              Join
            </Button>
            <div className={classes.site}>{new URL(content.conference_url).host}</div>
          </>
        )}
        {rights.answerable && own && !own.resource && content.status !== 'cancelled' && <Invitation response={own.response} onAnswer={onAnswer} />}
        <dl className={classes.facts}>
          {recurrence !== null && <Fact sign={<IconRepeat />} name="Repeats">{describeRecurrence(recurrence, manner.locale)}</Fact>}
          {content.location !== '' && <Fact sign={<IconMapPin />} name="Place">{content.location}</Fact>}
          {calendar && <Fact sign={<IconCalendar />} name="Calendar">{calendar.name}</Fact>}
          {content.attendees.length > 0 && (
            <Fact sign={<IconUsers />} name="People">
              <Attendees attendees={content.attendees} organizer={content.organizer} />
            </Fact>
          )}
          {content.reminders.kind === 'custom' && <Fact sign={<IconBell />} name="Reminders">{describeReminders(content.reminders)}</Fact>}
          {state !== '' && <Fact sign={<IconEyeOff />} name="Shown as">{state}</Fact>}
          {content.description.trim() !== '' && (
            <Fact sign={<IconAlignLeft />} name="Description">
              <Description text={content.description} />
            </Fact>
          )}
        </dl>
        {event.read_only !== null && (
          <p className={classes.locked} data-testid="read-only">
            <IconLock aria-hidden />
            <span>{event.read_only}</span>
          </p>
        )}
        <LinkStates links={event.links} onWhy={() => onTell('why')} />
      </div>
      <footer className={classes.foot}>
        {rights.deletable && (
          <Button variant="subtle" color="red" data-testid="delete-event" onClick={onDelete}>
            {event.read_only === null ? 'Delete' : 'Remove'}
          </Button>
        )}
        <Button variant="subtle" color="gray" data-testid="event-history" onClick={() => onTell('changes')}>
          History…
        </Button>
        <span className={classes.space} />
        {rights.fields.length > 0 && (
          <Button data-testid="edit-event" onClick={onEdit}>
            Edit
          </Button>
        )}
      </footer>
    </>
  );
}

function Fact({ sign, name, children }: { sign: ReactNode; name: string; children: ReactNode }) {
  return (
    <div className={classes.fact}>
      <dt title={name} aria-label={name}>
        {sign}
      </dt>
      <dd>{children}</dd>
    </div>
  );
}

function stateWords({ content }: EventView): string {
  const words: string[] = [];
  if (content.status === 'tentative') words.push('Tentative');
  if (content.status === 'cancelled') words.push('Cancelled');
  if (content.transparency === 'transparent') words.push('Free');
  if (content.visibility === 'private' || content.visibility === 'confidential') words.push('Private');
  if (content.visibility === 'public') words.push('Public');
  return words.join(', ');
}
