/** What a calendar file would bring, where to, and bringing it in. */
import { Button, Progress, Radio, Select } from '@mantine/core';
import { IconRepeat } from '@tabler/icons-react';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Temporal } from 'temporal-polyfill';
import { useEffect, useState, type ReactNode } from 'react';
import type { CalendarView } from '../../api/generated/CalendarView';
import type { ImportChoice } from '../../api/generated/ImportChoice';
import type { ImportFate } from '../../api/generated/ImportFate';
import type { ImportPreview } from '../../api/generated/ImportPreview';
import type { ImportProgress } from '../../api/generated/ImportProgress';
import type { ImportRow } from '../../api/generated/ImportRow';
import type { When } from '../../api/generated/When';
import { countedEvents } from '../../api/counts';
import { useEdits } from '../../api/edits';
import { useHost, useManner } from '../../api/host-context';
import { failureOf } from '../../host';
import { calendarColor, HUES } from '../../theme/hues';
import { describeWhen } from '../../time/format';
import { lastCalendar } from '../../window/last-calendar';
import { calendarNameOf, type TakenFile } from './source';
import { coming, countsOf } from './words';
import classes from './files.module.css';

interface Props {
  file: TakenFile;
  calendars: readonly CalendarView[];
  /** What is shown until the file has been read. */
  reading: ReactNode;
  /** Hears why it cannot be. */
  onRefused: (reason: string) => void;
  onCame: (when: When) => void;
  onClose: () => void;
}

/** Stands for a calendar that is still to be made. */
const NEW = 'new';

/** Shows the preview. */
export function ImportPlan({ file, calendars, reading, onRefused, onCame, onClose }: Props) {
  const host = useHost();
  const edits = useEdits();
  const { viewer } = useManner();
  const writable = calendars.filter((calendar) => calendar.writable);
  const [chosen, setChosen] = useState<string | null>(null);
  const [made, setMade] = useState<string | null>(null);
  const [choice, setChoice] = useState<ImportChoice>('skip');
  const [isBusy, setBusy] = useState(false);
  const [failure, setFailure] = useState<string | null>(null);
  const target = chosen ?? (lastCalendar(writable.map(({ id }) => id)) || NEW);
  const { data: preview, error } = useQuery({
    queryKey: ['import-plan', file.number, target],
    queryFn: () => host.call('plan_import', { file: file.number, calendar_id: target === NEW ? null : target }),
    placeholderData: keepPreviousData,
    gcTime: 0,
  });
  useEffect(() => {
    if (error !== null) onRefused(failureOf(error).message);
  }, [error, onRefused]);
  if (preview === undefined) return reading;

  const fresh = calendarNameOf(file.name, preview.name);
  const count = coming(preview, choice === 'replace');
  const bring = async () => {
    setBusy(true);
    setFailure(null);
    try {
      let id = target;
      let isNew = id === made;
      if (target === NEW) {
        id = (await host.call('create_calendar', { name: fresh, color: calendarColor(calendars.length % (HUES.length - 1)), time_zone: viewer })).id;
        // Should the import fail, the next try goes to the calendar that is there now.
        setChosen(id);
        setMade(id);
        isNew = true;
      }
      const name = calendars.find((calendar) => calendar.id === id)?.name ?? fresh;
      const report = await edits.importFile(file.number, { calendar_id: id, is_new: isNew }, name, choice);
      const only = preview.rows.find(({ fate }) => fate === 'new');
      if (report.created === 1 && only !== undefined) onCame(only.when);
      onClose();
    } catch (reason) {
      setFailure(failureOf(reason).message);
      setBusy(false);
    }
  };
  return (
    <div data-testid="import">
      <h2 className={classes.title}>{file.name}</h2>
      <Select
        mt={14}
        label="Into"
        data-testid="import-calendar"
        value={target}
        disabled={isBusy}
        allowDeselect={false}
        data={[...writable.map(({ id, name }) => ({ value: id, label: name })), { value: NEW, label: `New calendar “${fresh}”` }]}
        onChange={(id) => id !== null && setChosen(id)}
      />
      <Counts preview={preview} />
      {preview.changed > preview.refused && (
        <Radio.Group mt={14} label="What is here in another form" value={choice} onChange={(value) => setChoice(value as ImportChoice)}>
          <div className={classes.choices}>
            <Radio value="skip" label="Stays as it is here" disabled={isBusy} />
            <Radio value="replace" label="Becomes what the file says" data-testid="import-replace" disabled={isBusy} />
          </div>
        </Radio.Group>
      )}
      <Rows preview={preview} />
      <Troubles preview={preview} />
      {failure !== null && (
        <p className={classes.refusal} role="alert" data-testid="import-failed">
          {failure}
        </p>
      )}
      {isBusy && <Coming count={count} />}
      <div className={classes.foot}>
        {count > 0 && (
          <Button variant="subtle" color="gray" onClick={onClose}>
            {isBusy ? 'Close' : 'Cancel'}
          </Button>
        )}
        {count > 0 ? (
          <Button data-autofocus autoFocus loading={isBusy} data-testid="import-now" onClick={() => void bring()}>
            Import {countedEvents(count)}
          </Button>
        ) : (
          <Button data-autofocus autoFocus data-testid="nothing-to-import" onClick={onClose}>
            Close
          </Button>
        )}
      </div>
    </div>
  );
}

function Counts({ preview }: { preview: ImportPreview }) {
  const counts = countsOf(preview);
  return (
    <div role="status" data-testid="import-counts">
      <ul className={classes.counts} aria-label="What is in the file">
        {counts.map(({ id, count, words }) => (
          <li key={id} data-kind={id}>
            <b>{count.toLocaleString()}</b> {words}
          </li>
        ))}
        {counts.length === 0 && <li>There are no events in this file.</li>}
      </ul>
    </div>
  );
}

const FATES: Record<ImportFate, string> = { new: '', same: 'already here', changed: 'here in another form', refused: 'not yours to change' };

function Rows({ preview }: { preview: ImportPreview }) {
  const all = preview.new + preview.same + preview.changed;
  if (preview.rows.length === 0) return null;
  return (
    // Who has no mouse scrolls it, too.
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <div className={classes.scroller} role="region" aria-label="Events of the file" tabIndex={0}>
      <ul className={classes.rows}>
        {preview.rows.map((row, index) => (
          // The order is the program's, and a title may come twice.
          // oxlint-disable-next-line no-array-index-key
          <Row key={index} row={row} />
        ))}
      </ul>
      {all > preview.rows.length && <p className={classes.more}>and {countedEvents(all - preview.rows.length)} more</p>}
    </div>
  );
}

function Row({ row }: { row: ImportRow }) {
  const manner = useManner();
  const { days, times } = describeWhen(row.when, manner, Temporal.Now.plainDateISO(manner.viewer).year);
  return (
    <li className={classes.row} data-fate={row.fate} data-testid="import-row">
      <span className={classes.name}>{row.title === '' ? 'Untitled' : row.title}</span>
      {row.repeats && <IconRepeat size={13} role="img" aria-label="repeats" className={classes.sign} />}
      {FATES[row.fate] !== '' && <span className={classes.fate}>{FATES[row.fate]}</span>}
      <span className={classes.when}>{row.when.kind === 'all_day' ? days : `${days}, ${times}`}</span>
    </li>
  );
}

function Troubles({ preview }: { preview: ImportPreview }) {
  const { unreadable_ones: unreadable, doubts } = preview;
  return (
    <>
      {unreadable.length > 0 && (
        <details className={classes.troubles} data-testid="import-unreadable">
          <summary>What could not be read, and why</summary>
          <ul>
            {unreadable.map(({ title, reason }, index) => (
              // oxlint-disable-next-line no-array-index-key
              <li key={index}>
                {title === '' ? 'Untitled' : `“${title}”`}: {reason}.
              </li>
            ))}
          </ul>
        </details>
      )}
      {doubts.length > 0 && (
        <details className={classes.troubles}>
          <summary>What was read with some doubt</summary>
          <ul>
            {doubts.map((doubt, index) => (
              // oxlint-disable-next-line no-array-index-key
              <li key={index}>{doubt}</li>
            ))}
          </ul>
        </details>
      )}
    </>
  );
}

function Coming({ count }: { count: number }) {
  const host = useHost();
  const [progress, setProgress] = useState<ImportProgress | null>(null);
  useEffect(() => host.listen('import-progress', setProgress), [host]);
  const words = progress === null ? `Importing ${countedEvents(count)}…` : `${progress.done.toLocaleString()} of ${progress.total.toLocaleString()}`;
  return (
    <div className={classes.coming} role="status">
      <Progress value={progress === null || progress.total === 0 ? 0 : (100 * progress.done) / progress.total} size="sm" aria-label="Import" />
      {words}
    </div>
  );
}
