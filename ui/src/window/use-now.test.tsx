// @vitest-environment jsdom
import { createRoot } from 'react-dom/client';
import { act } from 'react';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { useToday } from './use-now';

function Day() {
  return <p>{useToday('Europe/Berlin').toString()}</p>;
}

beforeEach(() => {
  vi.useFakeTimers();
  Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: true });
});
afterEach(() => {
  vi.useRealTimers();
  Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: false });
});

it('is the next day from the first moment of it', () => {
  vi.setSystemTime(new Date('2026-11-27T22:59:50.300Z'));
  const root = createRoot(document.body.appendChild(document.createElement('div')));
  act(() => root.render(<Day />));
  expect(document.body.textContent).toBe('2026-11-27');
  act(() => vi.advanceTimersByTime(9_699));
  expect(document.body.textContent).toBe('2026-11-27');
  act(() => vi.advanceTimersByTime(2));
  expect(document.body.textContent).toBe('2026-11-28');
  act(() => root.unmount());
});
