/** Connecting a calendar server: by name and password, with a word on where the password comes from. */
import { Button, PasswordInput, SegmentedControl, TextInput } from '@mantine/core';
import { useId, useState, type ReactNode, type SyntheticEvent } from 'react';
import { useHost } from '../api/host-context';
import { ProviderSign } from '../components/provider-sign';
import { failureOf } from '../host';
import classes from './settings.module.css';
import { bringIntoSight } from './sight';

interface Props {
  /** The account is there; next its calendars are chosen. */
  onConnected: () => void;
}

/** What is known of a service beforehand. */
interface Preset {
  label: string;
  /** Where to start; none where only the person knows. */
  place: string | null;
  placeHint: string;
  userLabel: string;
  steps: readonly string[];
}

const PRESETS = {
  icloud: {
    label: 'iCloud',
    place: 'https://caldav.icloud.com/',
    placeHint: '',
    userLabel: 'E-mail of your Apple Account',
    steps: [
      'Open account.apple.com, sign in, and choose “Sign-In and Security”, then “App-Specific Passwords”.',
      'Make one called “Synodic”, and paste it here. Your own password would not be taken.',
    ],
  },
  fastmail: {
    label: 'Fastmail',
    place: 'https://caldav.fastmail.com/',
    placeHint: '',
    userLabel: 'Your Fastmail address',
    steps: ['In Fastmail’s settings choose “Privacy & Security”, then “Manage app passwords”.', 'Make one for calendars (CalDAV), and paste it here.'],
  },
  nextcloud: {
    label: 'Nextcloud',
    place: null,
    placeHint: 'https://cloud.example.org',
    userLabel: 'User name',
    steps: ['In Nextcloud’s personal settings choose “Security”, and make an app password at the bottom.', 'Enter your server’s address and paste the password here.'],
  },
  other: {
    label: 'Other',
    place: null,
    placeHint: 'https://calendar.example.org, or your e-mail address',
    userLabel: 'User name',
    steps: ['Any server that speaks CalDAV will do. Its address, its host or your e-mail address is enough: the rest is found.'],
  },
} as const satisfies Record<string, Preset>;

type PresetName = keyof typeof PRESETS;

/** Shows the row. */
export function ConnectCaldav({ onConnected }: Props) {
  const [isOpen, setOpen] = useState(false);
  return (
    <li className={classes.row} data-testid="connect-row-caldav">
      <span className={classes.badge}>
        <ProviderSign provider="caldav" size={18} />
      </span>
      <div className={classes.about}>
        <div className={classes.name}>iCloud, Fastmail, Nextcloud and others</div>
        {!isOpen && <div className={classes.note}>Every calendar server that speaks CalDAV. The password stays in this computer’s keyring.</div>}
        {isOpen && <PasswordForm onConnected={onConnected} onCancel={() => setOpen(false)} />}
      </div>
      {!isOpen && (
        <div className={classes.actions}>
          <Button data-testid="connect-caldav" onClick={() => setOpen(true)}>
            Connect
          </Button>
        </div>
      )}
    </li>
  );
}

function PasswordForm({ onConnected, onCancel }: { onConnected: () => void; onCancel: () => void }) {
  const host = useHost();
  const [name, setName] = useState<PresetName>('icloud');
  const [place, setPlace] = useState('');
  const [user, setUser] = useState('');
  const [secret, setSecret] = useState('');
  const [certificate, setCertificate] = useState('');
  const [error, setError] = useState<string | null>(null);
  const [isBusy, setBusy] = useState(false);
  const preset: Preset = PRESETS[name];
  const address = preset.place ?? place.trim();
  const connect = async (event: SyntheticEvent) => {
    event.preventDefault();
    setBusy(true);
    setError(null);
    try {
      await host.call('add_caldav_account', { place: { place: address, user: user.trim(), certificate: preset.place === null && certificate.trim() !== '' ? certificate.trim() : null }, secret });
      onConnected();
    } catch (reason) {
      setError(failureOf(reason).message);
      setBusy(false);
    }
  };
  return (
    <form className={classes.server} onSubmit={(event) => void connect(event)}>
      <SegmentedControl
        size="xs"
        aria-label="Service"
        value={name}
        data={Object.entries(PRESETS).map(([value, { label }]) => ({ value, label }))}
        onChange={(value) => {
          setName(value as PresetName);
          setError(null);
        }}
      />
      {preset.steps.length === 1 ? (
        <div className={classes.note}>{preset.steps[0]}</div>
      ) : (
        <ol className={classes.steps}>
          {preset.steps.map((step) => (
            <li key={step}>{step}</li>
          ))}
        </ol>
      )}
      {preset.place === null && (
        <Field label="Address of the server">
          {(id) => <TextInput id={id} placeholder={preset.placeHint} value={place} autoComplete="off" data-testid="caldav-place" onChange={(event) => setPlace(event.currentTarget.value)} />}
        </Field>
      )}
      <Field label={preset.userLabel}>
        {(id) => <TextInput id={id} value={user} autoComplete="off" data-testid="caldav-user" onChange={(event) => setUser(event.currentTarget.value)} />}
      </Field>
      <Field label="Password">
        {(id) => (
          <PasswordInput
            id={id}
            size="xs"
            variant="filled"
            value={secret}
            error={error}
            autoComplete="off"
            data-testid="caldav-password"
            onChange={(event) => {
              setSecret(event.currentTarget.value);
              setError(null);
            }}
          />
        )}
      </Field>
      {preset.place === null && (
        <Field label="Certificate file">
          {(id) => <TextInput id={id} placeholder="Only where the server has an authority of its own (PEM)" value={certificate} autoComplete="off" data-testid="caldav-certificate" onChange={(event) => setCertificate(event.currentTarget.value)} />}
        </Field>
      )}
      <div key={name} className={classes.serverFoot} ref={bringIntoSight} data-testid="caldav-foot">
        <Button variant="subtle" color="gray" onClick={onCancel}>
          Cancel
        </Button>
        <Button type="submit" loading={isBusy} disabled={address === '' || user.trim() === '' || secret === ''} data-testid="caldav-send">
          Connect
        </Button>
      </div>
    </form>
  );
}

/** A field beside its name, which stays readable when the field is filled. */
function Field({ label, children }: { label: string; children: (id: string) => ReactNode }) {
  const id = useId();
  return (
    <div className={classes.field}>
      <label htmlFor={id}>{label}</label>
      {children(id)}
    </div>
  );
}
