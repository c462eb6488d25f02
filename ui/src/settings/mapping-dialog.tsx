/** What holds what in a Notion database: proposed, corrected by the person, agreed on. */
import { Button, Loader, NumberInput, Select } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { CalendarId } from '../api/generated/CalendarId';
import type { IntegrationId } from '../api/generated/IntegrationId';
import type { LinkId } from '../api/generated/LinkId';
import type { MappingChoice } from '../api/generated/MappingChoice';
import type { MappingProposal } from '../api/generated/MappingProposal';
import type { RemoteCalendarId } from '../api/generated/RemoteCalendarId';
import type { SlotProposal } from '../api/generated/SlotProposal';
import type { SyncDirection } from '../api/generated/SyncDirection';
import { useHost } from '../api/host-context';
import { KEYS, useLinkPlan, useMappingPlan } from '../api/queries';
import { Dialog } from '../components/dialogs/dialog';
import { failureOf } from '../host';
import { LinkPlan, linesOf, mappingLinesOf } from './link-plan';
import { DIRECTIONS } from './links';
import { choiceOf, isComputed, mappingErrors, mappingForm, noteOn, NOTHING, optionsOf, PROGRAM_SLOTS, SLOT_WORDS, type MappingForm } from './mapping';
import classes from './mapping.module.css';

/** The database that is spoken about: one to be linked, with a calendar that is here already or a new one, or one that is. */
export type MappedDatabase = { kind: 'new'; calendarId: CalendarId | null; integrationId: IntegrationId; id: RemoteCalendarId; name: string; direction: SyncDirection } | { kind: 'linked'; linkId: LinkId; name: string; direction: SyncDirection };

interface Props {
  database: MappedDatabase | null;
  onClose: () => void;
}

/** Shows the dialog while there is a database to speak about. */
export function MappingDialog({ database, onClose }: Props) {
  return (
    <Dialog label="What holds what" isOpen={database !== null} size={560} padding={24} onClose={onClose}>
      {database !== null && <Loaded key={JSON.stringify(database)} database={database} onClose={onClose} />}
    </Dialog>
  );
}

interface LoadedProps {
  database: MappedDatabase;
  onClose: () => void;
}

function Loaded({ database, onClose }: LoadedProps) {
  const host = useHost();
  const { data, error } = useQuery({
    queryKey: ['notion-mapping', database],
    queryFn: () =>
      database.kind === 'new'
        ? host.call('propose_notion_mapping', { integration_id: database.integrationId, data_source_id: database.id })
        : host.call('notion_mapping', { link_id: database.linkId }),
    staleTime: 0,
    gcTime: 0,
  });
  return (
    <>
      <h2 className={classes.title}>{database.kind === 'new' ? `Link “${database.name}”` : `What holds what in “${database.name}”`}</h2>
      {error !== null && (
        <p className={classes.wrong} role="alert">
          {failureOf(error).message}
        </p>
      )}
      {data === undefined && error === null && (
        <p className={classes.loading}>
          <Loader size={14} /> Looking at the database…
        </p>
      )}
      {data !== undefined && <MappingEditor database={database} proposal={data} onClose={onClose} />}
      {data === undefined && (
        <div className={classes.foot}>
          <Button variant="subtle" color="gray" onClick={onClose}>
            Cancel
          </Button>
        </div>
      )}
    </>
  );
}

function MappingEditor({ database, proposal, onClose }: LoadedProps & { proposal: MappingProposal }) {
  const host = useHost();
  const client = useQueryClient();
  const [form, setForm] = useState<MappingForm>(() => mappingForm(proposal));
  const [direction, setDirection] = useState<SyncDirection>(database.direction);
  const [failure, setFailure] = useState<string | null>(null);
  const [isBusy, setBusy] = useState(false);
  const [compared, setCompared] = useState<Compared | null>(null);
  const joined = database.kind === 'new' && database.calendarId !== null ? database : null;
  const linked = database.kind === 'linked' ? database : null;
  const plan = useLinkPlan(joined?.calendarId ?? null, joined === null || compared === null ? null : { integration_id: joined.integrationId, id: joined.id }, compared?.way ?? 'pull_only', compared?.choice);
  const change = useMappingPlan(linked?.linkId ?? null, compared?.choice ?? null);
  const lines = plan.data ? linesOf(plan.data) : change.data ? mappingLinesOf(change.data) : undefined;
  // A calendar of its own has nothing to be compared with.
  const isFirstCompared = compared === null && (joined !== null || linked !== null);
  const errors = mappingErrors(form, proposal);
  const isRead = isComputed(form, proposal);
  const way: SyncDirection = isRead ? 'pull_only' : direction;
  const hasRepetition = (form.chosen.recurrence ?? NOTHING) !== NOTHING;
  const correct = (part: Partial<MappingForm>) => {
    setForm((now) => ({ ...now, ...part }));
    setFailure(null);
    setCompared(null);
  };
  const turn = (wanted: SyncDirection) => {
    setDirection(wanted);
    setCompared(null);
  };
  const save = async () => {
    const choice = choiceOf(form, proposal, way);
    if (isFirstCompared) {
      setCompared({ choice, way });
      return;
    }
    setBusy(true);
    setFailure(null);
    try {
      if (database.kind === 'new') {
        await host.call('link_notion', { calendar_id: database.calendarId, integration_id: database.integrationId, data_source_id: database.id, direction: way, choice });
      } else {
        await host.call('set_notion_mapping', { link_id: database.linkId, choice });
      }
      await client.invalidateQueries({ queryKey: KEYS.calendars });
      await client.invalidateQueries({ queryKey: KEYS.remotes });
      onClose();
    } catch (reason) {
      setFailure(failureOf(reason).message);
      setBusy(false);
    }
  };
  const row = (slot: SlotProposal) => (
    <SlotRow
      key={slot.slot}
      proposal={slot}
      chosen={form.chosen[slot.slot] ?? NOTHING}
      error={errors[slot.slot]}
      isFixed={slot.slot === 'title' || (slot.slot === 'when' && database.kind === 'linked')}
      onChange={(chosen) => correct({ chosen: { ...form.chosen, [slot.slot]: chosen } })}
    />
  );
  return (
    <>
      <p className={classes.text}>Each part of an event, and the property that holds it. Properties are remembered by their identity, so they may be renamed in Notion.</p>
      {proposal.problem !== null && <Warning text={proposal.problem} />}
      {proposal.warnings.map((warning) => (
        <Warning key={warning} text={warning} />
      ))}
      <div className={classes.slots}>{proposal.slots.filter(({ slot }) => PROGRAM_SLOTS[slot] === undefined).map(row)}</div>
      <h3 className={classes.subhead}>For Synodic itself</h3>
      <div className={classes.slots}>{proposal.slots.filter(({ slot }) => PROGRAM_SLOTS[slot] !== undefined).map(row)}</div>
      <h3 className={classes.subhead}>Further</h3>
      <div className={classes.slots}>
        {database.kind === 'new' && (
          <div className={classes.slot}>
            <span className={classes.what}>Direction</span>
            <div>
              <Select aria-label="Direction" value={way} data={[...DIRECTIONS]} disabled={isRead} allowDeselect={false} onChange={(chosen) => chosen !== null && turn(chosen as SyncDirection)} />
              {isRead && <p className={classes.note}>Notion computes the date, so nothing can be written there.</p>}
            </div>
          </div>
        )}
        <div className={classes.slot}>
          <span className={classes.what}>Length without an end</span>
          <div className={classes.count}>
            <NumberInput aria-label="Length without an end" variant="filled" size="xs" value={form.minutes} min={0} max={1440} step={15} allowDecimal={false} onChange={(minutes) => typeof minutes === 'number' && correct({ minutes })} />
            <span>minutes, where a page says only when it begins</span>
          </div>
        </div>
        {hasRepetition && (
          <div className={classes.slot}>
            <span className={classes.what}>Pages of a series</span>
            <div className={classes.count}>
              <NumberInput aria-label="Pages of a series" variant="filled" size="xs" value={form.upcoming} min={0} max={50} allowDecimal={false} data-testid="upcoming" onChange={(upcoming) => typeof upcoming === 'number' && correct({ upcoming })} />
              <span>{form.upcoming === 0 ? 'next occurrences as pages of their own: only one page for the series' : 'next occurrences as pages of their own'}</span>
            </div>
          </div>
        )}
      </div>
      {compared !== null && (
        <>
          <h3 className={classes.subhead}>{linked === null ? 'What linking comes to' : 'What this comes to'}</h3>
          <LinkPlan lines={lines} error={plan.error ?? change.error} />
        </>
      )}
      {failure !== null && (
        <p className={classes.wrong} role="alert" data-testid="mapping-failure">
          {failure}
        </p>
      )}
      <div className={classes.foot}>
        <Button variant="subtle" color="gray" onClick={onClose}>
          Cancel
        </Button>
        <Button loading={isBusy} disabled={Object.keys(errors).length > 0 || plan.isLoading || change.isLoading} data-testid="save-mapping" onClick={() => void save()}>
          {wordOn(database, isFirstCompared, plan.data?.wants_a_look === true)}
        </Button>
      </div>
    </>
  );
}

/** What was compared before it is done. */
interface Compared {
  choice: MappingChoice;
  way: SyncDirection;
}

function wordOn(database: MappedDatabase, isFirstCompared: boolean, wantsALook: boolean): string {
  if (isFirstCompared) return 'Compare';
  if (database.kind === 'linked') return 'Save';
  return wantsALook ? 'Link all the same' : 'Link';
}

interface SlotRowProps {
  proposal: SlotProposal;
  chosen: string;
  error: string | undefined;
  isFixed: boolean;
  onChange: (chosen: string) => void;
}

function SlotRow({ proposal, chosen, error, isFixed, onChange }: SlotRowProps) {
  const options = optionsOf(proposal);
  const note = noteOn(proposal, chosen) ?? PROGRAM_SLOTS[proposal.slot] ?? null;
  return (
    <div className={classes.slot} data-testid={`slot-${proposal.slot}`} data-off={chosen === NOTHING || undefined}>
      <span className={classes.what}>{SLOT_WORDS[proposal.slot]}</span>
      <div>
        <Select
          aria-label={SLOT_WORDS[proposal.slot]}
          value={chosen}
          data={options}
          disabled={isFixed || options.length < 2}
          error={error}
          allowDeselect={false}
          data-testid={`choose-${proposal.slot}`}
          onChange={(value) => value !== null && onChange(value)}
        />
        {note !== null && <p className={classes.note}>{note}</p>}
      </div>
    </div>
  );
}

function Warning({ text }: { text: string }) {
  return (
    <p className={classes.warning} data-testid="mapping-warning">
      <IconAlertTriangle size={14} stroke={1.8} aria-hidden />
      <span>{text}</span>
    </p>
  );
}
