/** What a change of one occurrence means for its whole series. Pure. */
import type { EventContent } from '../api/generated/EventContent';
import { daysBetween, localStart, sameWhen, shiftedSeries } from './when';
import { shiftRule } from './recurrence';

type Key = keyof EventContent;

/** Lists what differs between two contents. */
export function changedFields(before: EventContent, after: EventContent): Key[] {
  return (Object.keys(after) as Key[]).filter((key) =>
    key === 'when' ? !sameWhen(before.when, after.when) : JSON.stringify(before[key]) !== JSON.stringify(after[key]),
  );
}

/**
 * Carries an edit of one occurrence over to its series: only what was changed is taken, the time as a shift of the
 * first occurrence, and the rule's weekdays move along.
 */
export function applyToSeries(series: EventContent, before: EventContent, after: EventContent): EventContent {
  const changed = new Set(changedFields(before, after));
  const result: EventContent = { ...series };
  for (const key of changed) {
    if (key !== 'when' && key !== 'recurrence') Object.assign(result, { [key]: after[key] });
  }
  if (changed.has('recurrence')) result.recurrence = after.recurrence;
  if (changed.has('when')) {
    result.when = shiftedSeries(series.when, before.when, after.when);
    const days = daysBetween(before.when, after.when);
    const from = localStart(series.when).toPlainDate();
    if (result.recurrence !== null && !changed.has('recurrence')) {
      result.recurrence = { ...result.recurrence, rules: result.recurrence.rules.map((rule) => shiftRule(rule, from, days)) };
    }
  }
  return result;
}
