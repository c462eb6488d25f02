/** Ending a link: what it means for the events is said before it is done. */
import { Button } from '@mantine/core';
import type { LinkId } from '../api/generated/LinkId';
import type { Parting } from '../api/generated/Parting';
import { useLeavingLink } from '../api/queries';
import { Dialog } from '../components/dialogs/dialog';
import classes from '../components/dialogs/dialogs.module.css';
import { Unsent } from '../components/dialogs/unsent';
import { useLinkActions } from './use-link-actions';

/** A link that is about to be ended. */
export interface EndingLink {
  linkId: LinkId;
  /** The local calendar's name. */
  calendar: string;
  /** The remote calendar's name, and whose it is. */
  place: string;
  account: string;
}

interface Props {
  ending: EndingLink | null;
  onClose: () => void;
}

/** Shows the dialog while a link is about to be ended. */
export function Unlink({ ending, onClose }: Props) {
  const { unlink } = useLinkActions();
  const leaving = useLeavingLink(ending?.linkId ?? null);
  const end = async (parting: Parting) => {
    if (ending !== null && (await unlink(ending.linkId, ending.place, parting))) onClose();
  };
  return (
    <Dialog label="Stop syncing" isOpen={ending !== null} onClose={onClose}>
      <h2 className={classes.title}>Stop syncing “{ending?.place}”?</h2>
      <p className={classes.text}>
        Nothing changes at {ending?.account}. Its events can stay here in “{ending?.calendar}”; what was not sent there yet is not sent any more.
      </p>
      <Unsent leaving={leaving} />
      <div className={classes.choices}>
        <Button fullWidth size="sm" data-autofocus data-testid="unlink-keep" onClick={() => void end('keep_both')}>
          Stop syncing, keep the events here
        </Button>
        <Button fullWidth size="sm" color="red" variant="light" data-testid="unlink-remove" onClick={() => void end('remove_here')}>
          Stop syncing, remove them here
        </Button>
        <Button fullWidth size="sm" variant="subtle" color="gray" onClick={onClose}>
          Cancel
        </Button>
      </div>
    </Dialog>
  );
}
