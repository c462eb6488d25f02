/** One line at the lower edge of the window, only when it is needed. */
import { Button } from '@mantine/core';
import type { SyncSnapshot } from '../../api/generated/SyncSnapshot';
import { concerns, useSignIn } from '../../api/sign-in';
import { bannerOf } from './banner';
import { useSyncActions } from './use-sync-actions';
import classes from './banner.module.css';

interface Props {
  snapshot: SyncSnapshot;
  /** Opens sync in full. */
  onLook: () => void;
}

/** Shows the banner that a snapshot asks for. */
export function BannerLine({ snapshot, onLook }: Props) {
  const { resume } = useSyncActions();
  const signIn = useSignIn();
  const banner = bannerOf(snapshot);
  if (banner === null) return null;
  const { integrationId } = banner;
  const isOurs = integrationId !== null && concerns(signIn.state, integrationId);
  const isWaiting = isOurs && signIn.state.phase === 'waiting';
  return (
    <div className={classes.banner} data-tone={banner.tone} role="status" data-testid="banner">
      <span>{isWaiting ? 'Your browser has opened. Sign in there and come back.' : isOurs && signIn.state.phase === 'failed' ? signIn.state.message : banner.text}</span>
      {banner.action === 'sign-in' && integrationId !== null && !isWaiting && (
        <Button onClick={() => void signIn.begin({ kind: 'renew', integrationId })}>{isOurs ? 'Try again' : 'Sign in'}</Button>
      )}
      {isWaiting && (
        <Button variant="light" onClick={signIn.cancel}>
          Cancel
        </Button>
      )}
      {banner.action === 'look' && (
        <Button variant="light" data-testid="banner-look" onClick={onLook}>
          Look
        </Button>
      )}
      {banner.action === 'resume' && (
        <Button variant="light" onClick={() => void resume()}>
          Resume
        </Button>
      )}
    </div>
  );
}
