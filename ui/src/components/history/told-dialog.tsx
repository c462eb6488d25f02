/** A dialog that tells what happened, line by line. */
import { Button } from '@mantine/core';
import type { ReactNode } from 'react';
import { Dialog } from '../dialogs/dialog';
import classes from './history.module.css';

interface DialogProps {
  title: string;
  isOpen: boolean;
  onClose: () => void;
  children: ReactNode;
}

/** Shows the dialog. What it tells is read when it opens. */
export function ToldDialog({ title, isOpen, onClose, children }: DialogProps) {
  return (
    <Dialog label={title} isOpen={isOpen} size={560} padding={24} onClose={onClose}>
      {isOpen && children}
    </Dialog>
  );
}

interface PageProps {
  testId: string;
  title: string;
  text: string;
  onClose: () => void;
  children: ReactNode;
}

/** Shows its first page: what it is, the lines, and the way out. */
export function ToldPage({ testId, title, text, onClose, children }: PageProps) {
  return (
    <div data-testid={testId}>
      <h2 className={classes.title}>{title}</h2>
      <p className={classes.text}>{text}</p>
      {children}
      <div className={classes.foot}>
        <Button variant="subtle" color="gray" data-autofocus onClick={onClose}>
          Close
        </Button>
      </div>
    </div>
  );
}
