/** What the palette offers, and which of it fits what was typed. Pure. */

/** Something that can be done. */
export interface Command {
  id: string;
  group: string;
  label: string;
  /** Other words for it. */
  also?: string;
  keys?: readonly string[];
  run: () => void;
}

/** Writes a text so that case and accents make no difference. */
function plain(text: string): string {
  return text.normalize('NFD').replace(/\p{Mark}/gu, '').toLowerCase();
}

/** Rates how well a command fits: 0 not at all; more for words that begin it, most for the beginning of its label. */
function fit({ label, also = '', group }: Command, words: readonly string[]): number {
  const [name, rest] = [plain(label), plain(`${also} ${group}`)];
  const parts = `${name} ${rest}`.split(/[^\p{Letter}\p{Number}]+/u);
  let score = 1;
  for (const word of words) {
    if (name.startsWith(word)) score += 4;
    else if (name.split(/[^\p{Letter}\p{Number}]+/u).some((part) => part.startsWith(word))) score += 3;
    else if (parts.some((part) => part.startsWith(word))) score += 2;
    else if (word.length > 2 && name.includes(word)) score += 1;
    else return 0;
  }
  return score;
}

/** Lists what fits, best first; everything in its own order when nothing was typed. */
export function fitting(commands: readonly Command[], typed: string): Command[] {
  const words = plain(typed).split(/\s+/).filter((word) => word !== '');
  if (words.length === 0) return [...commands];
  return commands
    .map((command) => ({ command, score: fit(command, words) }))
    .filter(({ score }) => score > 0)
    .toSorted((a, b) => b.score - a.score)
    .map(({ command }) => command);
}
