/** Names for occurrences and what an edit of one of them is about. Pure. */
import type { EventTarget } from './generated/EventTarget';
import type { OccurrenceKey } from './generated/OccurrenceKey';
import type { OccurrenceView } from './generated/OccurrenceView';

/** Whether an edit is about one occurrence, about it and all that follow, or about the whole series. */
export type Scope = 'this' | 'following' | 'all';

/** Returns what an edit of this occurrence is about. */
export function targetOf(occurrence: Pick<OccurrenceView, 'event_id' | 'occurrence_of'>): EventTarget {
  return occurrence.occurrence_of === null
    ? { kind: 'event', id: occurrence.event_id }
    : { kind: 'occurrence', key: occurrence.occurrence_of };
}

/** Returns the whole series that a target belongs to, or the target itself. */
export function wholeOf(target: EventTarget): EventTarget {
  return target.kind === 'event' ? target : { kind: 'event', id: target.key.series_id };
}

/** Returns what an edit is about when it reaches as far as `scope`. */
export function within(target: EventTarget, scope: Scope): EventTarget {
  if (target.kind === 'event' || scope === 'this') return target;
  return scope === 'all' ? wholeOf(target) : { kind: 'following', key: target.key };
}

/** Returns which occurrence a target names; none when it is a whole event. */
export function keyOf(target: EventTarget): OccurrenceKey | null {
  return target.kind === 'event' ? null : target.key;
}

function keyText(key: OccurrenceKey): string {
  const { original_start: start } = key;
  const text = start.kind === 'zoned' ? `${start.time.local}@${start.time.zone}` : start.kind === 'date' ? start.date : start.time;
  return `${key.series_id}/${text}`;
}

/** Names an occurrence among all that are shown; stays the same when its time changes. */
export function occurrenceId(occurrence: Pick<OccurrenceView, 'event_id' | 'occurrence_of'>): string {
  return occurrence.occurrence_of === null ? occurrence.event_id : keyText(occurrence.occurrence_of);
}

/** Names a target in the same way as the occurrence that it came from. */
export function targetId(target: EventTarget): string {
  return target.kind === 'event' ? target.id : keyText(target.key);
}
