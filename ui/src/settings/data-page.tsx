/** What is kept of the past, the person's choices as a file, and what somebody who helps has to know. */
import { Button, FileButton, Select, useMantineColorScheme } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useHost } from '../api/host-context';
import { toastFailure, toastNote } from '../components/toast';
import { failureOf } from '../host';
import type { Preferences } from '../window/preferences';
import { Choice } from './choice';
import { readSettings, writeSettings } from './settings-file';
import classes from './settings.module.css';

interface Props {
  preferences: Preferences;
  onPreferences: (preferences: Preferences) => void;
  onDeleted: () => void;
  onRuns: () => void;
}

const DAYS = ['history-days'];
/** How long most people keep changes. */
const TERMS: readonly [number, string][] = [[30, '30 days'], [90, '90 days'], [365, '1 year'], [3650, '10 years']];

/** Shows the page. */
export function DataPage({ preferences, onPreferences, onDeleted, onRuns }: Props) {
  return (
    <>
      <p className={classes.lead}>Every change of an event is written down, whoever made it, and can be taken back.</p>
      <ul className={classes.rows}>
        <Choice name="Recently deleted" note="Events that can be had back.">
          <Button variant="default" size="xs" data-testid="open-deleted" onClick={onDeleted}>
            Show…
          </Button>
        </Choice>
        <Choice name="Sync runs" note="What each service changed here, all of it to be taken back at once.">
          <Button variant="default" size="xs" data-testid="open-runs" onClick={onRuns}>
            Show…
          </Button>
        </Choice>
        <HistoryDays />
      </ul>
      <h3 className={classes.section}>Settings</h3>
      <SettingsRows preferences={preferences} onPreferences={onPreferences} />
      <h3 className={classes.section}>Diagnostics</h3>
      <DiagnosticsRow />
    </>
  );
}

function HistoryDays() {
  const host = useHost();
  const client = useQueryClient();
  const { data: days } = useQuery({ queryKey: DAYS, queryFn: () => host.call('history_days', {}), staleTime: 0 });
  const keep = async (next: number) => {
    client.setQueryData(DAYS, next);
    try {
      await host.call('set_history_days', { days: next });
    } catch (reason) {
      toastFailure('', failureOf(reason));
    }
    await client.invalidateQueries({ queryKey: DAYS });
  };
  const known = TERMS.map(([count, label]) => ({ value: String(count), label }));
  const isOther = days !== undefined && !TERMS.some(([count]) => count === days);
  return (
    <Choice name="Keep changes for" note="What is older is forgotten for good.">
      <Select
        aria-label="Keep changes for"
        w={120}
        allowDeselect={false}
        data-testid="history-days"
        value={days === undefined ? null : String(days)}
        data={isOther ? [{ value: String(days), label: `${days} days` }, ...known] : known}
        onChange={(chosen) => chosen !== null && void keep(Number(chosen))}
      />
    </Choice>
  );
}

function SettingsRows({ preferences, onPreferences }: Pick<Props, 'preferences' | 'onPreferences'>) {
  const host = useHost();
  const client = useQueryClient();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const [refusal, setRefusal] = useState<string | null>(null);
  const save = async () => {
    try {
      const [desktop, starts, days] = await Promise.all([host.call('desktop_settings', {}), host.call('starts_at_login', {}), host.call('history_days', {})]);
      const text = writeSettings({ preferences, appearance: colorScheme, desktop, starts_at_login: starts, history_days: days });
      toastNote(`Your settings are in ${await host.call('save_file', { file: 'settings', text })}.`);
    } catch (reason) {
      toastFailure('Your settings were not exported.', failureOf(reason));
    }
  };
  const take = async (file: File | null) => {
    if (file === null) return;
    setRefusal(null);
    try {
      const settings = readSettings(await file.text());
      if (typeof settings === 'string') {
        setRefusal(settings);
        return;
      }
      await host.call('set_desktop_settings', { settings: settings.desktop });
      await host.call('set_starts_at_login', { on: settings.starts_at_login });
      await host.call('set_history_days', { days: settings.history_days });
      setColorScheme(settings.appearance);
      onPreferences(settings.preferences);
      await client.invalidateQueries({ queryKey: ['desktop-settings'] });
      await client.invalidateQueries({ queryKey: ['starts-at-login'] });
      await client.invalidateQueries({ queryKey: DAYS });
      toastNote(`The settings of “${file.name}” are yours now.`);
    } catch (reason) {
      toastFailure('Not all of the settings were taken over.', failureOf(reason));
    }
  };
  return (
    <>
      <ul className={classes.rows}>
        <Choice name="Export settings" note="View, appearance, notifications. No account, no password.">
          <Button variant="default" size="xs" data-testid="export-settings" onClick={() => void save()}>
            Save to downloads
          </Button>
        </Choice>
        <Choice name="Import settings" note="From a file that was exported here or on another computer.">
          <FileButton accept="application/json,.json" inputProps={{ 'aria-label': 'Settings file', 'data-testid': 'settings-file' } as object} onChange={(file) => void take(file)}>
            {(props) => (
              <Button {...props} variant="default" size="xs" data-testid="import-settings">
                Choose a file…
              </Button>
            )}
          </FileButton>
        </Choice>
      </ul>
      {refusal !== null && (
        <p className={classes.refusal} role="alert" data-testid="settings-refused">
          {refusal}
        </p>
      )}
    </>
  );
}

function DiagnosticsRow() {
  const host = useHost();
  const [isShown, setShown] = useState(false);
  const { data, error } = useQuery({ queryKey: ['diagnostics'], queryFn: () => host.call('diagnostics', {}), staleTime: 0 });
  const text = data === undefined ? '' : JSON.stringify(data, null, 2);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      toastNote('The diagnostics are copied.');
    } catch (reason) {
      toastFailure('The diagnostics were not copied.', failureOf(reason));
    }
  };
  const save = async () => {
    try {
      toastNote(`The diagnostics are in ${await host.call('save_file', { file: 'diagnostics', text })}.`);
    } catch (reason) {
      toastFailure('The diagnostics were not saved.', failureOf(reason));
    }
  };
  return (
    <>
      <ul className={classes.rows}>
        <Choice name="For somebody who helps you" note="Numbers, states and times. No titles, names, addresses or passwords.">
          <Button variant="subtle" color="gray" size="xs" aria-expanded={isShown} disabled={text === ''} data-testid="preview-diagnostics" onClick={() => setShown(!isShown)}>
            {isShown ? 'Hide' : 'Preview'}
          </Button>
          <Button variant="default" size="xs" disabled={text === ''} data-testid="copy-diagnostics" onClick={() => void copy()}>
            Copy
          </Button>
          <Button variant="default" size="xs" disabled={text === ''} data-testid="save-diagnostics" onClick={() => void save()}>
            Save to downloads
          </Button>
        </Choice>
      </ul>
      {error !== null && (
        <p className={classes.refusal} role="alert">
          The diagnostics could not be read. {failureOf(error).message}
        </p>
      )}
      {isShown && <textarea className={`${classes.code} ${classes.preview}`} readOnly rows={16} aria-label="Diagnostics" data-testid="diagnostics" value={text} />}
    </>
  );
}
