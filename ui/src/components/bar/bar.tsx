/** The bar: where we are, how to get elsewhere, and how sync stands. */
import { Menu, Tooltip, useMantineColorScheme } from '@mantine/core';
import { IconAdjustmentsHorizontal, IconChevronLeft, IconChevronRight, IconLayoutSidebar, IconPlus } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import type { View } from '../../time/periods';
import type { Preferences } from '../../window/preferences';
import { IconButton } from '../icon-button';
import classes from './bar.module.css';

interface Props {
  title: string;
  view: View;
  isToday: boolean;
  preferences: Preferences;
  onPreferences: (preferences: Preferences) => void;
  onToggleSidebar: () => void;
  onStep: (direction: 1 | -1) => void;
  onToday: () => void;
  onView: (view: View) => void;
  onNew: () => void;
  onShortcuts: () => void;
  children: ReactNode;
}

const VIEWS: readonly { view: View; label: string; key: string }[] = [
  { view: 'day', label: 'Day', key: 'D' },
  { view: 'week', label: 'Week', key: 'W' },
  { view: 'month', label: 'Month', key: 'M' },
  { view: 'agenda', label: 'Agenda', key: 'A' },
];

/** Shows the bar. */
export function Bar(props: Props) {
  const { title, view, isToday, onToggleSidebar, onStep, onToday, onView, onNew, children } = props;
  return (
    <header className={classes.bar} data-tauri-drag-region>
      <div className={classes.side}>
        <Tooltip label="Sidebar">
          <IconButton label="Show or hide the sidebar" onClick={onToggleSidebar}>
            <IconLayoutSidebar size={17} stroke={1.7} />
          </IconButton>
        </Tooltip>
        <h1 className={classes.title} aria-live="polite">
          {title}
        </h1>
        <div className={classes.walk}>
          <IconButton label="Earlier" onClick={() => onStep(-1)}>
            <IconChevronLeft size={16} stroke={2} />
          </IconButton>
          <button type="button" className={classes.today} data-testid="today" disabled={isToday} onClick={onToday}>
            Today
          </button>
          <IconButton label="Later" onClick={() => onStep(1)}>
            <IconChevronRight size={16} stroke={2} />
          </IconButton>
        </div>
      </div>
      <div className={classes.views} role="group" aria-label="View">
        {VIEWS.map((choice) => (
          <button
            key={choice.view}
            type="button"
            className={classes.view}
            aria-pressed={view === choice.view}
            aria-keyshortcuts={choice.key}
            data-testid={`view-${choice.view}`}
            onClick={() => onView(choice.view)}
          >
            {choice.label}
          </button>
        ))}
      </div>
      <div className={`${classes.side} ${classes.end}`}>
        {children}
        <Choices {...props} />
        <Tooltip label="New event  C">
          <button type="button" className={classes.new} data-testid="new-event" aria-label="New event" onClick={onNew}>
            <IconPlus size={17} stroke={2.2} />
          </button>
        </Tooltip>
      </div>
    </header>
  );
}

function Choices({ preferences, onPreferences, onShortcuts }: Props) {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const item = (label: string, isChosen: boolean, choose: () => void) => (
    <Menu.Item key={label} role="menuitemradio" aria-checked={isChosen} closeMenuOnClick={false} rightSection={isChosen ? '✓' : null} onClick={choose}>
      {label}
    </Menu.Item>
  );
  const { cycle, weekStart } = preferences;
  return (
    <Menu position="bottom-end" width={208}>
      <Menu.Target>
        <IconButton label="View options">
          <IconAdjustmentsHorizontal size={17} stroke={1.7} />
        </IconButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>Appearance</Menu.Label>
        {item('As the system', colorScheme === 'auto', () => setColorScheme('auto'))}
        {item('Light', colorScheme === 'light', () => setColorScheme('light'))}
        {item('Dark', colorScheme === 'dark', () => setColorScheme('dark'))}
        <Menu.Label>Clock</Menu.Label>
        {item('24 hours', cycle === 'h23', () => onPreferences({ ...preferences, cycle: cycle === 'h23' ? 'auto' : 'h23' }))}
        {item('12 hours', cycle === 'h12', () => onPreferences({ ...preferences, cycle: cycle === 'h12' ? 'auto' : 'h12' }))}
        <Menu.Label>Week starts on</Menu.Label>
        {item('Monday', weekStart === 1, () => onPreferences({ ...preferences, weekStart: weekStart === 1 ? 'auto' : 1 }))}
        {item('Sunday', weekStart === 7, () => onPreferences({ ...preferences, weekStart: weekStart === 7 ? 'auto' : 7 }))}
        <Menu.Divider />
        <Menu.Item onClick={onShortcuts} rightSection="?">
          Keyboard shortcuts
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
