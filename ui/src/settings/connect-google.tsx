/** Connecting Google Calendar: the person signs in in their own browser while this row waits. */
import { Button, Loader } from '@mantine/core';
import { useAppInfo } from '../api/host-context';
import { useGoogleClient } from '../api/queries';
import { useSignIn } from '../api/sign-in';
import { ProviderSign } from '../components/provider-sign';
import { GoogleClientForm, OwnGoogleClient } from './google-client';
import classes from './settings.module.css';

interface Props {
  /** The account is there; next its calendars are chosen. */
  onConnected: () => void;
}

/** Shows the row. */
export function ConnectGoogle({ onConnected }: Props) {
  const { google_configured: wasConfigured } = useAppInfo();
  const client = useGoogleClient();
  const isConfigured = client === undefined ? wasConfigured : client.origin !== 'nowhere';
  const { state, begin, cancel, dismiss } = useSignIn();
  const isOurs = state.phase !== 'idle' && state.purpose.kind === 'new' && state.purpose.provider === 'google';
  const isWaiting = isOurs && state.phase === 'waiting';
  const connect = async () => {
    if ((await begin({ kind: 'new', provider: 'google' })) !== null) onConnected();
  };
  return (
    <li className={classes.row} data-testid="connect-row-google">
      <span className={classes.badge}>
        <ProviderSign provider="google" size={18} />
      </span>
      <div className={classes.about}>
        <div className={classes.name}>Google Calendar</div>
        {!isConfigured && <GoogleClientForm />}
        {isConfigured && !isOurs && (
          <div className={classes.note}>You sign in in your browser. Synodic never sees your password, and keeps the permission in this computer’s keyring.</div>
        )}
        {client?.origin === 'settings' && !isWaiting && <OwnGoogleClient id={client.id} />}
        {isWaiting && (
          <div className={classes.waiting} role="status" data-testid="sign-in-waiting">
            <Loader size={14} /> Your browser has opened. Sign in there and come back; this goes on by itself. It gives up after five minutes.
          </div>
        )}
        {isOurs && state.phase === 'failed' && (
          <div className={classes.wrong} role="alert" data-testid="sign-in-failed">
            {state.message}
          </div>
        )}
      </div>
      {isConfigured && (
        <div className={classes.actions}>
          {isWaiting && (
            <>
              <Button variant="subtle" color="gray" onClick={() => void connect()}>
                Open it again
              </Button>
              <Button variant="light" color="gray" onClick={cancel} data-testid="cancel-sign-in">
                Cancel
              </Button>
            </>
          )}
          {!isWaiting && isOurs && (
            <Button variant="subtle" color="gray" onClick={dismiss}>
              Not now
            </Button>
          )}
          {!isWaiting && (
            <Button data-testid="sign-in-google" onClick={() => void connect()}>
              {isOurs ? 'Try again' : 'Connect'}
            </Button>
          )}
        </div>
      )}
    </li>
  );
}
