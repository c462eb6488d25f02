/** The palette: everything that can be done, found by a few letters. */
import { Modal } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { useEffect, useRef, useState, type KeyboardEvent } from 'react';
import { fitting, type Command } from './commands';
import classes from './palette.module.css';

interface Props {
  isOpen: boolean;
  commands: readonly Command[];
  /** Further commands that what was typed gives rise to, such as a day to go to. They come first. */
  arising: (typed: string) => readonly Command[];
  onClose: () => void;
}

/** Shows the palette. */
export function Palette({ isOpen, commands, arising, onClose }: Props) {
  return (
    <Modal.Root opened={isOpen} onClose={onClose} size={520} padding={0} yOffset="14vh" transitionProps={{ duration: 100, transition: 'fade' }}>
      <Modal.Overlay backgroundOpacity={0.2} />
      <Modal.Content aria-label="Type a command or a day">
        <Modal.Body>
          <Finder commands={commands} arising={arising} onClose={onClose} />
        </Modal.Body>
      </Modal.Content>
    </Modal.Root>
  );
}

function Finder({ commands, arising, onClose }: Omit<Props, 'isOpen'>) {
  const [typed, setTyped] = useState('');
  const [place, setPlace] = useState(0);
  const list = useRef<HTMLDivElement>(null);
  const found = [...arising(typed), ...fitting(commands, typed)];
  const chosen = found[Math.min(place, found.length - 1)];
  useEffect(() => {
    list.current?.querySelector('[aria-selected=true]')?.scrollIntoView({ block: 'nearest' });
  });
  const run = (command: Command | undefined) => {
    if (command === undefined) return;
    onClose();
    command.run();
  };
  const hear = (event: KeyboardEvent) => {
    const steps: Partial<Record<string, number>> = { ArrowDown: 1, ArrowUp: -1 };
    const step = steps[event.key];
    if (step !== undefined && found.length > 0) {
      event.preventDefault();
      setPlace((Math.min(place, found.length - 1) + step + found.length) % found.length);
    }
    if (event.key === 'Enter') {
      event.preventDefault();
      run(chosen);
    }
  };
  return (
    <>
      <div className={classes.head}>
        <IconSearch size={16} stroke={1.8} aria-hidden />
        <input
          type="text"
          className={classes.field}
          placeholder="Type a command or a day"
          aria-label="Type a command or a day"
          role="combobox"
          aria-expanded
          aria-controls="palette"
          aria-autocomplete="list"
          aria-activedescendant={chosen && `palette-${chosen.id}`}
          autoComplete="off"
          spellCheck={false}
          data-autofocus
          data-testid="palette-field"
          value={typed}
          onChange={(event) => {
            setTyped(event.currentTarget.value);
            setPlace(0);
          }}
          onKeyDown={hear}
        />
      </div>
      <div className={classes.list} id="palette" role="listbox" aria-label="What can be done" ref={list}>
        {found.map((command, index) => (
          <button
            key={command.id}
            type="button"
            tabIndex={-1}
            id={`palette-${command.id}`}
            role="option"
            aria-selected={command === chosen}
            className={classes.command}
            data-testid="palette-command"
            onPointerMove={() => setPlace(index)}
            onClick={() => run(command)}
          >
            <span className={classes.label}>{command.label}</span>
            {command.keys ? (
              <span className={classes.keys}>
                {command.keys.map((key) => (
                  <kbd key={key}>{key}</kbd>
                ))}
              </span>
            ) : (
              <span className={classes.group}>{command.group}</span>
            )}
          </button>
        ))}
      </div>
      {found.length === 0 && <p className={classes.none}>Nothing is called that.</p>}
    </>
  );
}
