/** The calendar that an event goes to. Only those that take events are offered. */
import { Select } from '@mantine/core';
import type { CalendarView } from '../../api/generated/CalendarView';
import { hueOf } from '../../theme/use-hue';
import classes from './fields.module.css';

interface Props {
  calendars: readonly CalendarView[];
  value: string;
  /** Says which calendar it is, without a choice. */
  isFixed?: boolean;
  onChange: (id: string) => void;
}

const Swatch = ({ color }: { color: string }) => <span className={classes.swatch} data-hue={hueOf(color)} aria-hidden />;

/** Shows the field. */
export function CalendarField({ calendars, value, isFixed = false, onChange }: Props) {
  const chosen = calendars.find(({ id }) => id === value);
  if (isFixed) {
    return (
      <span className={classes.option}>
        <Swatch color={chosen?.color ?? ''} />
        {chosen?.name}
      </span>
    );
  }
  const offered = calendars.filter(({ id, writable }) => writable || id === value);
  return (
    <Select
      aria-label="Calendar"
      value={value}
      data={offered.map(({ id, name }) => ({ value: id, label: name }))}
      allowDeselect={false}
      leftSection={chosen && <Swatch color={chosen.color} />}
      leftSectionWidth={30}
      renderOption={({ option }) => (
        <span className={classes.option}>
          <Swatch color={calendars.find(({ id }) => id === option.value)?.color ?? ''} />
          {option.label}
        </span>
      )}
      onChange={(id) => id !== null && onChange(id)}
    />
  );
}
