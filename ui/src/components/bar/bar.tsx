/** The bar: where we are, how to get elsewhere, and how sync stands. */
import { Menu, Tooltip, useMantineColorScheme, type MantineColorScheme } from '@mantine/core';
import { IconAdjustmentsHorizontal, IconChevronLeft, IconChevronRight, IconLayoutSidebar, IconPlus, IconCommand, IconSearch } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import type { View } from '../../time/periods';
import { weekStartFrom, type Preferences } from '../../window/preferences';
import { IconButton } from '../icon-button';
import classes from './bar.module.css';

interface Props {
  title: string;
  /** The settings lie where the calendar was. */
  isInSettings: boolean;
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
  onSearch: () => void;
  onFind: () => void;
  onSettings: () => void;
  children: ReactNode;
}

const CHOICES: readonly { view: View; label: string; key: string }[] = [
  { view: 'day', label: 'Day', key: 'D' },
  { view: 'work-week', label: '5 days', key: 'F' },
  { view: 'week', label: 'Week', key: 'W' },
  { view: 'month', label: 'Month', key: 'M' },
  { view: 'year', label: 'Year', key: 'Y' },
  { view: 'agenda', label: 'Agenda', key: 'A' },
];

/** Shows the bar. */
export function Bar(props: Props) {
  const { title, view, isToday, isInSettings, onSearch, onFind, onToggleSidebar, onStep, onToday, onView, onNew, children } = props;
  return (
    <header className={classes.bar} data-tauri-drag-region>
      <div className={classes.side}>
        {!isInSettings && (
          <Tooltip label="Sidebar">
            <IconButton label="Show or hide the sidebar" onClick={onToggleSidebar}>
              <IconLayoutSidebar size={17} stroke={1.7} />
            </IconButton>
          </Tooltip>
        )}
        <h1 className={classes.title} aria-live="polite">
          {isInSettings ? 'Settings' : title}
        </h1>
        {!isInSettings && (
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
        )}
      </div>
      <div className={classes.views} role="group" aria-label="View">
        {CHOICES.map((choice) => (
          <button
            key={choice.view}
            type="button"
            className={classes.view}
            title={choice.view === 'work-week' ? 'Monday to Friday' : undefined}
            data-view={choice.view}
            aria-pressed={!isInSettings && view === choice.view}
            aria-keyshortcuts={choice.key}
            data-testid={`view-${choice.view}`}
            onClick={() => onView(choice.view)}
          >
            {choice.label}
          </button>
        ))}
      </div>
      <div className={`${classes.side} ${classes.end}`}>
        <Tooltip label="Search  /">
          <IconButton label="Search events" testId="open-search" onClick={onSearch}>
            <IconSearch size={17} stroke={1.7} />
          </IconButton>
        </Tooltip>
        <Tooltip label="Commands  Ctrl K">
          <IconButton label="Commands" testId="open-palette" onClick={onFind}>
            <IconCommand size={17} stroke={1.7} />
          </IconButton>
        </Tooltip>
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

function Choices({ preferences, onPreferences, onShortcuts, onSettings }: Props) {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
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
        <Menu.RadioGroup value={colorScheme} onChange={(chosen) => setColorScheme(chosen as MantineColorScheme)}>
          <Menu.RadioItem value="auto">As the system</Menu.RadioItem>
          <Menu.RadioItem value="light">Light</Menu.RadioItem>
          <Menu.RadioItem value="dark">Dark</Menu.RadioItem>
        </Menu.RadioGroup>
        <Menu.Label>Clock</Menu.Label>
        <Menu.RadioGroup value={cycle} onChange={(chosen) => onPreferences({ ...preferences, cycle: chosen as Preferences['cycle'] })}>
          <Menu.RadioItem value="auto">As the system</Menu.RadioItem>
          <Menu.RadioItem value="h23">24 hours</Menu.RadioItem>
          <Menu.RadioItem value="h12">12 hours</Menu.RadioItem>
        </Menu.RadioGroup>
        <Menu.Label>Week starts on</Menu.Label>
        <Menu.RadioGroup value={String(weekStart)} onChange={(chosen) => onPreferences({ ...preferences, weekStart: weekStartFrom(chosen) })}>
          <Menu.RadioItem value="auto">As the system</Menu.RadioItem>
          <Menu.RadioItem value="1">Monday</Menu.RadioItem>
          <Menu.RadioItem value="6">Saturday</Menu.RadioItem>
          <Menu.RadioItem value="7">Sunday</Menu.RadioItem>
        </Menu.RadioGroup>
        <Menu.Divider />
        <Menu.Item onClick={onSettings} rightSection="Ctrl ," data-testid="open-settings">
          Settings
        </Menu.Item>
        <Menu.Item onClick={onShortcuts} rightSection="?">
          Keyboard shortcuts
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
