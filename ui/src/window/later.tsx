/** Parts of the window that are not in its first picture. They are read right after it, before anybody can ask for them. */
import { lazy, Suspense, useEffect, type ComponentType } from 'react';

const readers: (() => Promise<unknown>)[] = [];

/** Leaves what comes first alone. */
const AFTER_THE_FIRST_PICTURE_MS = 500;

/** Makes a part of the window that is read later; until then there is nothing in its place. */
export function later<Props extends object>(read: () => Promise<ComponentType<Props>>): ComponentType<Props> {
  readers.push(read);
  const Part = lazy(async () => ({ default: await read() }));
  return function Later(props: Props) {
    return (
      <Suspense>
        <Part {...props} />
      </Suspense>
    );
  };
}

/** Reads what comes later. */
export function useLaterParts(): void {
  useEffect(() => {
    // Where that fails, it is tried again and told of when the part is wanted.
    const timer = setTimeout(() => void Promise.allSettled(readers.map((read) => read())), AFTER_THE_FIRST_PICTURE_MS);
    return () => clearTimeout(timer);
  }, []);
}
