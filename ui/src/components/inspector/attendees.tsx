/** Who is invited, and what they answered. */
import { IconCheck, IconHelp, IconX } from '@tabler/icons-react';
import type { Attendee } from '../../api/generated/Attendee';
import type { Organizer } from '../../api/generated/Organizer';
import type { ResponseStatus } from '../../api/generated/ResponseStatus';
import classes from './inspector.module.css';

const WORDS: Record<ResponseStatus, string> = {
  accepted: 'accepted',
  tentative: 'maybe',
  declined: 'declined',
  needs_action: 'not answered',
};

interface Props {
  attendees: readonly Attendee[];
  organizer: Organizer | null;
}

/** Shows the people. */
export function Attendees({ attendees, organizer }: Props) {
  return (
    <ul className={classes.people}>
      {attendees.map((person) => (
        <li key={person.email}>
          <Person person={person} organizer={organizer} />
        </li>
      ))}
    </ul>
  );
}

/** Shows one of them, with their answer. */
export function Person({ person, organizer }: { person: Attendee; organizer: Organizer | null }) {
  const notes = [
    person.is_self ? 'you' : '',
    organizer?.email === person.email ? 'organizer' : '',
    person.optional ? 'optional' : '',
    person.resource ? 'room' : '',
  ].filter((note) => note !== '');
  return (
    <span className={classes.person} title={person.email}>
      <Answer response={person.response} />
      <span className={classes.personName}>{person.name === '' ? person.email : person.name}</span>
      {notes.length > 0 && <span className={classes.personNote}>{notes.join(', ')}</span>}
    </span>
  );
}

function Answer({ response }: { response: ResponseStatus }) {
  const Sign = { accepted: IconCheck, declined: IconX, tentative: IconHelp, needs_action: IconHelp }[response];
  return (
    <span className={classes.answer} data-response={response} role="img" aria-label={WORDS[response]} title={WORDS[response]}>
      {response === 'needs_action' ? null : <Sign size={11} stroke={2.6} />}
    </span>
  );
}
