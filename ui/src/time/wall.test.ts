import { Temporal } from 'temporal-polyfill';
import { describe, expect, it } from 'vitest';
import { onlyDay, wallAt } from './wall';

const at = (text: string) => Date.parse(text);

describe('the wall', () => {
  it('shows what Temporal says, also on the days on which clocks change', () => {
    const zones = ['Europe/Berlin', 'America/St_Johns', 'Asia/Kolkata', 'Pacific/Kiritimati', 'Pacific/Niue', 'Australia/Lord_Howe', 'UTC', 'Pacific/Apia'];
    const starts = ['2026-10-20T00:15:00Z', '2026-03-24T00:15:00Z', '2011-12-28T00:15:00Z', '1969-12-30T00:15:00Z'];
    for (const zone of zones) {
      for (const start of starts) {
        for (let step = 0; step < 400; step++) {
          const epoch = at(start) + step * 33 * 60_000;
          const there = Temporal.Instant.fromEpochMilliseconds(epoch).toZonedDateTimeISO(zone);
          const shown = wallAt(epoch, zone);
          expect([shown.day, shown.minutes], `${zone} ${there.toString()}`).toEqual([there.toPlainDate().toString(), there.hour * 60 + there.minute]);
        }
      }
    }
  });

  it('tells what lies on one day', () => {
    const day = (start: string, end: string) => onlyDay({ start: at(start), end: at(end) }, 'Europe/Berlin');
    expect(day('2026-11-26T08:00:00Z', '2026-11-26T09:00:00Z')).toBe('2026-11-26');
    expect(day('2026-11-26T22:00:00Z', '2026-11-26T23:00:00Z')).toBe('2026-11-26');
    expect(day('2026-11-26T22:30:00Z', '2026-11-26T23:30:00Z')).toBe(null);
    expect(day('2026-11-26T23:00:00Z', '2026-11-26T23:00:00Z')).toBe('2026-11-27');
  });
});
