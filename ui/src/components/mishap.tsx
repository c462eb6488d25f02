/** What is left of the window when a part of it breaks: a sentence and a way on. Nothing is lost: edits are in the engine. */
import { Component, type ReactNode } from 'react';
import classes from './mishap.module.css';

interface State {
  message: string | null;
}

/** Catches what breaks below. */
export class Mishap extends Component<{ children: ReactNode }, State> {
  override state: State = { message: null };

  static getDerivedStateFromError(reason: unknown): State {
    return { message: reason instanceof Error ? reason.message : String(reason) };
  }

  override render() {
    if (this.state.message === null) return this.props.children;
    return (
      <div className={classes.mishap} role="alert">
        <h1>This window has stumbled.</h1>
        <p>Your events are safe; only the picture of them broke.</p>
        <button type="button" onClick={() => globalThis.location.reload()}>
          Open it again
        </button>
        <pre>{this.state.message}</pre>
      </div>
    );
  }
}
