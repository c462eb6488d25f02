/** Where a calendar file comes from, and how the program gets it. */
import { failureOf, type Host } from '../../host';
import type { Failure } from '../../api/generated/Failure';

/** A file that was dropped or chosen, or one that the desktop asked to open. */
export type Source = { kind: 'file'; file: File } | { kind: 'path'; path: string };

/** A file that the program has. */
export interface TakenFile {
  number: number;
  name: string;
}

/** The largest file that is taken, as the reader of calendar files has it. */
const LARGEST = 100 * 1024 * 1024;

/** What the endings of calendar files are. */
export const ENDINGS = ['.ics', '.ical', '.ifb', '.icalendar'];

/** How a source is called. */
export function nameOf(source: Source): string {
  return source.kind === 'file' ? source.file.name : (source.path.split(/[/\\]/).at(-1) ?? source.path);
}

/** A name for the calendar that a file's events may be put into. */
export function calendarNameOf(fileName: string, told: string | null): string {
  const stem = fileName.replace(/\.[^.]*$/, '').replaceAll('_', ' ');
  return [told ?? '', stem].map((name) => name.trim().slice(0, 80).trim()).find((name) => name !== '') ?? 'Calendar';
}

/** Chooses among files that were dropped together: the first that is called as calendar files are. */
export function chosenOf(files: readonly File[]): File | undefined {
  return files.find(({ name }) => ENDINGS.some((ending) => name.toLowerCase().endsWith(ending))) ?? files[0];
}

const refusal = (message: string): Failure => ({ code: 'invalid', message, field: null });

/** Hands a file to the program; rejects with a `Failure`. */
export async function handIn(host: Host, source: Source): Promise<TakenFile> {
  const name = nameOf(source);
  if (source.kind === 'path') return { number: await host.call('open_file', { path: source.path }), name };
  const { file } = source;
  if (file.size > LARGEST) throw refusal('The file is larger than 100 MB, which is more than a calendar. Nothing of it was read.');
  let bytes: Uint8Array;
  try {
    bytes = new Uint8Array(await file.arrayBuffer());
  } catch (reason) {
    throw refusal(`It cannot be read, as is so with folders and with files that are gone: ${reason instanceof Error ? reason.message : failureOf(reason).message}`);
  }
  if (bytes.length === 0) throw refusal('The file is empty.');
  return { number: await host.call('hand_in_file', bytes), name };
}
