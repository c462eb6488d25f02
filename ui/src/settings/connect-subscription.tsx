/** Subscribing to a calendar file at an address, which is only read. */
import { Button, TextInput } from '@mantine/core';
import { useState, type SyntheticEvent } from 'react';
import { useHost } from '../api/host-context';
import { ProviderSign } from '../components/provider-sign';
import { toastNote } from '../components/toast';
import { failureOf } from '../host';
import classes from './settings.module.css';

/** Shows the row. */
export function ConnectSubscription() {
  const [isOpen, setOpen] = useState(false);
  return (
    <li className={classes.row} data-testid="connect-row-subscription">
      <span className={classes.badge}>
        <ProviderSign provider="ics" size={18} />
      </span>
      <div className={classes.about}>
        <div className={classes.name}>A calendar at an address</div>
        {!isOpen && <div className={classes.note}>Holidays, fixtures, a club, a shared calendar: an .ics address is read again by itself, and never written.</div>}
        {isOpen && <AddressForm onDone={() => setOpen(false)} />}
      </div>
      {!isOpen && (
        <div className={classes.actions}>
          <Button data-testid="connect-subscription" onClick={() => setOpen(true)}>
            Subscribe
          </Button>
        </div>
      )}
    </li>
  );
}

function AddressForm({ onDone }: { onDone: () => void }) {
  const host = useHost();
  const [address, setAddress] = useState('');
  const [error, setError] = useState<string | null>(null);
  const [isBusy, setBusy] = useState(false);
  const subscribe = async (event: SyntheticEvent) => {
    event.preventDefault();
    setBusy(true);
    setError(null);
    try {
      const { name } = await host.call('subscribe', { address: address.trim() });
      toastNote(`You are subscribed to “${name}”.`);
      onDone();
    } catch (reason) {
      setError(failureOf(reason).message);
      setBusy(false);
    }
  };
  return (
    <form className={classes.server} onSubmit={(event) => void subscribe(event)}>
      <div className={classes.token}>
        <TextInput
          aria-label="Address of the calendar"
          placeholder="https://… or webcal://…"
          size="xs"
          variant="filled"
          value={address}
          error={error}
          autoComplete="off"
          autoFocus
          data-testid="subscription-address"
          onChange={(event) => {
            setAddress(event.currentTarget.value);
            setError(null);
          }}
        />
        <Button type="submit" h={30} loading={isBusy} disabled={address.trim() === ''} data-testid="subscription-send">
          Subscribe
        </Button>
        <Button h={30} variant="subtle" color="gray" onClick={onDone}>
          Cancel
        </Button>
      </div>
    </form>
  );
}
