/** A dialog: it has a name, keeps the focus inside, and Escape or a click beside it closes it. */
import { Modal } from '@mantine/core';
import type { ReactNode } from 'react';

interface Props {
  /** Read out when it opens. */
  label: string;
  isOpen: boolean;
  size?: number;
  padding?: number;
  onClose: () => void;
  children: ReactNode;
}

/** Shows the dialog. */
export function Dialog({ label, isOpen, size = 400, padding = 20, onClose, children }: Props) {
  return (
    <Modal.Root opened={isOpen} onClose={onClose} size={size} padding={padding} centered transitionProps={{ duration: 140, transition: 'fade' }}>
      <Modal.Overlay backgroundOpacity={0.28} />
      <Modal.Content aria-label={label}>
        <Modal.Body>{children}</Modal.Body>
      </Modal.Content>
    </Modal.Root>
  );
}
