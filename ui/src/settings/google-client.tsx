/** The OAuth client that Synodic signs in to Google as: how to get one, and where it is given. */
import { Button, PasswordInput, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState, type SyntheticEvent } from 'react';
import { useHost } from '../api/host-context';
import { KEYS } from '../api/queries';
import { toastFailure } from '../components/toast';
import { failureOf } from '../host';
import classes from './settings.module.css';

const CONSOLE = 'https://console.cloud.google.com/apis/credentials';

/** Shows what to do at Google, and takes what comes of it. */
export function GoogleClientForm() {
  const host = useHost();
  const queries = useQueryClient();
  const [id, setId] = useState('');
  const [secret, setSecret] = useState('');
  const [error, setError] = useState<string | null>(null);
  const [isBusy, setBusy] = useState(false);
  const save = async (event: SyntheticEvent) => {
    event.preventDefault();
    setBusy(true);
    setError(null);
    try {
      queries.setQueryData(KEYS.client, await host.call('set_google_client', { id: id.trim(), secret: secret.trim() }));
    } catch (reason) {
      setError(failureOf(reason).message);
      setBusy(false);
    }
  };
  return (
    <form onSubmit={(event) => void save(event)}>
      <div className={classes.note}>Google lets only registered programs in, so Synodic needs an OAuth client of yours. That takes a few minutes, once.</div>
      <ol className={classes.steps}>
        <li>
          In the{' '}
          <button type="button" className={classes.inline} onClick={() => void host.call('open_link', { url: CONSOLE })}>
            Google Cloud console
          </button>{' '}
          make a project, and enable the “Google Calendar API” in it.
        </li>
        <li>Fill in the consent screen and publish it. While it is in “Testing”, Google ends every sign-in after seven days.</li>
        <li>Create credentials: “OAuth client ID”, type “Desktop app”. Copy its id and its secret to here.</li>
      </ol>
      <div className={classes.client}>
        <TextInput
          aria-label="Client id"
          placeholder="….apps.googleusercontent.com"
          size="xs"
          variant="filled"
          value={id}
          error={error}
          autoComplete="off"
          data-testid="client-id"
          onChange={(event) => {
            setId(event.currentTarget.value);
            setError(null);
          }}
        />
        <PasswordInput aria-label="Client secret" placeholder="GOCSPX-…" size="xs" variant="filled" value={secret} autoComplete="off" data-testid="client-secret" onChange={(event) => setSecret(event.currentTarget.value)} />
        <Button type="submit" h={30} loading={isBusy} disabled={id.trim() === '' || secret.trim() === ''} data-testid="save-client">
          Save
        </Button>
      </div>
      <div className={classes.note}>The secret goes to this computer’s keyring. Whoever prefers it sets GOOGLE_CLIENT_ID and GOOGLE_CLIENT_SECRET instead.</div>
    </form>
  );
}

/** Names the client that was given here, and lets it be taken back. */
export function OwnGoogleClient({ id }: { id: string | null }) {
  const host = useHost();
  const queries = useQueryClient();
  const forget = async () => {
    try {
      queries.setQueryData(KEYS.client, await host.call('set_google_client', { id: null, secret: null }));
    } catch (reason) {
      toastFailure('The client is still in use.', failureOf(reason));
    }
  };
  return (
    <div className={classes.note}>
      Your OAuth client: {id}{' '}
      <button type="button" className={classes.inline} data-testid="forget-client" onClick={() => void forget()}>
        Use another
      </button>
    </div>
  );
}
