/** How the window looks and how it writes time. */
import { SegmentedControl, Switch, useMantineColorScheme, type MantineColorScheme } from '@mantine/core';
import { Temporal } from 'temporal-polyfill';
import { useManner } from '../api/host-context';
import { ZoneField } from '../components/fields/zone-field';
import { formatClock } from '../time/clock';
import { weekStartFrom, type Preferences } from '../window/preferences';
import { Choice } from './choice';
import classes from './settings.module.css';

interface Props {
  preferences: Preferences;
  onPreferences: (preferences: Preferences) => void;
}

const AFTERNOON = 14 * 60 + 30;

/** Shows the page. */
export function ViewPage({ preferences, onPreferences }: Props) {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const { viewer } = useManner();
  const change = (part: Partial<Preferences>) => onPreferences({ ...preferences, ...part });
  return (
    <>
      <p className={classes.lead}>What says “As the system” follows the language and the looks of your desktop.</p>
      <ul className={classes.rows}>
        <Choice name="Appearance">
          <SegmentedControl
            aria-label="Appearance"
            size="xs"
            value={colorScheme}
            data={[{ value: 'auto', label: 'As the system' }, { value: 'light', label: 'Light' }, { value: 'dark', label: 'Dark' }]}
            onChange={(chosen) => setColorScheme(chosen as MantineColorScheme)}
          />
        </Choice>
        <Choice name="Clock">
          <SegmentedControl
            aria-label="Clock"
            size="xs"
            value={preferences.cycle}
            data={[{ value: 'auto', label: 'As the system' }, { value: 'h23', label: formatClock(AFTERNOON, 'h23') }, { value: 'h12', label: formatClock(AFTERNOON, 'h12') }]}
            onChange={(chosen) => change({ cycle: chosen as Preferences['cycle'] })}
          />
        </Choice>
        <Choice name="Week starts on">
          <SegmentedControl
            aria-label="Week starts on"
            size="xs"
            value={String(preferences.weekStart)}
            data={[{ value: 'auto', label: 'As the system' }, { value: '1', label: 'Monday' }, { value: '6', label: 'Saturday' }, { value: '7', label: 'Sunday' }]}
            onChange={(chosen) => change({ weekStart: weekStartFrom(chosen) })}
          />
        </Choice>
        <Choice name="Week numbers" note="As ISO 8601 counts them, in the week and the month.">
          <Switch aria-label="Week numbers" checked={preferences.hasWeekNumbers} data-testid="week-numbers" onChange={(event) => change({ hasWeekNumbers: event.currentTarget.checked })} />
        </Choice>
        <Choice name="Time zone" note="Times are shown as this computer’s clock does. Each event keeps the zone that it was made in.">
          <span className={classes.way}>{viewer.replaceAll('_', ' ')}</span>
        </Choice>
        <Choice name="Second time zone" note="Its hours stand beside yours in the week and the day.">
          <Switch
            aria-label="Second time zone"
            checked={preferences.secondZone !== null}
            data-testid="second-zone"
            onChange={(event) => change({ secondZone: event.currentTarget.checked ? (viewer === 'UTC' ? 'America/New_York' : 'UTC') : null })}
          />
          {preferences.secondZone !== null && <ZoneField label="Which second time zone" value={preferences.secondZone} at={Temporal.Now.instant()} onChange={(zone) => change({ secondZone: zone })} />}
        </Choice>
      </ul>
    </>
  );
}
