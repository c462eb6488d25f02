/** Connecting Google Calendar: the person signs in in their own browser while this row waits. */
import { Button, Loader } from '@mantine/core';
import { useAppInfo } from '../api/host-context';
import { useSignIn } from '../api/sign-in';
import { ProviderSign } from '../components/provider-sign';
import classes from './settings.module.css';

interface Props {
  /** The account is there; next its calendars are chosen. */
  onConnected: () => void;
}

/** Shows the row. */
export function ConnectGoogle({ onConnected }: Props) {
  const { google_configured: isConfigured } = useAppInfo();
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
        {!isConfigured && <SetUp />}
        {isConfigured && !isOurs && (
          <div className={classes.note}>You sign in in your browser. Synodic never sees your password, and keeps the permission in this computer’s keyring.</div>
        )}
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

function SetUp() {
  return (
    <>
      <div className={classes.note}>
        Google lets only registered programs in, so Synodic needs an OAuth client of yours: in the Google Cloud console enable the Calendar API, then make credentials of the type “Desktop app”. Give them to Synodic by these two variables and start it again.
      </div>
      <code className={classes.code}>{'GOOGLE_CLIENT_ID=…\nGOOGLE_CLIENT_SECRET=…'}</code>
    </>
  );
}
