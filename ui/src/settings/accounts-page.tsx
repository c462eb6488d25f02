/** The connected accounts, how each stands, and the ways to connect another. */
import { Button, Menu } from '@mantine/core';
import { IconDots, IconRefresh } from '@tabler/icons-react';
import { useState } from 'react';
import type { CalendarView } from '../api/generated/CalendarView';
import type { IntegrationId } from '../api/generated/IntegrationId';
import type { IntegrationSnapshot } from '../api/generated/IntegrationSnapshot';
import type { SyncSnapshot } from '../api/generated/SyncSnapshot';
import { useManner } from '../api/host-context';
import { concerns, useSignIn } from '../api/sign-in';
import { RemoveAccount, type LeavingAccount } from '../components/dialogs/remove-account';
import { IconButton } from '../components/icon-button';
import { ProviderSign } from '../components/provider-sign';
import { SyncGlyph } from '../components/sync-status/glyph';
import { presentIntegration } from '../components/sync-status/present';
import { useSyncActions } from '../components/sync-status/use-sync-actions';
import { useNow } from '../window/use-now';
import { ConnectCaldav } from './connect-caldav';
import { ConnectGoogle } from './connect-google';
import { ConnectNotion } from './connect-notion';
import { ConnectSubscription } from './connect-subscription';
import { counted } from './links';
import { NotionWebhookDialog } from './notion-webhook';
import classes from './settings.module.css';

interface Props {
  calendars: readonly CalendarView[];
  snapshot: SyncSnapshot | undefined;
  onChooseCalendars: () => void;
}

/** Shows the page. */
export function AccountsPage({ calendars, snapshot, onChooseCalendars }: Props) {
  const [leaving, setLeaving] = useState<LeavingAccount | null>(null);
  const [told, setTold] = useState<IntegrationId | null>(null);
  const accounts = snapshot?.integrations ?? [];
  return (
    <>
      <p className={classes.lead}>Synodic keeps your calendars in step with the services that you use. Everything also works without one.</p>
      {accounts.length > 0 && (
        <ul className={classes.rows} aria-label="Connected accounts">
          {accounts.map((account) => (
            <Account
              key={account.id}
              account={account}
              snapshot={snapshot}
              calendarCount={calendars.filter(({ links }) => links.some((link) => link.integration_id === account.id)).length}
              onChooseCalendars={onChooseCalendars}
              onSubscribe={() => setTold(account.id)}
              onRemove={() => setLeaving({ integrationId: account.id, account: account.account, provider: account.provider })}
            />
          ))}
        </ul>
      )}
      <h3 className={classes.section}>{accounts.length === 0 ? 'Connect an account' : 'Connect another account'}</h3>
      <ul className={classes.rows}>
        <ConnectGoogle onConnected={onChooseCalendars} />
        <ConnectNotion onConnected={onChooseCalendars} />
        <ConnectCaldav onConnected={onChooseCalendars} />
        <ConnectSubscription />
      </ul>
      <NotionWebhookDialog integrationId={told} onClose={() => setTold(null)} />
      <RemoveAccount leaving={leaving} onClose={() => setLeaving(null)} />
    </>
  );
}

interface AccountProps {
  account: IntegrationSnapshot;
  snapshot: SyncSnapshot | undefined;
  calendarCount: number;
  onChooseCalendars: () => void;
  /** Has the service tell of changes, where the person has to set that up. */
  onSubscribe: () => void;
  onRemove: () => void;
}

function Account({ account, snapshot, calendarCount, onChooseCalendars, onSubscribe, onRemove }: AccountProps) {
  const manner = useManner();
  const now = useNow(account.state === 'backing_off' ? 1000 : 15_000, snapshot?.at);
  const { syncAccount } = useSyncActions();
  const signIn = useSignIn();
  const { words, tone, message, progress, way } = presentIntegration(account, snapshot?.paused ?? null, now, manner);
  const isWaiting = signIn.state.phase === 'waiting' && concerns(signIn.state, account.id);
  const renew = () => void signIn.begin({ kind: 'renew', integrationId: account.id });
  return (
    <li className={classes.row} data-testid="account" data-state={account.state}>
      <span className={classes.badge}>
        <ProviderSign provider={account.provider} size={18} />
      </span>
      <div className={classes.about}>
        <div className={classes.name}>{account.account}</div>
        <div className={classes.state} data-tone={tone}>
          <SyncGlyph state={account.state} progress={progress} size={14} />
          {words}
        </div>
        {message !== null && <div className={classes.reason}>{message}</div>}
        {isWaiting && <div className={classes.reason}>Your browser has opened. Sign in as {account.account} there and come back.</div>}
        {signIn.state.phase === 'failed' && concerns(signIn.state, account.id) && (
          <div className={classes.wrong} role="alert">
            {signIn.state.message}
          </div>
        )}
        <div className={classes.note}>{[calendarCount === 0 ? 'No calendar chosen yet' : `${counted(calendarCount, 'calendar')} in step`, ...(way === null ? [] : [way])].join(' · ')}</div>
      </div>
      <div className={classes.actions}>
        {isWaiting && (
          <Button variant="subtle" color="gray" onClick={signIn.cancel}>
            Cancel
          </Button>
        )}
        {!isWaiting && account.state === 'needs_sign_in' && (
          <Button data-testid="account-sign-in" onClick={renew}>
            Sign in
          </Button>
        )}
        {calendarCount === 0 && account.state !== 'needs_sign_in' && (
          <Button variant="light" onClick={onChooseCalendars}>
            Choose calendars
          </Button>
        )}
        {account.state !== 'needs_sign_in' && (
          <IconButton label={`Sync ${account.account} now`} testId="account-sync" disabled={account.state === 'syncing'} onClick={() => void syncAccount(account.id)}>
            <IconRefresh size={16} stroke={1.8} />
          </IconButton>
        )}
        <Menu position="bottom-end">
          <Menu.Target>
            <IconButton label={`More about ${account.account}`} testId="account-menu">
              <IconDots size={16} />
            </IconButton>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item onClick={() => void syncAccount(account.id)}>Sync now</Menu.Item>
            <Menu.Item onClick={onChooseCalendars}>Choose calendars</Menu.Item>
            {account.provider === 'notion' && (
              <Menu.Item data-testid="account-subscribe" onClick={onSubscribe}>
                Tell of changes at once…
              </Menu.Item>
            )}
            {account.provider !== 'ics' && <Menu.Item onClick={renew}>Sign in again</Menu.Item>}
            <Menu.Divider />
            <Menu.Item color="red" data-testid="account-remove" onClick={onRemove}>
              Remove account…
            </Menu.Item>
          </Menu.Dropdown>
        </Menu>
      </div>
    </li>
  );
}
