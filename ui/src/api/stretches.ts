/** Stretches of time within one another, by the same rules as the engine. Pure. */
import type { OccurrenceView } from './generated/OccurrenceView';
import type { TimeWindow } from './generated/TimeWindow';

/** Tells whether a stretch lies within another, seen by the same viewer. `other` may be anything. */
export function isWithin(window: TimeWindow, other: unknown): boolean {
  return isWindow(other) && other.viewer === window.viewer && Date.parse(other.from) <= Date.parse(window.from) && Date.parse(window.to) <= Date.parse(other.to);
}

function isWindow(other: unknown): other is TimeWindow {
  return typeof other === 'object' && other !== null && 'from' in other && 'to' in other && 'viewer' in other;
}

/** Tells whether an event is seen in a stretch; a mere moment is when it begins there. */
export function takesPlaceIn({ starts_at, ends_at }: Pick<OccurrenceView, 'starts_at' | 'ends_at'>, { from, to }: Pick<TimeWindow, 'from' | 'to'>): boolean {
  const [start, end, first, last] = [starts_at, ends_at, from, to].map(Date.parse) as [number, number, number, number];
  return start < last && (end > first || start >= first);
}
