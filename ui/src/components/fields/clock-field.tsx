/** A time of day: typed as people type it, or chosen from quarters of an hour. */
import { Autocomplete } from '@mantine/core';
import { useState } from 'react';
import { useManner } from '../../api/host-context';
import { formatClock, parseClock, quarters, type Minutes } from '../../time/clock';

interface Props {
  label: string;
  value: Minutes;
  /** The list begins here. */
  from?: Minutes;
  isWrong?: boolean;
  onChange: (value: Minutes) => void;
}

/** Shows the field. */
export function ClockField({ label, value, from = 0, isWrong = false, onChange }: Props) {
  const { cycle } = useManner();
  const [typed, setTyped] = useState<string | null>(null);
  const accept = (text: string) => {
    const minutes = parseClock(text);
    if (minutes !== null) onChange(minutes);
    setTyped(null);
  };
  return (
    <Autocomplete
      aria-label={label}
      value={typed ?? formatClock(value, cycle)}
      data={quarters(from).map((minutes) => formatClock(minutes, cycle))}
      filter={({ options }) => options}
      maxDropdownHeight={208}
      error={isWrong}
      comboboxProps={{ width: 112, position: 'bottom-start', transitionProps: { duration: 100 } }}
      onChange={setTyped}
      onOptionSubmit={accept}
      onFocus={(event) => event.currentTarget.select()}
      onBlur={() => typed !== null && accept(typed)}
      onKeyDown={(event) => {
        if (event.key === 'Enter' && typed !== null) accept(typed);
      }}
    />
  );
}
