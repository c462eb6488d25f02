/** The palette: everything that can be done, found by a few letters. */
import { useState } from 'react';
import { fitting, type Command } from './commands';
import { FinderField, FinderWindow } from './finder';
import { useChoice } from './use-choice';
import classes from './palette.module.css';

interface Props {
  isOpen: boolean;
  commands: readonly Command[];
  /** Further commands that what was typed gives rise to, such as a day to go to. They come first. */
  arising: (typed: string) => readonly Command[];
  onClose: () => void;
}

const ASK = 'Type a command or a day';

/** Shows the palette. */
export function Palette({ isOpen, commands, arising, onClose }: Props) {
  return (
    <FinderWindow isOpen={isOpen} ask={ASK} width={520} top="14vh" onClose={onClose}>
      <Finder commands={commands} arising={arising} onClose={onClose} />
    </FinderWindow>
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
      <FinderField
        ask={ASK}
        list="palette"
        hasList
        chosen={chosen && `palette-${chosen.id}`}
        typed={typed}
        onType={(text) => {
          setTyped(text);
          choose(0);
        }}
        onKeyDown={hear}
      />
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
