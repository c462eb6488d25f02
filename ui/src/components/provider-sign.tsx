/** The sign of a service, or of this computer. */
import { IconBrandGoogle, IconBrandNotion, IconDeviceLaptop, IconRss, IconServer } from '@tabler/icons-react';
import type { ProviderKind } from '../api/generated/ProviderKind';

const SIGNS = { google: IconBrandGoogle, notion: IconBrandNotion, caldav: IconServer, ics: IconRss } as const;

interface Props {
  /** None is this computer. */
  provider: ProviderKind | null;
  size?: number;
  className?: string | undefined;
}

/** Draws the sign. */
export function ProviderSign({ provider, size = 14, className }: Props) {
  const Sign = provider === null ? IconDeviceLaptop : SIGNS[provider];
  return <Sign size={size} stroke={1.8} aria-hidden className={className} />;
}
