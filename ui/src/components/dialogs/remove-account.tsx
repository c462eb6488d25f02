/** Removing an account: what happens to its events is the only question. */
import { Button } from '@mantine/core';
import { useState } from 'react';
import type { IntegrationId } from '../../api/generated/IntegrationId';
import type { ProviderKind } from '../../api/generated/ProviderKind';
import { useHost } from '../../api/host-context';
import { useLeavingAccount } from '../../api/queries';
import { failureOf } from '../../host';
import { providerName } from '../sync-status/present';
import { toastFailure, toastNote } from '../toast';
import { Dialog } from './dialog';
import classes from './dialogs.module.css';
import { Unsent } from './unsent';

/** An account that is about to be removed. */
export interface LeavingAccount {
  integrationId: IntegrationId;
  account: string;
  provider: ProviderKind;
}

interface Props {
  leaving: LeavingAccount | null;
  onClose: () => void;
}

/** Shows the dialog while there is an account to be removed. */
export function RemoveAccount({ leaving, onClose }: Props) {
  const host = useHost();
  const [isBusy, setBusy] = useState(false);
  const gone = useLeavingAccount(leaving?.integrationId ?? null);
  const remove = async (keepEvents: boolean) => {
    if (leaving === null) return;
    setBusy(true);
    try {
      await host.call('remove_account', { integration_id: leaving.integrationId, keep_events: keepEvents });
      toastNote(`${leaving.account} is no longer connected.`);
      onClose();
    } catch (reason) {
      toastFailure(`${leaving.account} was not removed.`, failureOf(reason));
    } finally {
      setBusy(false);
    }
  };
  return (
    <Dialog label="Remove account" isOpen={leaving !== null} onClose={onClose}>
      <h2 className={classes.title}>Remove {leaving?.account}?</h2>
      <p className={classes.text}>
        Your calendars at {leaving === null ? 'the service' : providerName(leaving.provider)} stay as they are. What was not sent there yet is not sent any more. Its events here can stay as a local copy.
      </p>
      <Unsent leaving={gone} />
      <div className={classes.choices}>
        <Button fullWidth size="sm" data-autofocus data-testid="remove-keep" disabled={isBusy} onClick={() => void remove(true)}>
          Remove, keep the events here
        </Button>
        <Button fullWidth size="sm" color="red" variant="light" data-testid="remove-all" disabled={isBusy} onClick={() => void remove(false)}>
          Remove with its events
        </Button>
        <Button fullWidth size="sm" variant="subtle" color="gray" onClick={onClose}>
          Cancel
        </Button>
      </div>
    </Dialog>
  );
}
