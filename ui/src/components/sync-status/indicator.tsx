/** Sync in the bar: a sign and a few words that open the panel, and the button that syncs now. */
import { Popover, Tooltip } from '@mantine/core';
import { useWindowEvent } from '@mantine/hooks';
import { IconRefresh } from '@tabler/icons-react';
import type { ConflictView } from '../../api/generated/ConflictView';
import { useManner } from '../../api/host-context';
import { useSnapshot } from '../../api/queries';
import { useNow } from '../../window/use-now';
import { IconButton } from '../icon-button';
import { SyncGlyph } from './glyph';
import { SyncPanel } from './panel';
import { present } from './present';
import { useSyncActions } from './use-sync-actions';
import classes from './sync-status.module.css';

interface Props {
  isOpen: boolean;
  onOpen: (isOpen: boolean) => void;
  onConnect: () => void;
  onDashboard: () => void;
  onOpenEvent: (eventId: string) => void;
  onCompare: (conflict: ConflictView) => void;
}

/** Shows how sync stands. */
export function SyncIndicator({ isOpen, onOpen, onConnect, onDashboard, onOpenEvent, onCompare }: Props) {
  const snapshot = useSnapshot();
  const manner = useManner();
  const now = useNow(snapshot?.state === 'backing_off' ? 1000 : 15_000, snapshot?.at);
  const { syncNow } = useSyncActions();
  const close = () => onOpen(false);
  // The popover hears Escape only while the focus is in it, and a button that is replaced takes the focus with it.
  useWindowEvent('keydown', (event) => {
    if (isOpen && event.key === 'Escape') close();
  });
  if (!snapshot) return <div className={classes.placeholder} />;
  const presentation = present(snapshot, now, manner);
  return (
    <div className={classes.indicator}>
      <Popover opened={isOpen} onChange={onOpen} position="bottom-end" width={372} offset={6} shadow="none" trapFocus returnFocus>
        <Popover.Target>
          <button
            type="button"
            className={classes.compact}
            data-testid="sync-indicator"
            data-state={presentation.state}
            data-tone={presentation.tone}
            aria-expanded={isOpen}
            aria-haspopup="dialog"
            onClick={() => onOpen(!isOpen)}
          >
            <SyncGlyph state={presentation.state} progress={presentation.progress} />
            <span className={classes.words}>{presentation.words}</span>
          </button>
        </Popover.Target>
        <Popover.Dropdown className={classes.dropdown} aria-label="Sync">
          <SyncPanel
            snapshot={snapshot}
            presentation={presentation}
            onCompare={(conflict) => {
              close();
              onCompare(conflict);
            }}
            onConnect={() => {
              close();
              onConnect();
            }}
            onDashboard={() => {
              close();
              onDashboard();
            }}
            onOpenEvent={(eventId) => {
              close();
              onOpenEvent(eventId);
            }}
          />
        </Popover.Dropdown>
      </Popover>
      {presentation.state !== 'no_account' && (
        <Tooltip label={<>Sync now <kbd className={classes.key}>R</kbd></>}>
          <IconButton label="Sync now" testId="sync-now" onClick={() => void syncNow()} disabled={presentation.state === 'syncing'}>
            <IconRefresh size={16} stroke={1.8} className={presentation.state === 'syncing' ? classes.turning : undefined} />
          </IconButton>
        </Tooltip>
      )}
      <span className={classes.unseen} role="status" aria-live="polite">
        {presentation.announcement}
      </span>
    </div>
  );
}
