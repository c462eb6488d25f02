/** Short messages at the lower edge: what was done, with a way back, and what could not be done. */
import { notifications } from '@mantine/notifications';
import { IconAlertTriangle, IconX } from '@tabler/icons-react';
import type { Failure } from '../api/generated/Failure';
import classes from './toast.module.css';

interface Action {
  label: string;
  shortcut?: string;
  run: () => void;
}

function show(id: string, tone: 'plain' | 'bad', message: string, action: Action | null, autoClose: number) {
  const close = () => notifications.hide(id);
  notifications.hide(id);
  notifications.show({
    id,
    autoClose,
    withCloseButton: false,
    unstyled: true,
    message: (
      <div className={classes.toast} data-tone={tone} data-testid="toast">
        {tone === 'bad' && <IconAlertTriangle size={16} className={classes.mark} aria-hidden />}
        <span className={classes.message}>{message}</span>
        {action && (
          <button
            type="button"
            className={classes.action}
            onClick={() => {
              close();
              action.run();
            }}
          >
            {action.label}
            {action.shortcut && <kbd>{action.shortcut}</kbd>}
          </button>
        )}
        <button type="button" className={classes.close} onClick={close} aria-label="Dismiss">
          <IconX size={14} />
        </button>
      </div>
    ),
  });
}

/** Says what was done and offers to take it back. */
export function toastEdit(message: string, undo: () => void): void {
  show('edit', 'plain', message, { label: 'Undo', shortcut: 'Ctrl Z', run: undo }, 7000);
}

/** Says something in passing. */
export function toastNote(message: string): void {
  show('note', 'plain', message, null, 3500);
}

/** Says what was done, and offers to look at it. */
export function toastDone(message: string, action: Action): void {
  show('note', 'plain', message, action, 9000);
}

/** Says what could not be done, and why. `about` names the event or the thing. */
export function toastFailure(about: string, failure: Failure, action: Action | null = null): void {
  show(`failure-${about}`, 'bad', about === '' ? failure.message : `${about} ${failure.message}`, action, 12000);
}
