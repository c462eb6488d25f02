/** Removing an account: what happens to its events is the only question. */
import { Button, Modal } from '@mantine/core';
import { useHost } from '../../api/host-context';
import { failureOf } from '../../host';
import type { CalendarGroup } from '../sidebar/groups';
import { toastFailure, toastNote } from '../toast';
import classes from './dialogs.module.css';

interface Props {
  group: CalendarGroup | null;
  onClose: () => void;
}

/** Shows the dialog while there is an account to be removed. */
export function RemoveAccount({ group, onClose }: Props) {
  const host = useHost();
  const remove = async (keepEvents: boolean) => {
    const integrationId = group?.integrationId ?? null;
    if (group === null || integrationId === null) return;
    try {
      await host.call('remove_account', { integration_id: integrationId, keep_events: keepEvents });
      toastNote(`${group.account} is no longer connected.`);
      onClose();
    } catch (reason) {
      toastFailure(`${group.account} was not removed.`, failureOf(reason));
    }
  };
  return (
    <Modal opened={group !== null} onClose={onClose} withCloseButton={false} size={400} padding={20} aria-label="Remove account">
      <h2 className={classes.title}>Remove {group?.account}?</h2>
      <p className={classes.text}>Nothing changes at the service itself. Its events here can stay as a local copy.</p>
      <div className={classes.choices}>
        <Button fullWidth size="sm" data-autofocus onClick={() => void remove(true)}>
          Remove, keep the events here
        </Button>
        <Button fullWidth size="sm" color="red" variant="light" onClick={() => void remove(false)}>
          Remove with its events
        </Button>
        <Button fullWidth size="sm" variant="subtle" color="gray" onClick={onClose}>
          Cancel
        </Button>
      </div>
    </Modal>
  );
}
