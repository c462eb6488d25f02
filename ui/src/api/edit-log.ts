/** The edits that can be taken back and made again, newest last. */
import type { UndoToken } from './generated/UndoToken';

/** An edit that can be taken back. */
export interface LoggedEdit {
  /** What was done, as a sentence: `“Stand-up” moved`. */
  label: string;
  token: UndoToken;
  /** Set when it was several edits in one: the tokens of those after the first, in the order in which they were made. */
  more?: readonly UndoToken[];
}

/** What can be taken back, and what can be made again. */
export interface EditLog {
  done: readonly LoggedEdit[];
  undone: readonly LoggedEdit[];
}

/** The log of a window that has just opened. */
export const EMPTY_LOG: EditLog = { done: [], undone: [] };

const LIMIT = 100;

/** Notes a new edit. What had been taken back before can then no longer be made again. */
export function noteEdit(log: EditLog, edit: LoggedEdit): EditLog {
  return { done: [...log.done, edit].slice(-LIMIT), undone: [] };
}

/** Lists the tokens of an edit in the order in which they have to be handed in. */
export function tokensOf({ token, more = [] }: LoggedEdit): UndoToken[] {
  return [token, ...more].toReversed();
}

/** Notes that an edit was taken back; `redo` makes it again. */
export function noteUndone(log: EditLog, token: UndoToken, redo: UndoToken, more: readonly UndoToken[] = []): EditLog {
  const edit = log.done.find((candidate) => candidate.token === token);
  if (!edit) return log;
  return { done: log.done.filter((candidate) => candidate !== edit), undone: [...log.undone, logged(edit.label, redo, more)] };
}

/** Notes that an edit was made again; `undo` takes it back once more. */
export function noteRedone(log: EditLog, token: UndoToken, undo: UndoToken, more: readonly UndoToken[] = []): EditLog {
  const edit = log.undone.find((candidate) => candidate.token === token);
  if (!edit) return log;
  return { done: [...log.done, logged(edit.label, undo, more)], undone: log.undone.filter((candidate) => candidate !== edit) };
}

/** Makes an entry of the log. */
export function logged(label: string, token: UndoToken, more: readonly UndoToken[]): LoggedEdit {
  return more.length === 0 ? { label, token } : { label, token, more };
}

/** Drops an edit that the engine no longer knows. */
export function forgetEdit(log: EditLog, token: UndoToken): EditLog {
  return {
    done: log.done.filter((edit) => edit.token !== token),
    undone: log.undone.filter((edit) => edit.token !== token),
  };
}
