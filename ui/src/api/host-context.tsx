/** Hands the host and what is known about the person to everything below. */
import { createContext, use, type ReactNode } from 'react';
import type { AppInfo } from './generated/AppInfo';
import type { Host } from '../host';
import type { Manner } from '../time/format';

interface Surroundings {
  host: Host;
  info: AppInfo;
  manner: Manner;
}

const SurroundingsContext = createContext<Surroundings | null>(null);

/** Provides the host. */
export function HostProvider({ value, children }: { value: Surroundings; children: ReactNode }) {
  return <SurroundingsContext value={value}>{children}</SurroundingsContext>;
}

function useSurroundings(): Surroundings {
  const value = use(SurroundingsContext);
  if (value === null) throw new Error('no host above');
  return value;
}

/** Returns the host. */
export const useHost = () => useSurroundings().host;
/** Returns what is known about the program. */
export const useAppInfo = () => useSurroundings().info;
/** Returns how this person writes dates and times. */
export const useManner = () => useSurroundings().manner;
