/** Connecting Google Calendar: sign in in the browser, then choose the calendars. */
import { Button, Loader, Modal, Select } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import type { RemoteCalendarView } from '../../api/generated/RemoteCalendarView';
import type { SyncDirection } from '../../api/generated/SyncDirection';
import { useAppInfo, useHost } from '../../api/host-context';
import { KEYS, useRemoteCalendars, useSnapshot } from '../../api/queries';
import { failureOf } from '../../host';
import { hueStyle } from '../../theme/use-hue';
import { toastFailure } from '../toast';
import classes from './dialogs.module.css';

interface Props {
  isOpen: boolean;
  /** The account whose calendars are to be chosen; null begins with signing in. */
  integrationId: string | null;
  onClose: () => void;
}

/** Shows the dialog. */
export function Connect({ isOpen, integrationId, onClose }: Props) {
  const host = useHost();
  const isWaiting = useRef(false);
  const close = () => {
    if (isWaiting.current) void host.call('cancel_sign_in', {}).catch(() => null);
    isWaiting.current = false;
    onClose();
  };
  return (
    <Modal opened={isOpen} onClose={close} withCloseButton={false} size={460} padding={24} aria-label="Connect an account">
      <Steps integrationId={integrationId} onClose={close} onWaiting={(waits) => (isWaiting.current = waits)} />
    </Modal>
  );
}

interface StepsProps {
  integrationId: string | null;
  onClose: () => void;
  onWaiting: (waits: boolean) => void;
}

function Steps({ integrationId, onClose, onWaiting }: StepsProps) {
  const host = useHost();
  const { google_configured: isConfigured } = useAppInfo();
  const [account, setAccount] = useState(integrationId);
  const [isSigningIn, setSigningIn] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const signIn = async () => {
    setSigningIn(true);
    setError(null);
    onWaiting(true);
    try {
      setAccount(await host.call('add_google_account', {}));
    } catch (reason) {
      setError(failureOf(reason).message);
    } finally {
      onWaiting(false);
      setSigningIn(false);
    }
  };
  if (account !== null) return <ChooseCalendars integrationId={account} onClose={onClose} />;
  if (!isConfigured) return <NotConfigured onClose={onClose} />;
  return (
    <>
      <h2 className={classes.title}>Connect Google Calendar</h2>
      <p className={classes.text}>
        {isSigningIn
          ? 'Your browser has opened. Sign in to Google there and come back; this continues by itself.'
          : 'You sign in to Google in your browser. Synodic never sees your password, and keeps the permission in this computer’s keyring.'}
      </p>
      {error !== null && (
        <p className={classes.text} role="alert" style={{ color: 'var(--bad)' }}>
          {error}
        </p>
      )}
      <div className={classes.foot}>
        {isSigningIn && <Loader size={18} mr="auto" my="auto" />}
        <Button variant="subtle" color="gray" onClick={onClose}>
          Cancel
        </Button>
        {!isSigningIn && (
          <Button data-autofocus data-testid="sign-in-google" onClick={() => void signIn()}>
            {error === null ? 'Continue in the browser' : 'Try again'}
          </Button>
        )}
      </div>
    </>
  );
}

function NotConfigured({ onClose }: { onClose: () => void }) {
  return (
    <>
      <h2 className={classes.title}>Google Calendar is not set up yet</h2>
      <p className={classes.text}>
        Synodic needs an OAuth client of yours (Google Cloud console, “Credentials”, type “Desktop app”, with the Calendar API enabled). Give it to Synodic by these two
        variables, then start it again:
      </p>
      <code className={classes.code}>{'GOOGLE_CLIENT_ID=…\nGOOGLE_CLIENT_SECRET=…'}</code>
      <p className={classes.text}>Until then everything works with calendars on this computer.</p>
      <div className={classes.foot}>
        <Button data-autofocus onClick={onClose}>
          Understood
        </Button>
      </div>
    </>
  );
}

const DIRECTIONS: readonly { value: SyncDirection; label: string }[] = [
  { value: 'bidirectional', label: 'Both ways' },
  { value: 'pull_only', label: 'Only from there' },
  { value: 'push_only', label: 'Only to there' },
];

function ChooseCalendars({ integrationId, onClose }: { integrationId: string; onClose: () => void }) {
  const { data, error, refetch } = useRemoteCalendars(integrationId, true);
  const account = useSnapshot()?.integrations.find(({ id }) => id === integrationId)?.account;
  return (
    <>
      <h2 className={classes.title}>Choose calendars</h2>
      <p className={classes.text}>{account === undefined ? 'Each one you add appears in the sidebar.' : `From ${account}. Each one you add appears in the sidebar.`}</p>
      {error !== null && (
        <>
          <p className={classes.text} role="alert">
            {failureOf(error).message}
          </p>
          <Button variant="light" mt="xs" onClick={() => void refetch()}>
            Try again
          </Button>
        </>
      )}
      <ul className={classes.list}>
        {data?.map((remote) => (
          <Remote key={remote.id} remote={remote} />
        ))}
        {data?.length === 0 && <li className={classes.remote}>There is no calendar at this account.</li>}
        {data === undefined && error === null && (
          <li className={classes.remote}>
            <Loader size={16} /> <span className={classes.note}>Asking for the list…</span>
          </li>
        )}
      </ul>
      <div className={classes.foot}>
        <Button onClick={onClose} data-testid="connect-done">
          Done
        </Button>
      </div>
    </>
  );
}

function Remote({ remote }: { remote: RemoteCalendarView }) {
  const host = useHost();
  const client = useQueryClient();
  const [direction, setDirection] = useState<SyncDirection>(remote.writable ? 'bidirectional' : 'pull_only');
  const [isBusy, setBusy] = useState(false);
  const link = async () => {
    setBusy(true);
    try {
      const { integration_id, id } = remote;
      await host.call('link_calendar', { calendar_id: null, integration_id, remote_calendar_id: id, direction });
      await client.invalidateQueries({ queryKey: KEYS.remotes });
      await client.invalidateQueries({ queryKey: KEYS.calendars });
    } catch (reason) {
      toastFailure(`“${remote.name}” was not added.`, failureOf(reason));
    } finally {
      setBusy(false);
    }
  };
  return (
    <li className={classes.remote} style={hueStyle(remote.color ?? '')} data-testid="remote-calendar">
      <span className={classes.swatch} aria-hidden />
      <span className={classes.name}>{remote.name}</span>
      {remote.linked_to !== null ? (
        <span className={classes.note}>Added</span>
      ) : (
        <>
          {remote.writable ? (
            <Select aria-label="Direction" w={136} value={direction} data={[...DIRECTIONS]} allowDeselect={false} onChange={(chosen) => chosen !== null && setDirection(chosen as SyncDirection)} />
          ) : (
            <span className={classes.note}>Can only be read</span>
          )}
          <Button variant="light" loading={isBusy} onClick={() => void link()}>
            Add
          </Button>
        </>
      )}
    </li>
  );
}
