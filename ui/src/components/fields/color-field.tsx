/** The colour of one event: its calendar's, or one of its own. */
import { EVENT_COLORS } from '../../theme/event-colors';
import { hueOf } from '../../theme/use-hue';
import classes from './fields.module.css';

interface Props {
  /** Null is the calendar's. */
  value: string | null;
  calendarColor: string;
  isDisabled?: boolean;
  onChange: (color: string | null) => void;
}

/** Shows the field. */
export function ColorField({ value, calendarColor, isDisabled = false, onChange }: Props) {
  const others = value !== null && EVENT_COLORS.every(({ name }) => name !== value) ? [{ name: value, label: value }] : [];
  return (
    <div className={classes.hues} role="radiogroup" aria-label="Colour">
      <Hue label="As the calendar" color={calendarColor} isChosen={value === null} isOwn isDisabled={isDisabled} onChoose={() => onChange(null)} />
      {[...EVENT_COLORS, ...others].map(({ name, label }) => (
        <Hue key={name} label={label} color={name} isChosen={value === name} isDisabled={isDisabled} onChoose={() => onChange(name)} />
      ))}
    </div>
  );
}

interface HueProps {
  label: string;
  color: string;
  isChosen: boolean;
  isOwn?: boolean;
  isDisabled: boolean;
  onChoose: () => void;
}

function Hue({ label, color, isChosen, isOwn = false, isDisabled, onChoose }: HueProps) {
  return (
    <button
      type="button"
      role="radio"
      aria-checked={isChosen}
      aria-label={label}
      title={label}
      className={`${classes.hue} ${isOwn ? classes.hueOwn : ''}`}
      data-hue={hueOf(color)}
      disabled={isDisabled}
      onClick={onChoose}
    />
  );
}
