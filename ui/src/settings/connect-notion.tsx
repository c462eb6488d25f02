/** Connecting Notion: by the secret of a connection that the person makes there, or in the browser where that is set up. */
import { Button, Loader, PasswordInput } from '@mantine/core';
import { useState, type SyntheticEvent } from 'react';
import { useAppInfo, useHost } from '../api/host-context';
import { useSignIn } from '../api/sign-in';
import { ProviderSign } from '../components/provider-sign';
import { failureOf } from '../host';
import classes from './settings.module.css';

interface Props {
  /** The account is there; next its databases are chosen. */
  onConnected: () => void;
}

/** Shows the row. */
export function ConnectNotion({ onConnected }: Props) {
  const { notion_configured: hasBrowser = false } = useAppInfo();
  const { state, begin, cancel } = useSignIn();
  const [isOpen, setOpen] = useState(false);
  const isOurs = state.phase !== 'idle' && state.purpose.kind === 'new' && state.purpose.provider === 'notion';
  const isWaiting = isOurs && state.phase === 'waiting';
  const inBrowser = async () => {
    if ((await begin({ kind: 'new', provider: 'notion' })) !== null) onConnected();
  };
  return (
    <li className={classes.row} data-testid="connect-row-notion">
      <span className={classes.badge}>
        <ProviderSign provider="notion" size={18} />
      </span>
      <div className={classes.about}>
        <div className={classes.name}>Notion</div>
        {!isOpen && !isWaiting && <div className={classes.note}>Any database with a date becomes a calendar. You say what its properties mean.</div>}
        {isWaiting && (
          <div className={classes.waiting} role="status">
            <Loader size={14} /> Your browser has opened. Choose there what Synodic may see, and come back.
          </div>
        )}
        {isOurs && state.phase === 'failed' && (
          <div className={classes.wrong} role="alert">
            {state.message}
          </div>
        )}
        {isOpen && !isWaiting && <TokenForm onConnected={onConnected} onCancel={() => setOpen(false)} />}
      </div>
      {!isOpen && (
        <div className={classes.actions}>
          {isWaiting && (
            <Button variant="light" color="gray" onClick={cancel}>
              Cancel
            </Button>
          )}
          {!isWaiting && hasBrowser && (
            <Button variant="subtle" onClick={() => setOpen(true)}>
              By a token
            </Button>
          )}
          {!isWaiting && (
            <Button data-testid="connect-notion" onClick={() => (hasBrowser ? void inBrowser() : setOpen(true))}>
              Connect
            </Button>
          )}
        </div>
      )}
    </li>
  );
}

function TokenForm({ onConnected, onCancel }: { onConnected: () => void; onCancel: () => void }) {
  const host = useHost();
  const [token, setToken] = useState('');
  const [error, setError] = useState<string | null>(null);
  const [isBusy, setBusy] = useState(false);
  const connect = async (event: SyntheticEvent) => {
    event.preventDefault();
    setBusy(true);
    setError(null);
    try {
      await host.call('add_notion_account', { token: token.trim() });
      onConnected();
    } catch (reason) {
      setError(failureOf(reason).message);
      setBusy(false);
    }
  };
  return (
    <form onSubmit={(event) => void connect(event)}>
      <ol className={classes.steps}>
        <li>In Notion’s settings make an internal connection (“Develop or manage integrations”), and copy its secret.</li>
        <li>Paste it here. It is tried at once and kept in this computer’s keyring.</li>
        <li>In each database that Synodic shall see, choose “•••”, then “Connections”, and add it.</li>
      </ol>
      <div className={classes.token}>
        <PasswordInput
          aria-label="Secret of the connection"
          placeholder="ntn_…"
          size="xs"
          variant="filled"
          value={token}
          error={error}
          autoFocus
          autoComplete="off"
          data-testid="notion-token"
          onChange={(event) => {
            setToken(event.currentTarget.value);
            setError(null);
          }}
        />
        <Button type="submit" h={30} loading={isBusy} disabled={token.trim() === ''} data-testid="notion-token-send">
          Connect
        </Button>
        <Button h={30} variant="subtle" color="gray" onClick={onCancel}>
          Cancel
        </Button>
      </div>
    </form>
  );
}
