/** The palette: everything that can be done, found by a few letters. */
import { Modal } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { useState } from 'react';
import { fitting, type Command } from './commands';
import { useChoice } from './use-choice';
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
  const found = [...arising(typed), ...fitting(commands, typed)];
  const run = (command: Command | undefined) => {
    if (command === undefined) return;
    onClose();
    command.run();
  };
  const { chosen: place, choose, hear, list } = useChoice(found.length, (entered) => run(found[entered]));
  const chosen = found[place];
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
            choose(0);
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
            onPointerMove={() => choose(index)}
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
