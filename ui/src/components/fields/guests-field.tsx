/** Who is invited: addresses are typed or pasted, one or many at a time. */
import { TextInput } from '@mantine/core';
import { IconUserMinus, IconUserQuestion, IconUserCheck } from '@tabler/icons-react';
import { useState } from 'react';
import type { Attendee } from '../../api/generated/Attendee';
import type { Organizer } from '../../api/generated/Organizer';
import { readGuests, withGuests } from '../../api/guests';
import { IconButton } from '../icon-button';
import { Person } from '../inspector/attendees';
import classes from './fields.module.css';

interface Props {
  value: readonly Attendee[];
  organizer: Organizer | null;
  isDisabled?: boolean;
  onChange: (attendees: Attendee[]) => void;
}

/** Shows the field. */
export function GuestsField({ value, organizer, isDisabled = false, onChange }: Props) {
  const [typed, setTyped] = useState('');
  const [error, setError] = useState<string | null>(null);
  const add = () => {
    if (typed.trim() === '') return;
    const { guests, unread } = readGuests(typed);
    if (guests.length > 0) onChange(withGuests(value, guests));
    setTyped(unread.join(', '));
    setError(unread.length === 0 ? null : `“${unread[0] ?? ''}” is not an address. Write it like ada@example.org.`);
  };
  const change = (email: string, part: Partial<Attendee>) => onChange(value.map((person) => (person.email === email ? { ...person, ...part } : person)));
  return (
    <div className={classes.stack}>
      {value.map((person) => (
        <div key={person.email} className={classes.guest} data-testid="guest">
          <Person person={person} organizer={organizer} />
          {!isDisabled && !person.is_self && (
            <>
              <IconButton
                label={person.optional ? `Make ${person.email} needed` : `Make ${person.email} optional`}
                title={person.optional ? 'Optional' : 'Needed'}
                aria-pressed={person.optional}
                onClick={() => change(person.email, { optional: !person.optional })}
              >
                {person.optional ? <IconUserQuestion size={15} stroke={1.7} /> : <IconUserCheck size={15} stroke={1.7} />}
              </IconButton>
              <IconButton label={`Remove ${person.email}`} onClick={() => onChange(value.filter(({ email }) => email !== person.email))}>
                <IconUserMinus size={15} stroke={1.7} />
              </IconButton>
            </>
          )}
        </div>
      ))}
      {!isDisabled && (
        <TextInput
          aria-label="Add guests"
          placeholder="Add guests by address"
          value={typed}
          error={error}
          data-testid="add-guests"
          onChange={(event) => {
            setTyped(event.currentTarget.value);
            setError(null);
          }}
          onBlur={add}
          onKeyDown={(event) => {
            if (event.key !== 'Enter' && event.key !== ',') return;
            if (typed.trim() === '') return;
            event.preventDefault();
            add();
          }}
        />
      )}
    </div>
  );
}
