import { describe, expect, it } from 'vitest';
import { EMPTY_LOG, forgetEdit, noteEdit, noteRedone, noteUndone, tokensOf } from './edit-log';

describe('edit log', () => {
  const two = noteEdit(noteEdit(EMPTY_LOG, { label: 'a', token: 1 }), { label: 'b', token: 2 });

  it('goes back and forth with the tokens that the engine hands out', () => {
    const back = noteUndone(two, 2, 20);
    expect(back).toEqual({ done: [{ label: 'a', token: 1 }], undone: [{ label: 'b', token: 20 }] });
    expect(noteRedone(back, 20, 21)).toEqual({ done: [{ label: 'a', token: 1 }, { label: 'b', token: 21 }], undone: [] });
  });

  it('goes back and forth with several edits in one, the last of them first', () => {
    const three = noteEdit(EMPTY_LOG, { label: 'a', token: 1, more: [2, 3] });
    expect(three.done.map(tokensOf)).toEqual([[3, 2, 1]]);
    const back = noteUndone(three, 1, 30, [20, 10]);
    expect(back.undone.map(tokensOf)).toEqual([[10, 20, 30]]);
    expect(noteRedone(back, 30, 11, [21, 31]).done).toEqual([{ label: 'a', token: 11, more: [21, 31] }]);
  });

  it('takes back an older edit by its own token', () => {
    expect(noteUndone(two, 1, 10).done).toEqual([{ label: 'b', token: 2 }]);
  });

  it('forgets what had been taken back when something new is done', () => {
    expect(noteEdit(noteUndone(two, 2, 20), { label: 'c', token: 3 }).undone).toEqual([]);
  });

  it('ignores tokens that it does not know', () => {
    expect(noteUndone(two, 9, 90)).toBe(two);
    expect(noteRedone(two, 9, 90)).toBe(two);
    expect(forgetEdit(two, 2).done).toHaveLength(1);
  });

  it('keeps a hundred', () => {
    let log = EMPTY_LOG;
    for (let token = 0; token < 150; token += 1) log = noteEdit(log, { label: '', token });
    expect(log.done).toHaveLength(100);
    expect(log.done[0]?.token).toBe(50);
  });
});
