/** What a preview says, in words. */
import type { ImportPreview } from '../../api/generated/ImportPreview';

/** A number with what it counts. */
export interface Told {
  id: 'new' | 'same' | 'changed' | 'refused' | 'unreadable' | 'others';
  count: number;
  words: string;
}

/** The counts of a preview that are not nought, the weightiest first. */
export function countsOf(preview: ImportPreview): Told[] {
  const told = (id: Told['id'], count: number, one: string, many = one): Told => ({ id, count, words: count === 1 ? one : many });
  return [
    told('new', preview.new, 'new event', 'new events'),
    told('changed', preview.changed - preview.refused, 'is here in another form', 'are here in another form'),
    told('refused', preview.refused, 'is here in another form, and not yours to change', 'are here in another form, and not yours to change'),
    told('same', preview.same, 'is already here', 'are already here'),
    told('unreadable', preview.unreadable, 'could not be read'),
    told('others', preview.others, 'is no event, and left out', 'are no events, and left out'),
  ].filter(({ count }) => count > 0);
}

/** How many events an import brings or changes. */
export function coming(preview: ImportPreview, doesReplace: boolean): number {
  return preview.new + (doesReplace ? preview.changed - preview.refused : 0);
}
