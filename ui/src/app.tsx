/** Everything that surrounds the window: theme, answers, edits, messages. */
import { MantineProvider } from '@mantine/core';
import { QueryClientProvider } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import type { AppInfo } from './api/generated/AppInfo';
import { EditsProvider } from './api/edits';
import { HostProvider } from './api/host-context';
import { makeQueryClient, useHostEvents } from './api/queries';
import { SignInProvider } from './api/sign-in';
import { AskEditProvider } from './components/dialogs/ask-edit';
import { AskMoveProvider } from './components/dialogs/ask-move';
import type { Host } from './host';
import { RESOLVER, THEME } from './theme/variables';
import { mannerFrom, readPreferences, writePreferences, type Preferences } from './window/preferences';
import { Window } from './window/window';

interface Props {
  host: Host;
  info: AppInfo;
  forcedScheme: 'light' | 'dark' | undefined;
}

const client = makeQueryClient();

/** Shows the window with all that it needs. */
export function App({ host, info, forcedScheme }: Props) {
  const [preferences, setPreferences] = useState(readPreferences);
  const change = (next: Preferences) => {
    setPreferences(next);
    writePreferences(next);
  };
  const { cycle, weekStart } = preferences;
  const surroundings = useMemo(
    () => ({ host, info, manner: mannerFrom({ ...readPreferences(), cycle, weekStart }, navigator.language, info.time_zone) }),
    [host, info, cycle, weekStart],
  );
  return (
    <MantineProvider theme={THEME} cssVariablesResolver={RESOLVER} defaultColorScheme="auto" forceColorScheme={forcedScheme}>
      <QueryClientProvider client={client}>
        <HostProvider value={surroundings}>
          <EditsProvider>
            <Listening />
            <SignInProvider>
              <AskEditProvider>
                <AskMoveProvider>
                  <Window preferences={preferences} onPreferences={change} />
                </AskMoveProvider>
              </AskEditProvider>
            </SignInProvider>
          </EditsProvider>
        </HostProvider>
      </QueryClientProvider>
    </MantineProvider>
  );
}

function Listening() {
  useHostEvents();
  return null;
}
