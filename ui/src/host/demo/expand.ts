/** Expands the few kinds of rules that the world in memory uses. The real engine knows them all. */
import { Temporal } from 'temporal-polyfill';
import type { OriginalStart } from '../../api/generated/OriginalStart';
import type { When } from '../../api/generated/When';
import { parseRule, WEEKDAYS, type RuleParts } from '../../time/recurrence';
import { shiftedSeries, spanOf } from '../../time/when';
import { instantOf } from '../../time/zones';

/** One appearance of a series. */
export interface Appearance {
  original: OriginalStart;
  when: When;
}

/** Names the start of an appearance. */
export function originalOf(when: When): OriginalStart {
  switch (when.kind) {
    case 'all_day':
      return { kind: 'date', date: when.start };
    case 'zoned':
      return { kind: 'zoned', time: when.start };
    case 'floating':
      return { kind: 'floating', time: when.start };
  }
}

/** Writes an original start so that two that mean the same are the same text. */
export function originalKey(original: OriginalStart): string {
  switch (original.kind) {
    case 'date':
      return original.date;
    case 'zoned':
      return instantOf(original.time).toString();
    case 'floating':
      return original.time;
  }
}

/** Lists the appearances of a series that begin before `until`, at most five hundred. */
export function expand(when: When, rule: string, until: Temporal.Instant, viewer: string): Appearance[] {
  const parts = parseRule(rule);
  if (!parts) return [{ original: originalOf(when), when }];
  const first = Temporal.PlainDate.from((when.kind === 'zoned' ? when.start.local : when.start).slice(0, 10));
  const count = Number(parts.get('COUNT') ?? '500');
  const lastDay = parts.get('UNTIL')?.slice(0, 8);
  const found: Appearance[] = [];
  for (let offset = 0; offset < 3700 && found.length < Math.min(count, 500); offset += 1) {
    const day = first.add({ days: offset });
    if (lastDay !== undefined && day.toString().replaceAll('-', '') > lastDay) break;
    if (offset > 0 && !matches(parts, first, day)) continue;
    const shifted = shiftedSeries(when, when, movedTo(when, day, first));
    if (Temporal.Instant.compare(spanOf(shifted, viewer).start, until) >= 0) break;
    found.push({ original: originalOf(shifted), when: shifted });
  }
  return found;
}

function movedTo(when: When, day: Temporal.PlainDate, first: Temporal.PlainDate): When {
  const days = first.until(day, { largestUnit: 'days' }).days;
  const move = (local: string) => Temporal.PlainDateTime.from(local).add({ days }).toString({ smallestUnit: 'second' });
  switch (when.kind) {
    case 'all_day':
      return {
        kind: 'all_day',
        start: day.toString(),
        end: Temporal.PlainDate.from(when.end).add({ days }).toString(),
      };
    case 'zoned':
      return {
        kind: 'zoned',
        start: { ...when.start, local: move(when.start.local) },
        end: { ...when.end, local: move(when.end.local) },
      };
    case 'floating':
      return { kind: 'floating', start: move(when.start), end: move(when.end) };
  }
}

function matches(parts: RuleParts, first: Temporal.PlainDate, day: Temporal.PlainDate): boolean {
  const interval = Number(parts.get('INTERVAL') ?? '1');
  const weekday = WEEKDAYS[day.dayOfWeek - 1] ?? 'MO';
  const byDay = parts.get('BYDAY')?.split(',');
  switch (parts.get('FREQ')) {
    case 'DAILY':
      return first.until(day, { largestUnit: 'days' }).days % interval === 0;
    case 'WEEKLY': {
      const monday = (date: Temporal.PlainDate) => date.subtract({ days: date.dayOfWeek - 1 });
      const weeks = monday(first).until(monday(day), { largestUnit: 'days' }).days / 7;
      if (weeks % interval !== 0) return false;
      return byDay === undefined ? day.dayOfWeek === first.dayOfWeek : byDay.includes(weekday);
    }
    case 'MONTHLY': {
      const months = (day.year - first.year) * 12 + day.month - first.month;
      return months % interval === 0 && day.day === Number(parts.get('BYMONTHDAY') ?? first.day);
    }
    default:
      return day.month === first.month && day.day === first.day;
  }
}
