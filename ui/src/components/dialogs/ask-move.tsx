/** What a move to another calendar means where the services cannot move the event itself. Asked as a promise. */
import { Button } from '@mantine/core';
import { createContext, use, useCallback, useRef, useState, type ReactNode } from 'react';
import { Dialog } from './dialog';
import classes from './dialogs.module.css';

type AskMove = (consequence: string) => Promise<boolean>;

const AskContext = createContext<AskMove | null>(null);

/** Returns the function that asks. */
export function useAskMove(): AskMove {
  const ask = use(AskContext);
  if (ask === null) throw new Error('nobody to ask above');
  return ask;
}

/** Provides the question. */
export function AskMoveProvider({ children }: { children: ReactNode }) {
  const [consequence, setConsequence] = useState<string | null>(null);
  const answer = useRef<((agrees: boolean) => void) | null>(null);
  const ask = useCallback<AskMove>(
    (next) =>
      new Promise((resolve) => {
        answer.current?.(false);
        answer.current = resolve;
        setConsequence(next);
      }),
    [],
  );
  const settle = (agrees: boolean) => {
    answer.current?.(agrees);
    answer.current = null;
    setConsequence(null);
  };
  return (
    <AskContext value={ask}>
      {children}
      <Dialog label="Move to another calendar?" isOpen={consequence !== null} onClose={() => settle(false)}>
        <h2 className={classes.title}>Move it?</h2>
        <p className={classes.text}>{consequence}</p>
        <div className={classes.choices}>
          <Button fullWidth size="sm" data-autofocus data-testid="move-agreed" onClick={() => settle(true)}>
            Move
          </Button>
          <Button fullWidth size="sm" variant="subtle" color="gray" onClick={() => settle(false)}>
            Leave it where it is
          </Button>
        </div>
      </Dialog>
    </AskContext>
  );
}
