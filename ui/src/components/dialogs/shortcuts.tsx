/** All keys on one page. */
import { Modal } from '@mantine/core';
import { SHORTCUTS } from '../../window/shortcuts';
import classes from './dialogs.module.css';

/** Shows the keys. */
export function Shortcuts({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }) {
  return (
    <Modal opened={isOpen} onClose={onClose} withCloseButton={false} size={560} padding={24} aria-label="Keyboard shortcuts">
      <h2 className={classes.title}>Keyboard</h2>
      <div className={classes.columns}>
        {SHORTCUTS.map(({ group, keys }) => (
          <section key={group} className={classes.keys}>
            <h3>{group}</h3>
            {keys.map(({ what, press }) => (
              <div key={what} className={classes.key}>
                <span>{what}</span>
                <span>
                  {press.map((key) => (
                    <kbd key={key}>{key}</kbd>
                  ))}
                </span>
              </div>
            ))}
          </section>
        ))}
      </div>
    </Modal>
  );
}
