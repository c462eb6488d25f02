import { describe, expect, it } from 'vitest';
import { fitting, type Command } from './commands';

const command = (label: string, group = 'View', also = ''): Command => ({ id: label, group, label, also, run: () => undefined });
const all = [command('Week'), command('Monday to Friday', 'View', 'working week five days'), command('Sync now', 'Sync'), command('Show Café', 'Calendars'), command('New event', 'Events', 'create add')];
const labels = (typed: string) => fitting(all, typed).map(({ label }) => label);

describe('the palette', () => {
  it('offers everything before anything is typed', () => expect(labels('  ')).toHaveLength(5));
  it('puts what begins so before what is only called so, too', () => expect(labels('week')).toEqual(['Week', 'Monday to Friday']));
  it('understands other words', () => expect(labels('create')).toEqual(['New event']));
  it('needs every word', () => expect([labels('new ev'), labels('new week')]).toEqual([['New event'], []]));
  it('looks past accents and into words', () => expect([labels('cafe'), labels('vent')]).toEqual([['Show Café'], ['New event']]));
});
