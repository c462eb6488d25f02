/** A conflict over the sample's “Hiring sync”: another title and another place on each side. */
import { Temporal } from 'temporal-polyfill';
import type { ConflictView } from '../../api/generated/ConflictView';
import type { World } from './world';

/** Lists the conflicts of the sample. */
export function conflictsIn(world: World, viewer: string): ConflictView[] {
  const row = [...world.rows.values()].find(({ mark }) => mark === 'conflict');
  if (!row) return [];
  const base = row.content;
  const local = { ...base, title: 'Hiring sync: two offers', location: 'Studio' };
  return [
    {
      event_id: row.id,
      link_id: 'link-team',
      title: local.title,
      calendar_id: row.calendar_id,
      calendar: 'Team',
      provider: 'google',
      account: 'mara@northlight.example',
      remote_name: 'Team',
      found_at: Temporal.Now.zonedDateTimeISO(viewer).subtract({ minutes: 4 }).toInstant().toString({ smallestUnit: 'second' }),
      open: true,
      fields: ['title', 'location'],
      base,
      local,
      remote: { ...base, title: 'Hiring sync, with Priya', location: 'Long room' },
      now: local,
    },
  ];
}
