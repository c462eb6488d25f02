/** Links in plain text. Pure. */

/** A piece of text, or a link. */
export interface TextPart {
  text: string;
  /** Where it begins in the whole text. */
  at: number;
  isLink: boolean;
}

/** Tells whether a link may be opened: http and https only. */
export function isSafeLink(url: string): boolean {
  try {
    return ['http:', 'https:'].includes(new URL(url).protocol);
  } catch {
    return false;
  }
}

const LINK = /https?:\/\/[^\s<>"']*[^\s<>"'.,;:!?)\]]/gi;

/** Splits a text at its links. */
export function linkify(text: string): TextPart[] {
  const parts: TextPart[] = [];
  let end = 0;
  for (const match of text.matchAll(LINK)) {
    if (match.index > end) parts.push({ text: text.slice(end, match.index), at: end, isLink: false });
    parts.push({ text: match[0], at: match.index, isLink: isSafeLink(match[0]) });
    end = match.index + match[0].length;
  }
  if (end < text.length) parts.push({ text: text.slice(end), at: end, isLink: false });
  return parts;
}
