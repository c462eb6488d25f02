/** What single pulls changed here, and taking all of one back. */
import { Button } from '@mantine/core';
import { Temporal } from 'temporal-polyfill';
import { useState } from 'react';
import type { RunReverted } from '../../api/generated/RunReverted';
import type { RunView } from '../../api/generated/RunView';
import { countedChanges } from '../../api/counts';
import { useEdits } from '../../api/edits';
import { useManner } from '../../api/host-context';
import { useRuns } from '../../api/queries';
import { formatAgo } from '../../time/format';
import { useNow } from '../../window/use-now';
import { placeWords } from '../place';
import { ToldDialog, ToldPage } from './told-dialog';
import { ToldList } from './told-list';
import { exactly, runWords } from './words';
import classes from './history.module.css';

const TITLE = 'Sync runs';

/** Shows the dialog. */
export function RunsDialog({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }) {
  return (
    <ToldDialog title={TITLE} isOpen={isOpen} onClose={onClose}>
      <Runs onClose={onClose} />
    </ToldDialog>
  );
}

const keyOf = ({ run }: RunView) => `${run.link_id} ${run.at}`;

function Runs({ onClose }: { onClose: () => void }) {
  const { data, error } = useRuns();
  const now = useNow(15_000);
  const [asked, setAsked] = useState<RunView | null>(null);
  const [reverted, setReverted] = useState<RunReverted | null>(null);
  if (asked !== null) {
    return (
      <AskRevert
        run={asked}
        now={now}
        onCancel={() => setAsked(null)}
        onReverted={(answer) => {
          setReverted(answer);
          setAsked(null);
        }}
      />
    );
  }
  return (
    <ToldPage testId="runs" title={TITLE} text="Each time that a service changed something here." onClose={onClose}>
      {reverted !== null && <Outcome reverted={reverted} />}
      <ToldList items={data} error={error} label="Sync runs, the latest first" empty="No service has changed anything here yet." estimate={60} testId="run" keyOf={keyOf}>
        {(run) => <RunLine run={run} now={now} onAsk={() => setAsked(run)} />}
      </ToldList>
    </ToldPage>
  );
}

function Outcome({ reverted: { reverted, skipped } }: { reverted: RunReverted }) {
  const done = reverted === 0 ? 'Nothing was left to take back.' : `${countedChanges(reverted)} ${reverted === 1 ? 'was' : 'were'} taken back.`;
  const titles = skipped.map((title) => `“${title === '' ? 'Untitled' : title}”`).join(', ');
  return (
    <p className={classes.outcome} role="status" data-testid="run-reverted">
      {done}
      {skipped.length > 0 && ` Changed since, and left as ${skipped.length === 1 ? 'it is' : 'they are'}: ${titles}.`}
    </p>
  );
}

function RunLine({ run, now, onAsk }: { run: RunView; now: Temporal.Instant; onAsk: () => void }) {
  const manner = useManner();
  const ago = formatAgo(Temporal.Instant.from(run.run.at), now, manner);
  return (
    <div className={classes.change}>
      <div className={classes.about}>
        <div className={classes.who}>{runWords(run)}</div>
        <div className={classes.time}>
          {placeWords(run)} ·{' '}
          <time dateTime={run.run.at} title={exactly(run.run.at, manner)}>
            {ago}
          </time>
        </div>
      </div>
      <Button variant="default" size="xs" aria-label={`Take back: ${run.remote_name}, ${ago}`} data-testid="ask-revert-run" onClick={onAsk}>
        Take back…
      </Button>
    </div>
  );
}

interface AskProps {
  run: RunView;
  now: Temporal.Instant;
  onCancel: () => void;
  onReverted: (reverted: RunReverted) => void;
}

function AskRevert({ run, now, onCancel, onReverted }: AskProps) {
  const manner = useManner();
  const edits = useEdits();
  const [isBusy, setBusy] = useState(false);
  const count = run.created + run.changed + run.deleted;
  const revert = async () => {
    setBusy(true);
    const answer = await edits.revertRun(run.run, run.remote_name);
    if (answer === null) setBusy(false);
    else onReverted(answer);
  };
  return (
    <div data-testid="ask-run">
      <h2 className={classes.title}>Take back {countedChanges(count)}?</h2>
      <p className={classes.text}>
        “{run.remote_name}” of {run.account} brought {count === 1 ? 'it' : 'them'} {formatAgo(Temporal.Instant.from(run.run.at), now, manner)}: {runWords(run)}. They are taken back here and at every service that the events are kept at. What was changed since stays as it is.
      </p>
      <div className={classes.foot}>
        <Button variant="subtle" color="gray" onClick={onCancel}>
          Cancel
        </Button>
        <Button color="red" loading={isBusy} data-autofocus autoFocus data-testid="revert-run" onClick={() => void revert()}>
          Take back {countedChanges(count)}
        </Button>
      </div>
    </div>
  );
}
