/** Everything that changes events: optimistic in the window, undoable, and explained when it is refused. */
import { useQueryClient, type QueryClient } from '@tanstack/react-query';
import { createContext, use, useMemo, type ReactNode } from 'react';
import type { EditDecision } from '../components/dialogs/ask-edit';
import { toastEdit, toastFailure, toastNote } from '../components/toast';
import { failureOf, type Host } from '../host';
import { applyToSeries } from '../time/series';
import { spanOf } from '../time/when';
import type { CalendarId } from './generated/CalendarId';
import type { EditReceipt } from './generated/EditReceipt';
import type { EventContent } from './generated/EventContent';
import type { EventDraft } from './generated/EventDraft';
import type { EventTarget } from './generated/EventTarget';
import type { EventView } from './generated/EventView';
import type { EventId } from './generated/EventId';
import type { HistoryId } from './generated/HistoryId';
import type { ImportChoice } from './generated/ImportChoice';
import type { ImportPlace } from './generated/ImportPlace';
import type { ImportReport } from './generated/ImportReport';
import type { LinkId } from './generated/LinkId';
import type { NotifyAttendees } from './generated/NotifyAttendees';
import type { OccurrenceView } from './generated/OccurrenceView';
import type { Resolution } from './generated/Resolution';
import type { ResponseStatus } from './generated/ResponseStatus';
import type { RunKey } from './generated/RunKey';
import type { RunReverted } from './generated/RunReverted';
import type { UndoToken } from './generated/UndoToken';
import type { When } from './generated/When';
import { countedChanges, countedEvents } from './counts';
import { EMPTY_LOG, forgetEdit, logged, noteEdit, noteRedone, noteUndone, tokensOf, type EditLog, type LoggedEdit } from './edit-log';
import { useHost, useManner } from './host-context';
import { KEYS } from './queries';
import { occurrenceId, targetOf, within } from './targets';

/** The edits that a person can make. */
export interface Edits {
  create: (draft: EventDraft) => Promise<EditReceipt>;
  /** Saves what the editor holds; rejects with a `Failure`, which the editor shows at the field. */
  save: (target: EventTarget, seen: EventView, content: EventContent, before: EventContent, decision: EditDecision) => Promise<EditReceipt>;
  /** Moves an occurrence in time; answers whether it stayed there. */
  move: (occurrence: OccurrenceView, when: When, decision: EditDecision) => Promise<boolean>;
  /** Moves an event or a whole series to another calendar; answers what has to be agreed to first, or null when it is there. */
  moveTo: (id: EventId, title: string, calendarId: CalendarId, isConfirmed: boolean, notify: NotifyAttendees) => Promise<string | null>;
  /** Answers an invitation. */
  answer: (target: EventTarget, title: string, response: ResponseStatus, decision: EditDecision) => Promise<boolean>;
  remove: (target: EventTarget, title: string, decision: EditDecision) => Promise<boolean>;
  /** Deletes several at once, with one way back; answers those that were not deleted. Guests are told of all or of none. */
  removeAll: (occurrences: readonly OccurrenceView[], notify: NotifyAttendees) => Promise<OccurrenceView[]>;
  /** Answers a conflict. */
  resolve: (eventId: EventId, linkId: LinkId, title: string, resolution: Resolution) => Promise<boolean>;
  /** Takes a change back that the history knows, or restores a deleted event. `label` says what that comes to. */
  revert: (id: HistoryId, label: string) => Promise<boolean>;
  /** Takes back all that a pull changed; answers what became of it, or null when it was refused. */
  revertRun: (run: RunKey, remoteName: string) => Promise<RunReverted | null>;
  /** Takes a calendar file in; rejects with a `Failure` when nothing of it came. */
  importFile: (file: number, place: ImportPlace, calendarName: string, choice: ImportChoice) => Promise<ImportReport>;
  undo: () => Promise<void>;
  redo: () => Promise<void>;
}

const EditsContext = createContext<Edits | null>(null);

/** Returns the edits. */
export function useEdits(): Edits {
  const edits = use(EditsContext);
  if (edits === null) throw new Error('no edits above');
  return edits;
}

/** Provides the edits and remembers what can be taken back. */
export function EditsProvider({ children }: { children: ReactNode }) {
  const host = useHost();
  const client = useQueryClient();
  const { viewer } = useManner();
  const edits = useMemo(() => makeEdits(host, client, viewer), [host, client, viewer]);
  return <EditsContext value={edits}>{children}</EditsContext>;
}

const ANSWERS: Record<ResponseStatus, string> = { accepted: 'Accepted', tentative: 'Perhaps for', declined: 'Declined', needs_action: 'No answer to' };

const quoted = (title: string) => `“${title === '' ? 'Untitled' : title}”`;

function makeEdits(host: Host, client: QueryClient, viewer: string): Edits {
  let log: EditLog = EMPTY_LOG;
  const refresh = async () => {
    await Promise.all([
      client.invalidateQueries({ queryKey: KEYS.occurrences }),
      client.invalidateQueries({ queryKey: KEYS.event }),
    ]);
  };
  /** Hands in the tokens of an edit, and answers those that lead back. */
  const handIn = async (edit: LoggedEdit): Promise<[UndoToken, UndoToken[]]> => {
    const back: UndoToken[] = [];
    for (const token of tokensOf(edit)) {
      // Each stands on what the one before has left.
      // oxlint-disable-next-line no-await-in-loop
      back.push((await host.call('undo', { token })).undo);
    }
    const [first = edit.token, ...more] = back;
    return [first, more];
  };
  const takeBack = async (token: UndoToken) => {
    const edit = log.done.find((one) => one.token === token);
    if (edit === undefined) return;
    try {
      log = noteUndone(log, token, ...(await handIn(edit)));
      toastNote(`Undone: ${edit.label}`);
    } catch (reason) {
      log = forgetEdit(log, token);
      toastFailure('', failureOf(reason));
    }
    await refresh();
  };
  const note = async <Receipt extends Pick<EditReceipt, 'undo'>>(label: string, receipt: Receipt, more: readonly UndoToken[] = []): Promise<Receipt> => {
    log = noteEdit(log, logged(label, receipt.undo, more));
    toastEdit(label, () => void takeBack(receipt.undo));
    await refresh();
    return receipt;
  };

  const changeAs = async (target: EventTarget, seen: EventView, content: EventContent, before: EventContent, { scope, notify }: EditDecision) => {
    const wanted = within(target, scope);
    if (wanted === target) {
      const own = target.kind === 'occurrence' ? { ...content, recurrence: null } : content;
      return host.call('change_event', { change: { target, content: own, seen_revision: seen.revision, notify } });
    }
    const series = await host.call('event', { target: wanted });
    const change = { target: wanted, content: applyToSeries(series.content, before, content), seen_revision: series.revision, notify };
    return host.call('change_event', { change });
  };

  return {
    create: async (draft) => note(`${quoted(draft.content.title)} created`, await host.call('create_event', { draft })),

    save: async (target, seen, content, before, decision) =>
      note(`${quoted(content.title)} saved`, await changeAs(target, seen, content, before, decision)),

    moveTo: async (id, title, calendarId, isConfirmed, notify) => {
      const answer = await host.call('move_event', { wish: { id, calendar_id: calendarId, confirmed: isConfirmed, notify } });
      if (answer.kind === 'confirm') return answer.message;
      await note(`${quoted(title)} moved to another calendar`, answer.receipt);
      return null;
    },

    answer: async (target, title, response, { scope, notify }) => {
      try {
        const receipt = await host.call('answer_event', { answer: { target: within(target, scope), response, notify } });
        await note(`${ANSWERS[response]} ${quoted(title)}`, receipt);
        return true;
      } catch (reason) {
        toastFailure(`Your answer to ${quoted(title)} was not kept.`, failureOf(reason));
        return false;
      }
    },

    move: async (occurrence, when, decision) => {
      const { start, end } = spanOf(when, viewer);
      const id = occurrenceId(occurrence);
      const snapshots = client.getQueriesData<OccurrenceView[]>({ queryKey: KEYS.occurrences });
      client.setQueriesData<OccurrenceView[]>({ queryKey: KEYS.occurrences }, (shown) =>
        shown?.map((other) =>
          occurrenceId(other) === id ? { ...other, when, starts_at: start.toString(), ends_at: end.toString() } : other,
        ),
      );
      try {
        const target = targetOf(occurrence);
        const seen = await host.call('event', { target });
        const receipt = await changeAs(target, seen, { ...seen.content, when }, seen.content, decision);
        await note(`${quoted(occurrence.title)} moved`, receipt);
        return true;
      } catch (reason) {
        for (const [key, data] of snapshots) client.setQueryData(key, data);
        toastFailure(`${quoted(occurrence.title)} stays where it was.`, failureOf(reason));
        await refresh();
        return false;
      }
    },

    remove: async (target, title, { scope, notify }) => {
      try {
        const receipt = await host.call('delete_event', { target: within(target, scope), notify });
        await note(`${quoted(title)} deleted`, receipt);
        return true;
      } catch (reason) {
        toastFailure(`${quoted(title)} was not deleted.`, failureOf(reason));
        return false;
      }
    },

    removeAll: async (occurrences, notify) => {
      const tokens: UndoToken[] = [];
      const left: OccurrenceView[] = [];
      let why: unknown = null;
      for (const occurrence of occurrences) {
        try {
          // Two of one series are two edits of it, and the second has to know of the first.
          // oxlint-disable-next-line no-await-in-loop
          tokens.push((await host.call('delete_event', { target: targetOf(occurrence), notify })).undo);
        } catch (reason) {
          left.push(occurrence);
          why ??= reason;
        }
      }
      const [undo, ...more] = tokens;
      const [first] = left;
      if (undo !== undefined) await note(`${countedEvents(tokens.length)} deleted`, { undo }, more);
      if (first !== undefined) toastFailure(left.length === 1 ? `${quoted(first.title)} was not deleted.` : `${countedEvents(left.length)} were not deleted.`, failureOf(why));
      return left;
    },

    resolve: async (eventId, linkId, title, resolution) => {
      try {
        const receipt = await host.call('resolve_conflict', { event_id: eventId, link_id: linkId, resolution });
        await client.invalidateQueries({ queryKey: KEYS.conflicts });
        await note(`${quoted(title)} is decided`, receipt);
        return true;
      } catch (reason) {
        toastFailure(`${quoted(title)} was not decided.`, failureOf(reason));
        return false;
      }
    },

    revert: async (id, label) => {
      try {
        await note(label, await host.call('revert_change', { id }));
        return true;
      } catch (reason) {
        toastFailure('The change was not taken back.', failureOf(reason));
        await refresh();
        return false;
      }
    },

    revertRun: async (run, remoteName) => {
      try {
        const reverted = await host.call('revert_run', { run });
        if (reverted.reverted > 0) await note(`${countedChanges(reverted.reverted)} of “${remoteName}” taken back`, reverted);
        return reverted;
      } catch (reason) {
        toastFailure('The pull was not taken back.', failureOf(reason));
        return null;
      }
    },

    importFile: async (file, place, calendarName, choice) => {
      const report = await host.call('import_file', { file, place, choice });
      await note(`${countedEvents(report.created + report.replaced)} imported into “${calendarName}”`, report);
      if (report.stopped !== null) toastFailure('Not all of the file was imported.', { code: 'internal', message: `${report.stopped} Import it again to go on from there.`, field: null });
      return report;
    },

    undo: async () => {
      const last = log.done.at(-1);
      if (last) await takeBack(last.token);
      else toastNote('Nothing to undo.');
    },

    redo: async () => {
      const last = log.undone.at(-1);
      if (!last) {
        toastNote('Nothing to redo.');
        return;
      }
      try {
        log = noteRedone(log, last.token, ...(await handIn(last)));
        toastNote(`Redone: ${last.label}`);
      } catch (reason) {
        log = forgetEdit(log, last.token);
        toastFailure('', failureOf(reason));
      }
      await refresh();
    },
  };
}
