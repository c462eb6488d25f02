/** A time zone, found by its city. */
import { Select } from '@mantine/core';
import type { Temporal } from 'temporal-polyfill';
import { useMemo } from 'react';
import { useManner } from '../../api/host-context';
import { zoneCity, zoneNames, zoneOffset } from '../../time/zones';

interface Props {
  label: string;
  value: string;
  /** Where the offset is taken. */
  at: Temporal.Instant;
  isFloatingAllowed?: boolean;
  onChange: (zone: string) => void;
}

const FLOATING = 'floating';

/** Shows the field. Floating time is the empty zone. */
export function ZoneField({ label, value, at, isFloatingAllowed = false, onChange }: Props) {
  const { viewer } = useManner();
  const names = useMemo(() => zoneNames([viewer, ...(value === '' ? [] : [value])]), [viewer, value]);
  const options = names.map((zone) => ({ value: zone, label: `${zoneCity(zone)}  ${zoneOffset(zone, at)}` }));
  if (isFloatingAllowed) options.unshift({ value: FLOATING, label: 'Local time, wherever you are' });
  return (
    <Select
      aria-label={label}
      value={value === '' ? FLOATING : value}
      data={options}
      searchable
      limit={80}
      allowDeselect={false}
      maxDropdownHeight={232}
      nothingFoundMessage="No such zone"
      filter={({ options: all, search }) => {
        const wanted = search.trim().toLowerCase().replaceAll(' ', '_');
        return all.filter((option) => 'value' in option && (option.value.toLowerCase().includes(wanted) || option.label.toLowerCase().includes(search.trim().toLowerCase())));
      }}
      onChange={(chosen) => chosen !== null && onChange(chosen === FLOATING ? '' : chosen)}
    />
  );
}
