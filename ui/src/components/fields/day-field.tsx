/** A day. */
import { DatePickerInput } from '@mantine/dates';
import { useManner } from '../../api/host-context';

interface Props {
  label: string;
  value: string;
  min?: string;
  isWrong?: boolean;
  onChange: (value: string) => void;
}

/** Shows the field. */
export function DayField({ label, value, min, isWrong = false, onChange }: Props) {
  const { weekStart } = useManner();
  return (
    <DatePickerInput
      aria-label={label}
      value={value === '' ? null : value}
      minDate={min}
      valueFormat="ddd D MMM YYYY"
      firstDayOfWeek={weekStart === 7 ? 0 : weekStart}
      highlightToday
      error={isWrong}
      popoverProps={{ transitionProps: { duration: 100 }, shadow: 'none' }}
      onChange={(chosen) => chosen !== null && onChange(chosen)}
    />
  );
}
