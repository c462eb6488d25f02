/** The lines of history behind one number. */
import { IconChevronLeft } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Temporal } from 'temporal-polyfill';
import type { LogAction } from '../api/generated/LogAction';
import type { LogLineView } from '../api/generated/LogLineView';
import type { LogOutcome } from '../api/generated/LogOutcome';
import type { LogQuery } from '../api/generated/LogQuery';
import { useHost, useManner } from '../api/host-context';
import { useLongList } from '../components/long-list';
import { failureOf } from '../host';
import { duration } from './periods';
import classes from './dashboard.module.css';

/** What was asked for, and what it is called. */
export interface Behind {
  title: string;
  query: LogQuery;
}

const ACTIONS: Record<LogAction, string> = { PULL: 'Read', CREATE: 'Made there', UPDATE: 'Changed there', DELETE: 'Deleted there', WEBHOOK: 'Channel', SIGN_IN: 'Sign-in' };
const OUTCOMES: Record<LogOutcome, string> = { SUCCEEDED: 'done', CONFLICT: 'conflict', RETRIED: 'tried again', FAILED: 'refused' };
/** How high a line is when it has one row of words. */
const LINE_HEIGHT = 31;
const COLUMNS = ['When', 'What', 'Event or calendar', 'Took', 'More'] as const;

/** Shows them, the latest first. */
export function LogLines({ behind, onClose }: { behind: Behind; onClose: () => void }) {
  const host = useHost();
  const { data: lines, error } = useQuery({ queryKey: ['sync-log', behind.query], queryFn: () => host.call('sync_log', { query: behind.query }), staleTime: 0 });
  return (
    <section data-testid="log-lines">
      <button type="button" className={classes.back} autoFocus onClick={onClose} data-testid="close-log">
        <IconChevronLeft size={15} stroke={2} aria-hidden /> Dashboard
      </button>
      <h3 className={classes.section}>{behind.title}</h3>
      {error !== null && <p role="alert" className={classes.empty}>The history could not be read. {failureOf(error).message}</p>}
      {lines?.length === 0 && <p className={classes.empty}>The history has no such lines.</p>}
      {lines !== undefined && lines.length > 0 && <Lines lines={lines} name={behind.title} />}
    </section>
  );
}

/** The lines in a scroller of their own, of which only what is seen is drawn. */
function Lines({ lines, name }: { lines: readonly LogLineView[]; name: string }) {
  const { viewer, locale } = useManner();
  const { scroller, rows, measure, before, after } = useLongList<HTMLElement>(lines.length, () => LINE_HEIGHT);
  const when = (at: string) => Temporal.Instant.from(at).toZonedDateTimeISO(viewer).toLocaleString(locale, { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit', second: '2-digit' });
  return (
    <section className={classes.lines} ref={scroller} data-scroller aria-label={name}>
      <table className={classes.table} aria-rowcount={lines.length + 1}>
        <thead>
          <tr>
            {COLUMNS.map((column) => (
              <th key={column} scope="col">{column}</th>
            ))}
          </tr>
        </thead>
        <tbody>
          {before > 0 && <tr aria-hidden style={{ height: before }} />}
          {rows.map(({ place }) => {
            const line = lines[place];
            return line === undefined ? null : (
              <tr key={place} ref={measure} data-index={place} aria-rowindex={place + 2} data-testid="log-line">
                <td>{when(line.at)}</td>
                <td>{`${ACTIONS[line.action]}, ${OUTCOMES[line.outcome]}`}</td>
                <td className={classes.wide}>{line.title ?? line.calendar ?? line.account ?? ''}</td>
                <td>{duration(line.duration_ms)}</td>
                <td className={classes.wide}>{line.words}</td>
              </tr>
            );
          })}
          {after > 0 && <tr aria-hidden style={{ height: after }} />}
        </tbody>
      </table>
    </section>
  );
}
