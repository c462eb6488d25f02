/** Listens to the keyboard and hands on what a key asks for. */
import { useEffect, useRef } from 'react';
import { wishOf, type Wish } from './shortcuts';

const TEXT_FIELDS = 'input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable=true]';

/** Calls `grant` for each wish. While a dialog or menu is open, only what is inside of it hears keys. */
export function useKeyboard(grant: (wish: Wish) => void): void {
  const latest = useRef(grant);
  useEffect(() => {
    latest.current = grant;
  });
  useEffect(() => {
    // A dialog that closes at Escape may be gone before the key arrives here, so it is looked for on the way down.
    let wasInDialog = false;
    const look = () => {
      wasInDialog = document.querySelector('[aria-modal=true]') !== null;
    };
    const hear = (event: KeyboardEvent) => {
      const target = event.target instanceof Element ? event.target : null;
      if (event.defaultPrevented || event.isComposing || wasInDialog || isInMenu(target)) return;
      const wish = wishOf({
        key: event.key,
        isControl: event.ctrlKey || event.metaKey,
        isShift: event.shiftKey,
        isAlt: event.altKey,
        isTyping: target?.matches(TEXT_FIELDS) ?? false,
        isOnEvent: focusedOccurrence(target) !== null,
        hasText: getSelection()?.isCollapsed === false,
      });
      if (wish === null) return;
      if (wish.kind !== 'escape') event.preventDefault();
      latest.current(wish);
    };
    globalThis.addEventListener('keydown', look, { capture: true });
    globalThis.addEventListener('keydown', hear);
    return () => {
      globalThis.removeEventListener('keydown', look, { capture: true });
      globalThis.removeEventListener('keydown', hear);
    };
  }, []);
}

/** A menu or a list of choices keeps its keys for itself. */
function isInMenu(target: Element | null): boolean {
  return target !== null && target.closest('[role=menu], [role=listbox]') !== null;
}

/** Returns the id of the occurrence that an element is, or is around. */
export function focusedOccurrence(target: Element | null): string | null {
  const block = target?.closest('[data-occurrence-id]') ?? target?.querySelector(':scope [data-occurrence-id]');
  if (!block || target === document.body || target === document.documentElement) return null;
  if (target?.querySelectorAll('[data-occurrence-id]').length !== 1 && target !== block) return null;
  return block.getAttribute('data-occurrence-id');
}

/** Puts the focus on an occurrence in the grid, if it is shown; returns its block. */
export function focusOccurrence(id: string): Element | null {
  const block = document.querySelector(`[data-occurrence-id=${CSS.escape(id)}]`);
  const focusable = block?.closest<HTMLElement>('[tabindex="0"], button');
  focusable?.focus();
  focusable?.scrollIntoView({ block: 'nearest' });
  return block;
}
