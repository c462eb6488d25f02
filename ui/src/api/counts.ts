/** Counts in words. */

/** Counts events: `1 event`, `12 events`. */
export const countedEvents = (count: number): string => (count === 1 ? '1 event' : `${count} events`);

/** Counts changes: `1 change`, `12 changes`. */
export const countedChanges = (count: number): string => (count === 1 ? '1 change' : `${count} changes`);
