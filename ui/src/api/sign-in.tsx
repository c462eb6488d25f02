/**
 * The sign-in that is under way, for whoever shows it. There is one at a time, as there is one browser: beginning a
 * second gives up the first.
 */
import { createContext, use, useCallback, useMemo, useRef, useState, type ReactNode } from 'react';
import { toastNote } from '../components/toast';
import { failureOf } from '../host';
import type { IntegrationId } from './generated/IntegrationId';
import { useHost } from './host-context';

/** What a sign-in is for. */
export type SignInPurpose = { kind: 'new'; provider: 'google' | 'notion' } | { kind: 'renew'; integrationId: IntegrationId };

/** How the sign-in stands. */
export type SignInState =
  | { phase: 'idle' }
  /** The browser is open and the person is there. */
  | { phase: 'waiting'; purpose: SignInPurpose }
  /** It was declined, took too long, or chose another account; the sentence says which. */
  | { phase: 'failed'; purpose: SignInPurpose; message: string };

/** What can be done about it. */
export interface SignIn {
  state: SignInState;
  /** Opens the browser; answers with the account, or null when nothing came of it. */
  begin: (purpose: SignInPurpose) => Promise<IntegrationId | null>;
  cancel: () => void;
  /** Forgets that one failed. */
  dismiss: () => void;
}

const IDLE: SignInState = { phase: 'idle' };

const SignInContext = createContext<SignIn | null>(null);

/** Returns the sign-in. */
export function useSignIn(): SignIn {
  const signIn = use(SignInContext);
  if (signIn === null) throw new Error('no sign-in above');
  return signIn;
}

/** Provides the sign-in. */
export function SignInProvider({ children }: { children: ReactNode }) {
  const host = useHost();
  const [state, setState] = useState<SignInState>(IDLE);
  const attempt = useRef(0);

  const begin = useCallback(
    async (purpose: SignInPurpose) => {
      attempt.current += 1;
      const mine = attempt.current;
      setState({ phase: 'waiting', purpose });
      try {
        const id =
          purpose.kind === 'renew'
            ? await host.call('sign_in_again', { integration_id: purpose.integrationId })
            : await host.call(purpose.provider === 'google' ? 'add_google_account' : 'add_notion_account_in_browser', {});
        if (mine !== attempt.current) return null;
        setState(IDLE);
        toastNote(purpose.kind === 'new' ? 'The account is connected.' : 'Signed in. Sync goes on.');
        return id;
      } catch (reason) {
        if (mine === attempt.current) setState({ phase: 'failed', purpose, message: failureOf(reason).message });
        return null;
      }
    },
    [host],
  );
  const cancel = useCallback(() => {
    attempt.current += 1;
    setState(IDLE);
    // Whether the engine still waits or has just given up, nothing is left to be said.
    host.call('cancel_sign_in', {}).catch(() => null);
  }, [host]);
  const dismiss = useCallback(() => setState((now) => (now.phase === 'failed' ? IDLE : now)), []);

  const value = useMemo(() => ({ state, begin, cancel, dismiss }), [state, begin, cancel, dismiss]);
  return <SignInContext value={value}>{children}</SignInContext>;
}

/** Tells whether a sign-in is for this account. */
export function concerns(state: SignInState, integrationId: IntegrationId): boolean {
  return state.phase !== 'idle' && state.purpose.kind === 'renew' && state.purpose.integrationId === integrationId;
}
