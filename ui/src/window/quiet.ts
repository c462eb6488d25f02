/** Parts of the window that nobody sees are left alone. */
import { memo, type ComponentType } from 'react';

/** Makes a dialog that is not drawn again for as long as it stays closed, whatever happens around it. */
export function quiet<Props extends object>(Part: ComponentType<Props>, isOpen: (props: Readonly<Props>) => boolean) {
  return memo(Part, (before, after) => !isOpen(before) && !isOpen(after));
}
