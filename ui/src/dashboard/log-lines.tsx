/** The lines of history behind one number. */
import { Button } from '@mantine/core';
import { IconChevronLeft } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Temporal } from 'temporal-polyfill';
import type { LogAction } from '../api/generated/LogAction';
import type { LogOutcome } from '../api/generated/LogOutcome';
import type { LogQuery } from '../api/generated/LogQuery';
import { useHost, useManner } from '../api/host-context';
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
/** A long list grows by so many lines at a time. */
const STEP = 100;

/** Shows them, the latest first. */
export function LogLines({ behind, onClose }: { behind: Behind; onClose: () => void }) {
  const host = useHost();
  const { viewer, locale } = useManner();
  const [shown, setShown] = useState(STEP);
  const { data: lines, error } = useQuery({ queryKey: ['sync-log', behind.query], queryFn: () => host.call('sync_log', { query: behind.query }), staleTime: 0 });
  const when = (at: string) => Temporal.Instant.from(at).toZonedDateTimeISO(viewer).toLocaleString(locale, { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit', second: '2-digit' });
  return (
    <section data-testid="log-lines">
      <button type="button" className={classes.back} autoFocus onClick={onClose} data-testid="close-log">
        <IconChevronLeft size={15} stroke={2} aria-hidden /> Dashboard
      </button>
      <h3 className={classes.section}>{behind.title}</h3>
      {error !== null && <p role="alert" className={classes.empty}>The history could not be read. {failureOf(error).message}</p>}
      {lines?.length === 0 && <p className={classes.empty}>The history has no such lines.</p>}
      {lines !== undefined && lines.length > 0 && (
        <table className={classes.table}>
          <thead>
            <tr>
              {['When', 'What', 'Event or calendar', 'Took', 'More'].map((name) => (
                <th key={name} scope="col">{name}</th>
              ))}
            </tr>
          </thead>
          <tbody>
            {lines.slice(0, shown).map((line) => (
              <tr key={`${line.at} ${line.event_id} ${line.title} ${line.calendar} ${line.action} ${line.outcome}`} data-testid="log-line">
                <td>{when(line.at)}</td>
                <td>{`${ACTIONS[line.action]}, ${OUTCOMES[line.outcome]}`}</td>
                <td className={classes.wide}>{line.title ?? line.calendar ?? line.account ?? ''}</td>
                <td>{duration(line.duration_ms)}</td>
                <td className={classes.wide}>{line.words}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {lines !== undefined && lines.length > shown && (
        <Button variant="subtle" onClick={() => setShown(shown + STEP)}>Show {Math.min(STEP, lines.length - shown)} more</Button>
      )}
    </section>
  );
}
