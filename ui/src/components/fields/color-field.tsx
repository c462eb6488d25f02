/** The colour of one event: its calendar's, or one of its own. */
import { hueStyle } from '../../theme/use-hue';
import classes from './fields.module.css';

/**
 * The colours that are offered, by the CSS names under which every service can keep them. Each looks like a hue of its
 * own in the window.
 */
const OFFERED = [
  ['royalblue', 'Blue'],
  ['dodgerblue', 'Sky'],
  ['mediumseagreen', 'Sage'],
  ['seagreen', 'Green'],
  ['gold', 'Gold'],
  ['orangered', 'Orange'],
  ['crimson', 'Red'],
  ['lightcoral', 'Coral'],
  ['darkorchid', 'Orchid'],
  ['mediumpurple', 'Lavender'],
  ['dimgray', 'Grey'],
] as const;

interface Props {
  /** Null is the calendar's. */
  value: string | null;
  calendarColor: string;
  isDisabled?: boolean;
  onChange: (color: string | null) => void;
}

/** Shows the field. */
export function ColorField({ value, calendarColor, isDisabled = false, onChange }: Props) {
  const others = value !== null && OFFERED.every(([name]) => name !== value) ? [[value, value] as const] : [];
  return (
    <div className={classes.hues} role="radiogroup" aria-label="Colour">
      <Hue label="As the calendar" color={calendarColor} isChosen={value === null} isOwn isDisabled={isDisabled} onChoose={() => onChange(null)} />
      {[...OFFERED, ...others].map(([color, label]) => (
        <Hue key={color} label={label} color={color} isChosen={value === color} isDisabled={isDisabled} onChoose={() => onChange(color)} />
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
      style={hueStyle(color)}
      disabled={isDisabled}
      onClick={onChoose}
    />
  );
}
