/** Where floating parts go. Pure arithmetic on boxes. */

/** A rectangle in the window. */
export interface Box {
  left: number;
  top: number;
  width: number;
  height: number;
}

/** A width and a height. */
export interface Size {
  width: number;
  height: number;
}

const GAP = 8;

/**
 * Places a popover beside a box: at its right, else at its left, else under or over it; always whole inside the
 * window.
 */
export function placeBeside(anchor: Box, size: Size, window: Size): { left: number; top: number } {
  const clamp = (value: number, most: number) => Math.max(GAP, Math.min(value, most - GAP));
  const right = anchor.left + anchor.width + GAP;
  const left = anchor.left - size.width - GAP;
  const top = clamp(anchor.top, window.height - size.height);
  if (right + size.width + GAP <= window.width) return { left: right, top };
  if (left >= GAP) return { left, top };
  const under = anchor.top + anchor.height + GAP;
  const over = anchor.top - size.height - GAP;
  const center = clamp(anchor.left + anchor.width / 2 - size.width / 2, window.width - size.width);
  if (under + size.height + GAP <= window.height) return { left: center, top: under };
  return { left: center, top: over >= GAP ? over : clamp(under, window.height - size.height) };
}

/** Chooses the side of the inspector, so that it never covers the block that it is about. */
export function inspectorSide(block: Box | null, grid: Box, width: number): 'left' | 'right' {
  if (block === null) return 'right';
  const covered = grid.left + grid.width - width;
  const isUnderRight = block.left + block.width > covered;
  const isUnderLeft = block.left < grid.left + width;
  return isUnderRight && !isUnderLeft ? 'left' : 'right';
}

/** Reads the box of an element. */
export function boxOf(element: Element): Box {
  const { left, top, width, height } = element.getBoundingClientRect();
  return { left, top, width, height };
}
