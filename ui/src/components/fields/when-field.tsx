/** When an event takes place: days, times, and the zones when they matter. */
import { Switch } from '@mantine/core';
import { IconWorld } from '@tabler/icons-react';
import { Temporal } from 'temporal-polyfill';
import { useState } from 'react';
import { useManner } from '../../api/host-context';
import { withEndClock, withStart, type WhenForm } from '../../time/form';
import { zoneCity } from '../../time/zones';
import { ClockField } from './clock-field';
import { DayField } from './day-field';
import { ZoneField } from './zone-field';
import classes from './fields.module.css';

interface Props {
  value: WhenForm;
  error: string | undefined;
  isDisabled?: boolean;
  onChange: (value: WhenForm) => void;
}

/** Shows the fields. */
export function WhenField({ value, error, isDisabled = false, onChange }: Props) {
  const { viewer } = useManner();
  const isPlain = value.startZone === viewer && value.endZone === viewer;
  const [hasZones, setHasZones] = useState(!isPlain);
  const at = Temporal.PlainDate.from(value.startDate === '' ? '2000-01-01' : value.startDate).toZonedDateTime(viewer).toInstant();
  const isWrong = error !== undefined;
  return (
    <fieldset className={classes.when} disabled={isDisabled}>
      <Switch
        label="All day"
        labelPosition="left"
        size="xs"
        checked={value.allDay}
        onChange={(event) => onChange({ ...value, allDay: event.currentTarget.checked })}
        classNames={{ body: classes.switchBody }}
        data-testid="all-day"
      />
      <div className={classes.moment}>
        <DayField label="Starts on" value={value.startDate} onChange={(date) => onChange(withStart(value, date, value.startClock))} />
        {!value.allDay && (
          <ClockField label="Starts at" value={value.startClock} from={value.startClock} onChange={(clock) => onChange(withStart(value, value.startDate, clock))} />
        )}
      </div>
      {!value.allDay && hasZones && (
        <ZoneField
          label="Zone of the start"
          value={value.startZone}
          at={at}
          isFloatingAllowed
          onChange={(zone) => onChange({ ...value, startZone: zone, endZone: zone === '' || value.endZone === value.startZone || value.endZone === '' ? zone : value.endZone })}
        />
      )}
      <div className={classes.moment}>
        <DayField label="Ends on" value={value.endDate} isWrong={isWrong} onChange={(date) => onChange({ ...value, endDate: date })} />
        {!value.allDay && (
          <ClockField label="Ends at" value={value.endClock} from={value.startClock} isWrong={isWrong} onChange={(clock) => onChange(withEndClock(value, clock))} />
        )}
      </div>
      {!value.allDay && hasZones && value.startZone !== '' && (
        <ZoneField label="Zone of the end" value={value.endZone} at={at} onChange={(zone) => onChange({ ...value, endZone: zone })} />
      )}
      {!value.allDay && !hasZones && (
        <button type="button" className={classes.quiet} onClick={() => setHasZones(true)}>
          <IconWorld size={14} stroke={1.7} aria-hidden /> {zoneCity(value.startZone)} time
        </button>
      )}
      {isWrong && (
        <p className={classes.error} role="alert">
          {error}
        </p>
      )}
    </fieldset>
  );
}
