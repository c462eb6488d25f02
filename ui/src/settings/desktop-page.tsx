/** The program's place on the desktop: what it tells of, its tray icon, and whether it starts by itself. */
import { SegmentedControl, Switch } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { DesktopSettings } from '../api/generated/DesktopSettings';
import type { Panel } from '../api/generated/Panel';
import { useHost } from '../api/host-context';
import { toastFailure } from '../components/toast';
import { failureOf } from '../host';
import { Choice } from './choice';
import classes from './settings.module.css';

const SETTINGS = ['desktop-settings'];
const LOGIN = ['starts-at-login'];

/** The kinds of notifications, in the order in which most people care. */
const KINDS = [
  { kind: 'reminders', name: 'Reminders', note: 'Before events, as each of them or its calendar says.' },
  { kind: 'sign_in', name: 'Sign-in', note: 'An account has to be signed in again.' },
  { kind: 'refused', name: 'Refused edits', note: 'A service did not take an edit.' },
  { kind: 'conflict', name: 'Conflicts', note: 'Two versions of an event wait for a choice.' },
  { kind: 'review', name: 'Large changes', note: 'A change of many events waits for a look.' },
  { kind: 'overdue', name: 'No news', note: 'Nothing was heard of an account for too long.' },
  { kind: 'quota', name: 'Allowance', note: 'A service takes no more requests for now.' },
  { kind: 'database', name: 'Database', note: 'The disk is full, or the database cannot be written.' },
] as const satisfies readonly { kind: keyof DesktopSettings; name: string; note: string }[];

/** Shows the page. */
export function DesktopPage() {
  const host = useHost();
  const client = useQueryClient();
  const { data: settings } = useQuery({ queryKey: SETTINGS, queryFn: () => host.call('desktop_settings', {}) });
  const { data: startsAtLogin } = useQuery({ queryKey: LOGIN, queryFn: () => host.call('starts_at_login', {}) });
  const keep = useMutation({
    mutationFn: (next: DesktopSettings) => host.call('set_desktop_settings', { settings: next }),
    onMutate: (next) => client.setQueryData(SETTINGS, next),
    onError: (reason) => toastFailure('', failureOf(reason)),
    onSettled: () => client.invalidateQueries({ queryKey: SETTINGS }),
  });
  const start = useMutation({
    mutationFn: (on: boolean) => host.call('set_starts_at_login', { on }),
    onMutate: (on) => client.setQueryData(LOGIN, on),
    onError: (reason) => toastFailure('', failureOf(reason)),
    onSettled: () => client.invalidateQueries({ queryKey: LOGIN }),
  });
  if (settings === undefined) return null;
  return (
    <>
      <p className={classes.lead}>Synodic tells of each thing once, until it is well again. What heals by itself, like a lost network, is never told.</p>
      <ul className={classes.rows}>
        {KINDS.map(({ kind, name, note }) => (
          <Choice key={kind} name={name} note={note}>
            <Switch aria-label={name} checked={settings[kind]} data-testid={`tell-${kind}`} onChange={(event) => keep.mutate({ ...settings, [kind]: event.currentTarget.checked })} />
          </Choice>
        ))}
      </ul>
      <ul className={classes.rows}>
        <Choice name="Start at login" note="In the background, with its icon in the tray.">
          <Switch aria-label="Start at login" checked={startsAtLogin ?? false} data-testid="starts-at-login" onChange={(event) => start.mutate(event.currentTarget.checked)} />
        </Choice>
        <Choice name="Tray icon">
          <SegmentedControl
            aria-label="Tray icon"
            size="xs"
            value={settings.panel}
            data={[{ value: 'auto', label: 'As the desktop' }, { value: 'dark', label: 'For a dark panel' }, { value: 'light', label: 'For a light panel' }]}
            onChange={(panel) => keep.mutate({ ...settings, panel: panel as Panel })}
          />
        </Choice>
      </ul>
    </>
  );
}
