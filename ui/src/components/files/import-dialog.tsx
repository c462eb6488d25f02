/** A calendar file, looked at before anything of it comes in. */
import { Button, FileButton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import type { CalendarView } from '../../api/generated/CalendarView';
import type { When } from '../../api/generated/When';
import { useHost } from '../../api/host-context';
import { failureOf } from '../../host';
import { Dialog } from '../dialogs/dialog';
import { ImportPlan } from './import-plan';
import { ENDINGS, handIn, nameOf, type Source } from './source';
import classes from './files.module.css';

/** What is to be imported; without a source the person chooses one. */
export interface ImportWish {
  /** Tells one wish from the next. */
  number: number;
  source: Source | null;
}

let wishes = 0;

/** Makes a wish. */
export function wishFor(source: Source | null): ImportWish {
  wishes += 1;
  return { number: wishes, source };
}

interface Props {
  wish: ImportWish | null;
  /** None while they are being asked for. */
  calendars: readonly CalendarView[] | undefined;
  onSource: (source: Source) => void;
  /** A single event came in, which takes place then. */
  onCame: (when: When) => void;
  onClose: () => void;
}

/** Shows the dialog. */
export function ImportDialog({ wish, ...props }: Props) {
  return (
    <Dialog label="Import a calendar file" isOpen={wish !== null} size={540} padding={24} onClose={props.onClose}>
      {wish !== null && (wish.source === null ? <Choose {...props} /> : <Taken key={wish.number} wish={wish.number} source={wish.source} {...props} />)}
    </Dialog>
  );
}

type Part = Omit<Props, 'wish'>;

function FileChoice({ words, isFirst = false, onSource }: { words: string; isFirst?: boolean } & Pick<Part, 'onSource'>) {
  return (
    <FileButton accept={[...ENDINGS, 'text/calendar'].join(',')} inputProps={{ 'aria-label': 'Calendar file', 'data-testid': 'calendar-file' } as object} onChange={(file) => file !== null && onSource({ kind: 'file', file })}>
      {(props) => (
        <Button {...props} variant={isFirst ? 'filled' : 'default'} data-autofocus={isFirst || undefined} data-testid="choose-file">
          {words}
        </Button>
      )}
    </FileButton>
  );
}

function Choose({ onSource, onClose }: Part) {
  return (
    <div data-testid="import">
      <h2 className={classes.title}>Import a calendar file</h2>
      <p className={classes.text}>An .ics file, as other calendars export it. You see what is in it before anything comes in. It can also be dropped on the window.</p>
      <div className={classes.foot}>
        <Button variant="subtle" color="gray" onClick={onClose}>
          Cancel
        </Button>
        <FileChoice words="Choose a file…" isFirst onSource={onSource} />
      </div>
    </div>
  );
}

function Taken({ wish, source, calendars, onSource, onCame, onClose }: Part & { wish: number; source: Source }) {
  const host = useHost();
  const { data: file, error } = useQuery({ queryKey: ['import-file', wish], queryFn: () => handIn(host, source), gcTime: 0 });
  useEffect(() => {
    if (file === undefined) return;
    return () => void host.call('put_file_away', { file: file.number }).catch(() => undefined);
  }, [host, file]);
  const [refusal, setRefusal] = useState<string | null>(null);
  const reason = error === null ? refusal : failureOf(error).message;
  if (reason !== null) return <Refusal name={nameOf(source)} reason={reason} onSource={onSource} onClose={onClose} />;
  if (file === undefined || calendars === undefined) return <Reading name={nameOf(source)} />;
  return <ImportPlan file={file} calendars={calendars} reading={<Reading name={file.name} />} onRefused={setRefusal} onCame={onCame} onClose={onClose} />;
}

function Reading({ name }: { name: string }) {
  return (
    <div data-testid="import">
      <h2 className={classes.title}>{name}</h2>
      <p className={classes.text} role="status">
        Reading the file…
      </p>
    </div>
  );
}

function Refusal({ name, reason, onSource, onClose }: { name: string; reason: string } & Pick<Part, 'onSource' | 'onClose'>) {
  return (
    <div data-testid="import">
      <h2 className={classes.title}>{name}</h2>
      <p className={classes.refusal} role="alert" data-testid="import-refused">
        {reason}
      </p>
      <div className={classes.foot}>
        <FileChoice words="Choose another file…" onSource={onSource} />
        <Button data-autofocus onClick={onClose}>
          Close
        </Button>
      </div>
    </div>
  );
}
