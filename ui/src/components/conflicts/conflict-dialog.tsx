/** A conflict: both versions side by side, and the choice between them, whole or field by field. */
import { Button } from '@mantine/core';
import { Temporal } from 'temporal-polyfill';
import { useState } from 'react';
import type { ConflictSide } from '../../api/generated/ConflictSide';
import type { ConflictView } from '../../api/generated/ConflictView';
import type { Field } from '../../api/generated/Field';
import type { Resolution } from '../../api/generated/Resolution';
import { useEdits } from '../../api/edits';
import { useManner } from '../../api/host-context';
import { Dialog } from '../dialogs/dialog';
import { placeWords } from '../place';
import { ProviderSign } from '../provider-sign';
import { providerName } from '../sync-status/present';
import { conflictSentence, FIELD_NAMES, fieldText } from './words';
import classes from './conflicts.module.css';

interface Props {
  conflict: ConflictView | null;
  onClose: () => void;
}

/** Shows the dialog while there is a conflict to look at. */
export function ConflictDialog({ conflict, onClose }: Props) {
  return (
    <Dialog label="Which version?" isOpen={conflict !== null} size={640} padding={24} onClose={onClose}>
      {conflict !== null && <Comparison key={`${conflict.event_id} ${conflict.link_id}`} conflict={conflict} onClose={onClose} />}
    </Dialog>
  );
}

function Comparison({ conflict, onClose }: { conflict: ConflictView; onClose: () => void }) {
  const edits = useEdits();
  const [isBusy, setBusy] = useState(false);
  const service = providerName(conflict.provider);
  const title = conflict.title === '' ? 'Untitled' : conflict.title;
  const decide = async (resolution: Resolution) => {
    setBusy(true);
    if (await edits.resolve(conflict.event_id, conflict.link_id, title, resolution)) onClose();
    else setBusy(false);
  };
  return (
    <>
      <h2 className={classes.title}>“{title}”</h2>
      <p className={classes.text}>{conflictSentence(conflict, service)}</p>
      <p className={classes.place} data-testid="conflict-place">
        <ProviderSign provider={conflict.provider} /> <span>{placeWords(conflict)}</span>
      </p>
      {conflict.fields.length > 0 && conflict.local !== null && conflict.remote !== null ? (
        <FieldByField conflict={conflict} service={service} isBusy={isBusy} onDecide={(resolution) => void decide(resolution)} />
      ) : (
        <div className={classes.foot}>
          {!conflict.open && (
            <Button variant="subtle" color="gray" disabled={isBusy} onClick={() => void decide({ kind: 'as_it_is' })}>
              Leave it as it is
            </Button>
          )}
          <Button variant="light" color={conflict.local === null ? 'red' : undefined} disabled={isBusy} data-testid="keep-local" onClick={() => void decide({ kind: 'keep', side: 'local' })}>
            {conflict.local === null ? 'Delete it there too' : 'Keep the event'}
          </Button>
          <Button variant="light" color={conflict.remote === null ? 'red' : undefined} disabled={isBusy} data-testid="keep-remote" onClick={() => void decide({ kind: 'keep', side: 'remote' })}>
            {conflict.remote === null ? 'Delete it here too' : 'Keep the event'}
          </Button>
        </div>
      )}
    </>
  );
}

interface FieldsProps {
  conflict: ConflictView;
  service: string;
  isBusy: boolean;
  onDecide: (resolution: Resolution) => void;
}

function FieldByField({ conflict, service, isBusy, onDecide }: FieldsProps) {
  const manner = useManner();
  const year = Temporal.Now.plainDateISO(manner.viewer).year;
  const [sides, setSides] = useState<Partial<Record<Field, ConflictSide>>>({});
  const { fields, base, local, remote, now } = conflict;
  const words = (content: typeof local, field: Field) => (content === null ? '–' : fieldText(content, field, manner, year));
  /** Where nothing is chosen yet, what stands here now is what stays. */
  const sideOf = (field: Field): ConflictSide => sides[field] ?? (now !== null && words(now, field) === words(remote, field) ? 'remote' : 'local');
  const chosen = Object.fromEntries(fields.map((field) => [field, sideOf(field)])) as Record<Field, ConflictSide>;
  const all = (side: ConflictSide) => setSides(Object.fromEntries(fields.map((field) => [field, side])));
  return (
    <>
      <table className={classes.table}>
        <thead>
          <tr>
            <th scope="col">Field</th>
            <th scope="col">
              <button type="button" className={classes.all} data-testid="all-local" onClick={() => all('local')}>
                Here
              </button>
            </th>
            <th scope="col">
              <button type="button" className={classes.all} data-testid="all-remote" onClick={() => all('remote')}>
                {service}
              </button>
            </th>
          </tr>
        </thead>
        <tbody>
          {fields.map((field) => (
            <tr key={field} data-testid="conflict-field">
              <th scope="row">
                {FIELD_NAMES[field]}
                {base !== null && <div className={classes.before}>before: {words(base, field)}</div>}
              </th>
              {(['local', 'remote'] as const).map((side) => (
                <td key={side} aria-label={`${FIELD_NAMES[field]}, ${side === 'local' ? 'here' : service}`}>
                  <label className={classes.side} data-chosen={sideOf(field) === side || undefined}>
                    <input type="radio" name={`side-${field}`} checked={sideOf(field) === side} data-testid={`${field}-${side}`} onChange={() => setSides({ ...sides, [field]: side })} />
                    <span>{words(side === 'local' ? local : remote, field)}</span>
                  </label>
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      <div className={classes.foot}>
        {!conflict.open && (
          <Button variant="subtle" color="gray" disabled={isBusy} onClick={() => onDecide({ kind: 'as_it_is' })}>
            Leave it as it is
          </Button>
        )}
        <Button variant="light" disabled={isBusy} data-testid="keep-both" title={`${service}’s version stays, and yours becomes an event of its own beside it`} onClick={() => onDecide({ kind: 'both' })}>
          Keep both
        </Button>
        <Button loading={isBusy} data-testid="decide" onClick={() => onDecide({ kind: 'fields', sides: chosen })}>
          Use what is chosen
        </Button>
      </div>
    </>
  );
}
