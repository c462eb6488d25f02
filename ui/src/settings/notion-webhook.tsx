/** Having Notion tell of changes: the address for a subscription in its developer portal, and the token that it wants to have pasted back. */
import { Button, Loader } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { IntegrationId } from '../api/generated/IntegrationId';
import { useHost } from '../api/host-context';
import { Dialog } from '../components/dialogs/dialog';
import classes from '../components/dialogs/dialogs.module.css';
import { failureOf } from '../host';
import settings from './settings.module.css';

/** How often it is looked whether Notion has sent its token. */
const LOOK_MS = 1500;

interface Props {
  /** The account; null closes the dialog. */
  integrationId: IntegrationId | null;
  onClose: () => void;
}

/** Shows the dialog while there is an account. */
export function NotionWebhookDialog({ integrationId, onClose }: Props) {
  return (
    <Dialog label="Have Notion tell of changes" isOpen={integrationId !== null} size={460} onClose={onClose}>
      {integrationId !== null && <Subscription integrationId={integrationId} onClose={onClose} />}
    </Dialog>
  );
}

function Subscription({ integrationId, onClose }: { integrationId: IntegrationId; onClose: () => void }) {
  const host = useHost();
  // The first question opens the enrolment; the others only look how it stands.
  const begun = useQuery({ queryKey: ['notion-webhook', 'begun', integrationId], queryFn: () => host.call('begin_notion_webhook', { integration_id: integrationId }), staleTime: 0, gcTime: 0 });
  const later = useQuery({
    queryKey: ['notion-webhook', integrationId],
    queryFn: () => host.call('notion_webhook', { integration_id: integrationId }),
    enabled: begun.isSuccess,
    staleTime: 0,
    gcTime: 0,
    refetchInterval: ({ state }) => (state.data?.live === true ? false : LOOK_MS),
  });
  const webhook = later.data ?? begun.data;
  const error = begun.error ?? later.error;
  return (
    <>
      <h2 className={classes.title}>Have Notion tell of changes</h2>
      <p className={classes.text}>Without this, Synodic asks each database every few minutes. With it, a change arrives at once.</p>
      {error !== null && (
        <p className={classes.text} role="alert">
          {failureOf(error).message}
        </p>
      )}
      {webhook !== undefined && (
        <ol className={settings.steps}>
          <li>
            In Notion’s developer portal open your connection, then “Webhooks”, and make a subscription to this address:
            <Copied words={webhook.address} name="address" />
          </li>
          <li>
            Notion then sends a token here, and wants to have it pasted into “Verify”:
            {webhook.token === null ? (
              <span className={settings.waiting} role="status">
                <Loader size={13} /> {webhook.open_until === null ? 'No longer waited for. Open this again.' : 'Waiting for it…'}
              </span>
            ) : (
              <Copied words={webhook.token} name="token" />
            )}
          </li>
          <li>{webhook.live ? 'Messages arrive. It is done.' : 'With the first signed message this is done.'}</li>
        </ol>
      )}
      <div className={classes.foot}>
        <Button onClick={onClose} data-autofocus>
          Close
        </Button>
      </div>
    </>
  );
}

function Copied({ words, name }: { words: string; name: string }) {
  const [isCopied, setCopied] = useState(false);
  const copy = async () => {
    await navigator.clipboard.writeText(words);
    setCopied(true);
  };
  return (
    <span className={settings.copied}>
      <code className={settings.code} data-testid={`webhook-${name}`}>
        {words}
      </code>
      <Button variant="subtle" aria-label={`Copy the ${name}`} onClick={() => void copy()}>
        {isCopied ? 'Copied' : 'Copy'}
      </Button>
    </span>
  );
}
