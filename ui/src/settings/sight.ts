/** Brings what has just come about into sight, as the end of a long form in a low window. */
export const bringIntoSight = (element: HTMLElement | null) => element?.scrollIntoView({ block: 'nearest' });
