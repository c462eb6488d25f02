/** A field over a list, in a window of its own: what the palette and the search have in common. */
import { Modal } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import type { KeyboardEvent, ReactNode } from 'react';
import classes from './palette.module.css';

interface WindowProps {
  isOpen: boolean;
  /** What is asked for, which is what the window is called. */
  ask: string;
  width: number;
  top: string;
  onClose: () => void;
  children: ReactNode;
}

/** The window around a field and its list. */
export function FinderWindow({ isOpen, ask, width, top, onClose, children }: WindowProps) {
  return (
    <Modal.Root opened={isOpen} onClose={onClose} size={width} padding={0} yOffset={top} transitionProps={{ duration: 100, transition: 'fade' }}>
      <Modal.Overlay backgroundOpacity={0.2} />
      <Modal.Content aria-label={ask}>
        <Modal.Body>{children}</Modal.Body>
      </Modal.Content>
    </Modal.Root>
  );
}

interface FieldProps {
  ask: string;
  /** The id of the list, which also begins the field's name for tests. */
  list: string;
  hasList: boolean;
  /** The id of what is chosen in the list. */
  chosen: string | undefined;
  typed: string;
  onType: (typed: string) => void;
  onKeyDown: (event: KeyboardEvent) => void;
}

/** The field, which keeps the focus while the list is walked. */
export function FinderField({ ask, list, hasList, chosen, typed, onType, onKeyDown }: FieldProps) {
  return (
    <div className={classes.head}>
      <IconSearch size={16} stroke={1.8} aria-hidden />
      <input
        type="text"
        className={classes.field}
        placeholder={ask}
        aria-label={ask}
        role="combobox"
        aria-expanded={hasList}
        aria-controls={list}
        aria-autocomplete="list"
        aria-activedescendant={chosen}
        autoComplete="off"
        spellCheck={false}
        data-autofocus
        data-testid={`${list}-field`}
        value={typed}
        onChange={(event) => onType(event.currentTarget.value)}
        onKeyDown={onKeyDown}
      />
    </div>
  );
}
