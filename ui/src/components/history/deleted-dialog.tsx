/** What was deleted lately, and can be had back. */
import { Button } from '@mantine/core';
import { Temporal } from 'temporal-polyfill';
import { useState } from 'react';
import type { DeletedView } from '../../api/generated/DeletedView';
import { useEdits } from '../../api/edits';
import { useManner } from '../../api/host-context';
import { useDeleted } from '../../api/queries';
import { describeWhen, formatAgo } from '../../time/format';
import { useNow } from '../../window/use-now';
import { ToldDialog, ToldPage } from './told-dialog';
import { ToldList } from './told-list';
import { exactly } from './words';
import classes from './history.module.css';

const BY = { person: 'by you', remote: 'by the service', merge: 'by a merge' } as const;

const TITLE = 'Recently deleted';

/** Shows the dialog. */
export function DeletedDialog({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }) {
  return (
    <ToldDialog title={TITLE} isOpen={isOpen} onClose={onClose}>
      <Deleted onClose={onClose} />
    </ToldDialog>
  );
}

function Deleted({ onClose }: { onClose: () => void }) {
  const { data, error } = useDeleted();
  const now = useNow(15_000);
  return (
    <ToldPage testId="deleted" title={TITLE} text="What is restored comes back wherever it was kept." onClose={onClose}>
      <ToldList items={data} error={error} label="Deleted events, the latest first" empty="Nothing was deleted that could be had back." estimate={60} testId="deleted-event" keyOf={({ history_id }) => history_id}>
        {(event) => <DeletedLine event={event} now={now} />}
      </ToldList>
    </ToldPage>
  );
}

function DeletedLine({ event, now }: { event: DeletedView; now: Temporal.Instant }) {
  const manner = useManner();
  const edits = useEdits();
  const [isBusy, setBusy] = useState(false);
  const title = event.title === '' ? 'Untitled' : event.title;
  const { days, times } = describeWhen(event.when, manner, Temporal.Now.plainDateISO(manner.viewer).year);
  const restore = async () => {
    setBusy(true);
    await edits.revert(event.history_id, `“${title}” is back`);
    setBusy(false);
  };
  return (
    <div className={classes.change}>
      <div className={classes.about}>
        <div className={classes.who}>{title}</div>
        <div className={classes.when}>{[days, times].filter((part) => part !== '').join(', ')}</div>
        <div className={classes.time}>
          {event.calendar} · deleted {BY[event.author]}{' '}
          <time dateTime={event.deleted_at} title={exactly(event.deleted_at, manner)}>
            {formatAgo(Temporal.Instant.from(event.deleted_at), now, manner)}
          </time>
        </div>
      </div>
      <Button variant="default" size="xs" loading={isBusy} aria-label={`Restore “${title}”`} data-testid="restore-event" onClick={() => void restore()}>
        Restore
      </Button>
    </div>
  );
}
