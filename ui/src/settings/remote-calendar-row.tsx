/** A calendar at an account: in step or not, which way, and what may be done there. */
import { Checkbox, Menu, Select } from '@mantine/core';
import { IconDots } from '@tabler/icons-react';
import { useState } from 'react';
import type { CalendarView } from '../api/generated/CalendarView';
import type { IntegrationSnapshot } from '../api/generated/IntegrationSnapshot';
import type { SyncDirection } from '../api/generated/SyncDirection';
import { IconButton } from '../components/icon-button';
import { hueOf } from '../theme/use-hue';
import { DIRECTIONS, directionWords, noteOf, type RemoteRow } from './links';
import type { MappedDatabase } from './mapping-dialog';
import type { EndingLink } from './unlink';
import { useLinkActions } from './use-link-actions';
import classes from './settings.module.css';

interface Props {
  row: RemoteRow;
  account: IntegrationSnapshot;
  /** The account has said what it has; before that nothing is missed. */
  hasAnswered: boolean;
  onLinkFurther: (calendar: CalendarView) => void;
  /** Asks what holds what, where the service leaves that open. */
  onMap: (database: MappedDatabase) => void;
  onUnlink: (ending: EndingLink) => void;
}

/** Shows the row. */
export function RemoteCalendarRow({ row, account, hasAnswered, onLinkFurther, onMap, onUnlink }: Props) {
  const { link } = useLinkActions();
  const [wanted, setWanted] = useState<SyncDirection>('bidirectional');
  const [isBusy, setBusy] = useState(false);
  const { remote, linked, name } = row;
  const isReadOnly = remote !== null && !remote.writable;
  const note = noteOf(row, account.id);
  const toggle = async () => {
    if (linked !== null) {
      onUnlink({ linkId: linked.link.id, calendar: linked.calendar.name, place: linked.link.remote_name, account: account.account });
      return;
    }
    if (remote === null) return;
    if (account.provider === 'notion') {
      onMap({ kind: 'new', calendarId: null, integrationId: account.id, id: remote.id, name, direction: isReadOnly ? 'pull_only' : wanted });
      return;
    }
    setBusy(true);
    await link(remote, null, isReadOnly ? 'pull_only' : wanted);
    setBusy(false);
  };
  return (
    <li className={classes.calendar} data-hue={hueOf(linked?.calendar.color ?? row.color ?? '')} data-testid="remote-calendar" data-linked={linked !== null || undefined}>
      <Checkbox aria-label={`Keep ${name} in step`} checked={linked !== null} disabled={isBusy} onChange={() => void toggle()} data-testid="sync-calendar" />
      <span className={classes.swatch} aria-hidden />
      <span className={classes.calendarName}>
        <span className={classes.calendarTitle}>{name}</span>
        {note !== null && <span className={classes.note}>{note}</span>}
        {linked?.link.warnings?.map((warning) => (
          <span key={warning} className={classes.warning}>
            {warning}
          </span>
        ))}
        {remote === null && hasAnswered && <span className={classes.missing}>no longer at this account</span>}
      </span>
      {isReadOnly && (
        <span className={classes.tag} title="The account lets you read this calendar, not change it.">
          Read only
        </span>
      )}
      {linked === null && !isReadOnly && (
        <Select aria-label={`Direction of ${name}`} w={140} value={wanted} data={[...DIRECTIONS]} allowDeselect={false} onChange={(chosen) => chosen !== null && setWanted(chosen as SyncDirection)} />
      )}
      {linked !== null && !isReadOnly && <span className={classes.way}>{directionWords(linked.link.direction)}</span>}
      {linked !== null && (
        <Menu position="bottom-end">
          <Menu.Target>
            <IconButton label={`More about ${name}`} testId="calendar-menu">
              <IconDots size={16} />
            </IconButton>
          </Menu.Target>
          <Menu.Dropdown>
            {account.provider === 'notion' && (
              <Menu.Item data-testid="open-mapping" onClick={() => onMap({ kind: 'linked', linkId: linked.link.id, name, direction: linked.link.direction })}>
                What holds what…
              </Menu.Item>
            )}
            <Menu.Item onClick={() => onLinkFurther(linked.calendar)}>Also keep it elsewhere…</Menu.Item>
            <Menu.Divider />
            <Menu.Item color="red" onClick={() => void toggle()}>
              Stop syncing…
            </Menu.Item>
          </Menu.Dropdown>
        </Menu>
      )}
    </li>
  );
}
