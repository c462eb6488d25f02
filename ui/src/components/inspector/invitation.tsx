/** The person's own answer to an invitation. */
import type { ResponseStatus } from '../../api/generated/ResponseStatus';
import classes from './inspector.module.css';

interface Props {
  response: ResponseStatus;
  onAnswer: (response: ResponseStatus) => void;
}

const ANSWERS: readonly { response: ResponseStatus; label: string }[] = [
  { response: 'accepted', label: 'Yes' },
  { response: 'tentative', label: 'Maybe' },
  { response: 'declined', label: 'No' },
];

/** Shows the question. */
export function Invitation({ response, onAnswer }: Props) {
  return (
    <div className={classes.invitation}>
      <span id="invitation">{response === 'needs_action' ? 'Are you going?' : 'Going?'}</span>
      <div className={classes.answers} role="group" aria-labelledby="invitation">
        {ANSWERS.map(({ response: offered, label }) => (
          <button key={offered} type="button" className={classes.choice} aria-pressed={response === offered} data-response={offered} data-testid={`answer-${offered}`} onClick={() => response !== offered && onAnswer(offered)}>
            {label}
          </button>
        ))}
      </div>
    </div>
  );
}
