/** What became of an event: who changed what, each to be taken back; and why it is as it is. */
import { Button, SegmentedControl } from '@mantine/core';
import { IconArrowRight, IconArrowsJoin, IconUser } from '@tabler/icons-react';
import { Temporal } from 'temporal-polyfill';
import { useMemo, useState } from 'react';
import type { EventId } from '../../api/generated/EventId';
import type { HistoryView } from '../../api/generated/HistoryView';
import type { OccurrenceView } from '../../api/generated/OccurrenceView';
import { useEdits } from '../../api/edits';
import { useManner } from '../../api/host-context';
import { usePast, useSnapshot, useWhy, type Past } from '../../api/queries';
import { failureOf } from '../../host';
import { formatAgo } from '../../time/format';
import { useNow } from '../../window/use-now';
import { Dialog } from '../dialogs/dialog';
import { ProviderSign } from '../provider-sign';
import { providerName } from '../sync-status/present';
import { ToldList } from './told-list';
import { authorWords, changesOf, deedWords, exactly, fieldChanges, isRevertible, type Change } from './words';
import classes from './history.module.css';

/** What is told of an event. */
export type Telling = 'changes' | 'why';

/** The event that is told of. */
export interface Told {
  /** The row, and of an occurrence that was edited by itself also its series. */
  ids: readonly EventId[];
  title: string;
  telling: Telling;
}

/** Returns what is to be told of an occurrence. */
export function toldOf({ event_id, occurrence_of, title }: Pick<OccurrenceView, 'event_id' | 'occurrence_of' | 'title'>, telling: Telling): Told {
  const series = occurrence_of?.series_id ?? event_id;
  return { ids: series === event_id ? [event_id] : [event_id, series], title, telling };
}

interface Props {
  told: Told | null;
  onTelling: (telling: Telling) => void;
  onClose: () => void;
}

const NOBODY: readonly EventId[] = [];

/** Shows the dialog while there is an event to tell of. */
export function HistoryDialog({ told, onTelling, onClose }: Props) {
  const { data } = usePast(told?.ids ?? NOBODY);
  // A change that is taken back here may be one of the title.
  const called = data?.[0]?.now?.title ?? told?.title ?? '';
  const title = called === '' ? 'Untitled' : called;
  return (
    <Dialog label={`History of “${title}”`} isOpen={told !== null} size={600} padding={24} onClose={onClose}>
      {told !== null && (
        <div data-testid="history">
          <div className={classes.head}>
            <h2 className={classes.title}>“{title}”</h2>
            <SegmentedControl
              aria-label="What to tell"
              size="xs"
              value={told.telling}
              data={[{ value: 'changes', label: 'Changes' }, { value: 'why', label: 'Why?' }]}
              onChange={(telling) => onTelling(telling as Telling)}
            />
          </div>
          {told.telling === 'changes' ? <Changes key={told.ids.join()} told={told} /> : <Why key={told.ids.join()} id={told.ids[0] ?? ''} />}
          <div className={classes.foot}>
            <Button variant="subtle" color="gray" data-autofocus onClick={onClose}>
              Close
            </Button>
          </div>
        </div>
      )}
    </Dialog>
  );
}

function Why({ id }: { id: EventId }) {
  const { data, error } = useWhy(id);
  if (error !== null) return <p className={classes.failed} role="alert">{failureOf(error).message}</p>;
  if (data === undefined) return <p className={classes.reading} role="status">Reading…</p>;
  if (data.length === 0) return <p className={classes.empty}>Nothing has happened to it yet.</p>;
  return (
    <ul className={classes.why} data-testid="why">
      {data.map((sentence) => (
        <li key={sentence}>{sentence}</li>
      ))}
    </ul>
  );
}

interface Line extends Change {
  isThere: boolean;
  /** Said of the series, where the occurrence has a history of its own. */
  isOfSeries: boolean;
}

function linesOf(pasts: readonly Past[]): Line[] {
  const lines = pasts.flatMap(({ entries, now }, place) => changesOf(entries, now).map((change) => ({ ...change, isThere: now !== null, isOfSeries: place > 0 })));
  return lines.toSorted((left, right) => Date.parse(right.entry.at) - Date.parse(left.entry.at) || right.entry.id - left.entry.id);
}

function Changes({ told }: { told: Told }) {
  const { data, error } = usePast(told.ids);
  const lines = useMemo(() => data && linesOf(data), [data]);
  const now = useNow(15_000);
  return (
    <ToldList items={lines} error={error} label="Changes, the latest first" empty="No change of it is known. What happens from now on is written down here." estimate={84} testId="history-line" keyOf={({ entry }) => entry.id}>
      {(line) => <ChangeLine line={line} title={told.title} now={now} />}
    </ToldList>
  );
}

function ChangeLine({ line, title, now }: { line: Line; title: string; now: Temporal.Instant }) {
  const manner = useManner();
  const edits = useEdits();
  const snapshot = useSnapshot();
  const [isBusy, setBusy] = useState(false);
  const { entry, isThere, isOfSeries } = line;
  const provider = snapshot?.integrations.find(({ account }) => account === entry.account)?.provider;
  const who = authorWords(entry.author, provider === undefined ? entry.account : providerName(provider));
  const shape = { size: 14, stroke: 1.8 } as const;
  const deed = deedWords(entry);
  const ago = formatAgo(Temporal.Instant.from(entry.at), now, manner);
  const verb = entry.change === 'deleted' ? 'Restore' : 'Revert';
  const revert = async () => {
    setBusy(true);
    await edits.revert(entry.id, revertWords(entry, title));
    setBusy(false);
  };
  return (
    <div className={classes.change}>
      <span className={classes.sign} data-author={entry.author} aria-hidden>
        {entry.author === 'person' && <IconUser {...shape} />}
        {entry.author === 'merge' && <IconArrowsJoin {...shape} />}
        {entry.author === 'remote' && <ProviderSign provider={provider ?? 'caldav'} />}
      </span>
      <div className={classes.about}>
        <div className={classes.deed}>
          <span className={classes.who}>{who}</span> {deed}
          {isOfSeries && <span className={classes.tag}>series</span>}
        </div>
        <div className={classes.time}>
          <time dateTime={entry.at} title={exactly(entry.at, manner)}>
            {ago}
          </time>
          {entry.account !== null && ` · ${entry.account}`}
        </div>
        <Fields line={line} />
      </div>
      {isRevertible(entry.change, isThere) && (
        <Button variant="default" size="xs" loading={isBusy} aria-label={`${verb}: ${who} ${deed}, ${ago}`} data-testid="revert-change" onClick={() => void revert()}>
          {verb}
        </Button>
      )}
    </div>
  );
}

function Fields({ line }: { line: Line }) {
  const manner = useManner();
  const fields = fieldChanges(line, manner, Temporal.Now.plainDateISO(manner.viewer).year).filter(({ before, after }) => before !== null || after !== null);
  if (fields.length === 0) return null;
  return (
    <dl className={classes.fields}>
      {fields.map(({ field, name, before, after }) => (
        <div key={field} className={classes.field} data-testid="history-field">
          <dt>{name}</dt>
          <dd>
            {before !== null && <del className={classes.before}>{before}</del>}
            {before !== null && after !== null && <IconArrowRight size={12} stroke={2} role="img" aria-label="became" />}
            {after !== null && <ins className={classes.after}>{after}</ins>}
          </dd>
        </div>
      ))}
    </dl>
  );
}

/** What taking a change back comes to, for the message with the way back. */
function revertWords({ change }: HistoryView, title: string): string {
  const quoted = `“${title === '' ? 'Untitled' : title}”`;
  if (change === 'deleted') return `${quoted} is back`;
  return change === 'changed' ? `A change of ${quoted} is taken back` : `${quoted} is deleted again`;
}
