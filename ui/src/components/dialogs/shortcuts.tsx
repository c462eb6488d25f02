/** All keys on one page. */
import { SHORTCUTS } from '../../window/shortcuts';
import { Dialog } from './dialog';
import classes from './dialogs.module.css';

/** Shows the keys. */
export function Shortcuts({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }) {
  return (
    <Dialog label="Keyboard shortcuts" isOpen={isOpen} size={560} padding={24} onClose={onClose}>
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
    </Dialog>
  );
}
