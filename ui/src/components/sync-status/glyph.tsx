/** The sign of a sync state. The same eleven signs as everywhere: form tells, colour helps. */
import {
  IconAlertCircleFilled, IconArrowsSplit2, IconCircleCheck, IconClock, IconCloudOff, IconDeviceLaptop, IconHandStop, IconHourglass,
  IconKey, IconPlayerPause,
} from '@tabler/icons-react';
import type { SyncState } from '../../api/generated/SyncState';
import classes from './sync-status.module.css';

interface Props {
  state: SyncState;
  progress: number | null;
  size?: number;
}

/** Draws the sign of a state. */
export function SyncGlyph({ state, progress, size = 16 }: Props) {
  const shape = { size, stroke: 1.8, 'aria-hidden': true } as const;
  switch (state) {
    case 'synced':
      return <IconCircleCheck {...shape} />;
    case 'syncing':
      return <Arc progress={progress} size={size} />;
    case 'pending':
      return <IconClock {...shape} />;
    case 'offline':
      return <IconCloudOff {...shape} />;
    case 'backing_off':
      return <IconHourglass {...shape} />;
    case 'paused':
      return <IconPlayerPause {...shape} />;
    case 'overdue':
      return <Ring size={size} />;
    case 'review':
      return <IconHandStop {...shape} />;
    case 'failed':
      return <IconAlertCircleFilled {...shape} />;
    case 'conflict':
      return <IconArrowsSplit2 {...shape} />;
    case 'needs_sign_in':
      return <IconKey {...shape} />;
    case 'no_account':
      return <IconDeviceLaptop {...shape} />;
  }
}

const LENGTH = 2 * Math.PI * 6.5;

/** An arc that fills; it turns while the length of the way is unknown. */
function Arc({ progress, size }: { progress: number | null; size: number }) {
  const share = Math.max(0.06, progress ?? 0.28);
  return (
    <svg width={size} height={size} viewBox="0 0 16 16" fill="none" aria-hidden className={progress === null ? classes.turning : undefined}>
      <circle cx="8" cy="8" r="6.5" stroke="currentColor" strokeWidth="2" opacity="0.22" />
      <circle cx="8" cy="8" r="6.5" stroke="currentColor" strokeWidth="2" strokeLinecap="round" strokeDasharray={`${share * LENGTH} ${LENGTH}`} transform="rotate(-90 8 8)" className={classes.arc} />
    </svg>
  );
}

function Ring({ size }: { size: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 16 16" fill="none" aria-hidden>
      <circle cx="8" cy="8" r="6" stroke="currentColor" strokeWidth="2.4" strokeDasharray="7 2.4" />
    </svg>
  );
}
