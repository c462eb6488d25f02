/** One line at the lower edge of the window, only when it is needed. */
import { Button } from '@mantine/core';
import type { SyncSnapshot } from '../../api/generated/SyncSnapshot';
import { bannerOf } from './banner';
import { useSyncActions } from './use-sync-actions';
import classes from './banner.module.css';

/** Shows the banner that a snapshot asks for. */
export function BannerLine({ snapshot }: { snapshot: SyncSnapshot }) {
  const { signIn, resume } = useSyncActions();
  const banner = bannerOf(snapshot);
  if (banner === null) return null;
  const { integrationId } = banner;
  return (
    <div className={classes.banner} data-tone={banner.tone} role="status" data-testid="banner">
      <span>{banner.text}</span>
      {banner.action === 'sign-in' && integrationId !== null && <Button onClick={() => void signIn(integrationId)}>Sign in</Button>}
      {banner.action === 'resume' && (
        <Button variant="light" onClick={() => void resume()}>
          Resume
        </Button>
      )}
    </div>
  );
}
