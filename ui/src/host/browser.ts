/**
 * A host for a plain browser: a world in memory that answers every command. The address says what it shall show:
 * `?state=offline` holds one sync state, `?google=no` hides the OAuth client, `?zone=Asia/Kolkata` moves the reader.
 */
import { Temporal } from 'temporal-polyfill';
import type { CalendarId } from '../api/generated/CalendarId';
import type { CalendarView } from '../api/generated/CalendarView';
import type { Change } from '../api/generated/Change';
import type { GoogleClientView } from '../api/generated/GoogleClientView';
import type { IntegrationId } from '../api/generated/IntegrationId';
import type { IntegrationSnapshot } from '../api/generated/IntegrationSnapshot';
import type { Mapping } from '../api/generated/Mapping';
import type { Parting } from '../api/generated/Parting';
import type { NotionWebhook } from '../api/generated/NotionWebhook';
import type { Policy } from '../api/generated/Policy';
import type { RemoteCalendarId } from '../api/generated/RemoteCalendarId';
import type { RemoteCalendarView } from '../api/generated/RemoteCalendarView';
import type { SyncDirection } from '../api/generated/SyncDirection';
import type { SyncSnapshot } from '../api/generated/SyncSnapshot';
import type { SyncState } from '../api/generated/SyncState';
import type { Answers } from './demo/answers';
import { conflictsIn } from './demo/conflict';
import { dashboardOf, logLinesOf } from './demo/dashboard';
import { expand } from './demo/expand';
import { clubFile, Files, subscribed } from './demo/files';
import { content, HOME, sampleWorld, WORK } from './demo/sample';
import { Ledger, withPast } from './demo/history';
import { planOf, proposal, SERVER, SOURCES, STUDIO } from './demo/notion';
import { download, shellAnswers } from './demo/shell';
import { isState, snapshotOf } from './demo/snapshots';
import { calendarColor } from '../theme/hues';
import { parseRule } from '../time/recurrence';
import { spanOf } from '../time/when';
import { refuse, World } from './demo/world';
import type { Host, HostEvents } from './host';

const ACCOUNTS: Record<string, string> = { [WORK]: 'mara@northlight.example', [HOME]: 'mara.lindqvist@mail.example', [STUDIO]: 'Northlight Studio' };

type Handlers = { [Name in keyof HostEvents]: Set<(payload: HostEvents[Name]) => void> };

/** Makes a host whose world is described by the address. */
export function openBrowserHost(parameters: URLSearchParams): Host {
  const viewer = parameters.get('zone') ?? Intl.DateTimeFormat().resolvedOptions().timeZone;
  const asked = parameters.get('state');
  const held: SyncState | null = isState(asked) ? asked : null;
  const isEmpty = held === 'no_account';
  const world = isEmpty ? new World(viewer) : sampleWorld(viewer, Temporal.Now.plainDateISO(viewer));
  const ledger = isEmpty ? new Ledger(world) : withPast(world);
  const files = new Files(world);
  let opened = parameters.get('open');
  const handlers: Handlers = { 'sync-snapshot': new Set(), 'replica-change': new Set(), navigate: new Set(), 'import-progress': new Set() };
  const now = () => Temporal.Now.instant();
  const waiting = ['Design review: onboarding', 'Lunch with Priya', 'Old kick-off'].map((title) => ({
    id: [...world.rows.values()].find((row) => row.content.title === title)?.id ?? 'event-gone',
    title,
  }));
  let snapshot: SyncSnapshot = snapshotOf(held ?? (isEmpty ? 'no_account' : 'synced'), now(), waiting);
  let remoteNews = 1;
  let server: string | null = null;
  let hasStudio = parameters.get('notion') === 'yes';
  let mapping: Mapping | null = null;
  let giveUp: ((reason: unknown) => void) | null = null;
  let isGardenNew = true;
  let historyDays = 90;
  let askedForToken = 0;
  const subscription = (looks: number): NotionWebhook => ({ address: 'https://calendar.example/webhooks/notion', open_until: now().add({ minutes: 15 }).toString(), token: looks < 2 ? null : 'secret_verification', live: false });
  let policy: Policy = 'last_write_wins';
  let client: GoogleClientView =
    parameters.get('google') === 'no'
      ? { origin: 'nowhere', id: null, has_secret: false }
      : { origin: 'environment', id: 'demo', has_secret: false };

  const emit = <Name extends keyof HostEvents>(event: Name, payload: HostEvents[Name]) => {
    for (const handler of handlers[event]) handler(payload);
  };
  /** The workspace is connected when the address says so, or when its token was pasted. */
  const withStudio = (next: SyncSnapshot): SyncSnapshot => {
    const [like] = next.integrations;
    if (!hasStudio || next.integrations.some(({ id }) => id === STUDIO)) return next;
    const studio = { ...(like ?? snapshotOf('synced', now(), []).integrations[0]), id: STUDIO, provider: 'notion', account: 'Northlight Studio' } as IntegrationSnapshot;
    return { ...next, state: next.state === 'no_account' ? 'synced' : next.state, integrations: [...next.integrations, studio] };
  };
  /** A calendar server is connected when it was entered. */
  const withServer = (next: SyncSnapshot): SyncSnapshot => {
    if (server === null || next.integrations.some(({ id }) => id === SERVER)) return next;
    const account = { ...(next.integrations[0] ?? snapshotOf('synced', now(), []).integrations[0]), id: SERVER, provider: 'caldav', account: server } as IntegrationSnapshot;
    return { ...next, state: next.state === 'no_account' ? 'synced' : next.state, integrations: [...next.integrations, account] };
  };
  const show = (next: SyncSnapshot) => {
    snapshot = withServer(withStudio(next));
    emit('sync-snapshot', snapshot);
  };
  const changed = (isFromRemote = false): Change => ({
    kind: 'events',
    calendar_ids: world.calendars.map((calendar) => calendar.id),
    from_remote: isFromRemote,
  });
  const edited = <Answer>(answer: Answer): Answer => {
    ledger.note({ author: 'person' });
    queueMicrotask(() => emit('replica-change', changed()));
    if (held !== null) return answer;
    show({ ...snapshotOf('pending', now(), waiting), pending: 1, queue: [] });
    setTimeout(() => {
      world.settle();
      show(snapshotOf('synced', now(), waiting));
      emit('replica-change', changed());
    }, 1400);
    return answer;
  };
  const arrive = () => {
    const day = Temporal.Now.plainDateISO(viewer).add({ days: 1 }).toString();
    const hour = String(15 + remoteNews).padStart(2, '0');
    world.add(
      'team',
      content(`Coffee chat ${remoteNews}`, {
        kind: 'zoned',
        start: { local: `${day}T${hour}:00:00`, zone: viewer },
        end: { local: `${day}T${hour}:30:00`, zone: viewer },
      }),
    );
    remoteNews = (remoteNews % 5) + 1;
    const at = now().toString({ smallestUnit: 'second' });
    const link = world.calendars.find(({ id }) => id === 'team')?.links[0];
    ledger.note({ author: 'remote', at, ...(link && { account: link.account, run: { link_id: link.id, at } }) });
    emit('replica-change', changed(true));
  };
  const sync = () => {
    if (held !== null || isEmpty) return;
    for (const [index, done] of [0, 400, 800, 1200].entries()) {
      setTimeout(() => {
        const next = snapshotOf('syncing', now(), waiting);
        const [first] = next.integrations;
        if (first) first.progress = { phase: 'pulling', done, total: 1200 };
        show(next);
      }, index * 350);
    }
    setTimeout(() => {
      arrive();
      show(snapshotOf('synced', now(), waiting));
    }, 1500);
  };
  /** Stands for the browser: `?sign-in=never` leaves it open, `?sign-in=late` lets it take too long. */
  const signIn = (account: string) =>
    new Promise<string>((resolve, reject) => {
      giveUp?.(refuse('sign_in', 'Signing in was cancelled.'));
      giveUp = reject;
      const way = parameters.get('sign-in');
      if (way === 'never') return;
      setTimeout(() => {
        if (way === 'late') {
          reject(refuse('sign_in', 'The sign-in was not completed within five minutes. Start it again.'));
          return;
        }
        show(snapshotOf('synced', now(), waiting));
        resolve(account);
      }, 1200);
    });
  const remotes = (): RemoteCalendarView[] => {
    const remote = (integration_id: string, id: string, name: string, hue: number, writable = true): RemoteCalendarView => {
      const remoteId = `${id}@group.calendar.example`;
      const home = world.calendars.find(({ links }) => links.some((link) => link.remote_calendar_id === remoteId));
      return {
        integration_id,
        id: remoteId,
        name,
        color: calendarColor(hue),
        time_zone: viewer,
        access: writable ? 'owner' : 'reader',
        writable,
        primary: false,
        linked_to: home?.id ?? null,
        link_id: home?.links.find((link) => link.remote_calendar_id === remoteId)?.id ?? null,
        is_new: id === 'garden' && isGardenNew && home === undefined,
      };
    };
    return [
      remote(WORK, 'mine', 'Mara', 2),
      remote(WORK, 'team', 'Team', 0),
      remote(WORK, 'hiring', 'Hiring', 9),
      remote(WORK, 'releases', 'Releases', 7, false),
      remote(WORK, 'rooms', 'Meeting rooms', 6, false),
      remote(HOME, 'home', 'Home', 4),
      remote(HOME, 'climbing', 'Climbing', 10),
      remote(HOME, 'garden', 'Garden', 5),
      remote(HOME, 'holidays', 'Holidays', 8, false),
      ...SOURCES.map(({ id, title }, index): RemoteCalendarView => ({ ...remote(STUDIO, id, title, 3 + index), id, color: null, time_zone: null, is_new: false, linked_to: world.calendars.find(({ links }) => links.some((known) => known.remote_calendar_id === id))?.id ?? null, link_id: world.calendars.flatMap(({ links }) => links).find((known) => known.remote_calendar_id === id)?.id ?? null })),
    ];
  };
  const unlink = (linkId: string, parting: Parting) => {
    world.calendars = world.calendars
      .filter((calendar) => parting !== 'remove_here' || !calendar.links.some(({ id }) => id === linkId))
      .map((calendar) => ({ ...calendar, links: calendar.links.filter(({ id }) => id !== linkId) }));
    emit('replica-change', { kind: 'calendars' });
    return { titles: [], removed: 0, kept: 0 };
  };
  const linkTo = (calendar_id: CalendarId | null, integration_id: IntegrationId, remote_calendar_id: RemoteCalendarId, direction: SyncDirection): CalendarView => {
    const remote = remotes().find(({ id }) => id === remote_calendar_id);
    if (!remote) throw refuse('not_found', 'That calendar is no longer at Google.');
    const made = {
      id: `link-${remote_calendar_id}`,
      integration_id,
      provider: integration_id === STUDIO ? ('notion' as const) : ('google' as const),
      account: ACCOUNTS[integration_id] ?? '',
      remote_calendar_id,
      remote_name: remote.name,
      direction,
      last_pulled_at: null,
    };
    const known = world.calendars.find(({ id }) => id === calendar_id);
    const calendar = known
      ? { ...known, links: [...known.links, made] }
      : {
          id: remote_calendar_id.split('@')[0] ?? remote_calendar_id,
          name: remote.name,
          color: remote.color ?? '#7986cb',
          time_zone: viewer,
          visible: true,
          default_reminders: [],
          writable: remote.writable && direction !== 'pull_only',
          links: [made],
        };
    world.calendars = known ? world.calendars.map((other) => (other.id === calendar.id ? calendar : other)) : [...world.calendars, calendar];
    emit('replica-change', { kind: 'calendars' });
    return calendar;
  };

  const answers: Answers = {
    ...shellAnswers(),
    occurrences: ({ window }) => world.occurrences(window),
    search: ({ text, limit }) => world.search(text, now(), limit),
    event: ({ target }) => world.event(target),
    create_event: ({ draft }) => edited(world.create(draft)),
    change_event: ({ change }) => edited(world.change(change)),
    delete_event: ({ target }) => edited(world.remove(target)),
    answer_event: ({ answer }) => edited(world.answer(answer)),
    move_event: ({ wish }) => {
      const answer = world.move(wish);
      return answer.kind === 'moved' ? edited(answer) : answer;
    },
    edit_scopes: ({ key }) => world.scopes(key),
    preview_series: ({ first, recurrence, from, limit }) => {
      const [rule] = recurrence.rules;
      if (rule === undefined) return [];
      if (parseRule(rule) === null) throw refuse('invalid', `“${rule}” is not a recurrence rule.`, 'recurrence');
      const far = Temporal.Instant.from(from).add({ hours: 24 * 4000 });
      return expand(first, rule, far, viewer)
        .map(({ when }) => when)
        .filter((when) => Temporal.Instant.compare(spanOf(when, viewer).start, Temporal.Instant.from(from)) >= 0)
        .slice(0, limit);
    },
    undo: ({ token }) => {
      const receipt = edited(world.undo(token));
      emit('replica-change', { kind: 'calendars' });
      return receipt;
    },
    calendars: () => structuredClone(world.calendars),
    create_calendar: ({ name, color, time_zone }) => {
      const calendar = { id: `local-${world.calendars.length}`, name, color, time_zone, visible: true, default_reminders: [], writable: true, links: [] };
      world.calendars.push(calendar);
      emit('replica-change', { kind: 'calendars' });
      return calendar;
    },
    create_calendar_at: ({ integration_id, name, color, time_zone }) => {
      if (name === 'Forbidden') throw refuse('invalid', 'calendar.example.org does not allow that: this account may not write there.');
      const id = `made-${world.calendars.length}`;
      const link = { id: `link-${id}`, integration_id, provider: 'caldav' as const, account: server ?? '', remote_calendar_id: `/calendars/${id}/`, remote_name: name, direction: 'bidirectional' as const, last_pulled_at: null, warnings: [] };
      const calendar = { id, name, color, time_zone, visible: true, default_reminders: [], writable: true, links: [link] };
      world.calendars.push(calendar);
      emit('replica-change', { kind: 'calendars' });
      return calendar;
    },
    set_calendar_visible: ({ calendar_id, visible }) => {
      world.calendars = world.calendars.map((calendar) => (calendar.id === calendar_id ? { ...calendar, visible } : calendar));
      emit('replica-change', { kind: 'calendars' });
      return null;
    },
    remote_calendars: ({ integration_id }) => {
      if (parameters.get('remotes') === 'unreachable') throw refuse('remote', 'Google cannot be reached.');
      return remotes().filter((remote) => integration_id === null || remote.integration_id === integration_id);
    },
    plan_link: ({ calendar_id, remote_calendar_id, direction }) => {
      const remote = remotes().find(({ id }) => id === remote_calendar_id);
      const name = remote?.name ?? '';
      const calendar = world.calendars.find(({ id }) => id === calendar_id)?.name ?? name;
      return { calendar, remote_name: name, direction, matched: 3, differing: 1, ambiguous: 2, new_here: 4, new_there: 1, wants_a_look: true, ambiguous_titles: ['Lunch'], new_here_titles: ['Compost', 'Seeds'], new_there_titles: ['Dentist'] };
    },
    change_calendar: ({ calendar_id, change }) => {
      const calendar = world.calendars.find(({ id }) => id === calendar_id);
      if (!calendar) throw refuse('not_found', 'This calendar is not there any more.');
      const given = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== null && value !== undefined));
      Object.assign(calendar, given);
      emit('replica-change', { kind: 'calendars' });
      return calendar;
    },
    known_remote_calendars: () => remotes(),
    dismiss_new_calendars: () => {
      isGardenNew = false;
      emit('replica-change', { kind: 'remote_calendars' });
      return null;
    },
    link_calendar: ({ calendar_id, integration_id, remote_calendar_id, direction }) => linkTo(calendar_id, integration_id, remote_calendar_id, direction),
    choose_calendars: ({ integration_id, remote_calendar_ids, parting }) => {
      const theirs = remotes().filter((known) => known.integration_id === integration_id);
      for (const { link_id, id } of theirs) {
        if (link_id !== null && !remote_calendar_ids.includes(id)) unlink(link_id, parting);
      }
      return theirs
        .filter(({ id, link_id }) => remote_calendar_ids.includes(id) !== (link_id !== null))
        .map(({ id, name, link_id }) => ({
          remote_calendar_id: id,
          name,
          linked_to: link_id === null ? linkTo(null, integration_id, id, 'bidirectional').id : null,
          failure: null,
        }));
    },
    leaving_link: ({ link_id }) => {
      const calendars = world.calendars.filter((calendar) => calendar.links.some(({ id }) => id === link_id));
      return { name: calendars[0]?.name ?? '', calendars: calendars.map(({ name }) => name), unsent: snapshot.queue.filter((item) => item.link_id === link_id) };
    },
    unlink_calendar: ({ link_id, parting }) => unlink(link_id, parting),
    clean_up: () => ({ titles: [], removed: 0, kept: 0 }),
    read_anew: () => {
      sync();
      return null;
    },
    add_google_account: () => signIn(WORK),
    add_notion_account_in_browser: () => signIn(STUDIO),
    add_caldav_account: ({ place, secret }) => {
      if (secret === 'wrong') throw refuse('sign_in', `${place.place} does not take this name and password. Check both; where you sign in with a second factor, make a password for this app in your account there.`);
      if (place.certificate !== null && !place.certificate.endsWith('.pem')) throw refuse('invalid', `The certificate ${place.certificate} cannot be read: there is no certificate in it, as PEM files have them.`);
      server = place.user === null ? place.place : `${place.user} (${place.place})`;
      show(snapshot);
      return SERVER;
    },
    subscribe: ({ address }) => {
      const calendar = subscribed(address, viewer);
      world.calendars.push(calendar);
      emit('replica-change', { kind: 'calendars' });
      return calendar;
    },
    add_notion_account: ({ token }) => {
      if (!token.startsWith('ntn_')) throw refuse('sign_in', 'Notion does not know this token. Copy the secret of your connection from Notion’s settings, all of it, and paste it again.');
      hasStudio = true;
      show(snapshot);
      return STUDIO;
    },
    notion_data_sources: () => ({ sources: [...SOURCES], hint: null }),
    propose_notion_mapping: ({ data_source_id }) => ({ ...proposal, source: SOURCES.find(({ id }) => id === data_source_id) ?? proposal.source }),
    notion_mapping: () => ({ ...proposal, mapping: mapping ?? proposal.mapping }),
    plan_notion_mapping: ({ choice }) => planOf(mapping ?? proposal.mapping, choice),
    set_notion_mapping: ({ choice }) => {
      mapping = choice.mapping;
      return { ...proposal, mapping };
    },
    link_notion: ({ calendar_id, data_source_id, direction, choice }) => {
      mapping = choice.mapping;
      return linkTo(calendar_id, STUDIO, data_source_id, direction);
    },
    begin_notion_webhook: () => {
      if (parameters.get('webhooks') === 'no') throw refuse('invalid', 'Notion cannot reach Synodic. Set SYNODIC_WEBHOOK_URL to a public https address that leads here, and start Synodic again.');
      askedForToken = 0;
      return subscription(0);
    },
    // Notion's token comes when the person has made the subscription; here, after the second look.
    notion_webhook: () => subscription(++askedForToken),
    cancel_sign_in: () => {
      giveUp?.(refuse('sign_in', 'Signing in was cancelled.'));
      return null;
    },
    sign_in_again: ({ integration_id }) => signIn(integration_id),
    leaving_account: ({ integration_id }) => {
      const calendars = world.calendars.filter((calendar) => calendar.links.some((known) => known.integration_id === integration_id));
      const account = snapshot.integrations.find(({ id }) => id === integration_id)?.account ?? '';
      return { name: account, calendars: calendars.map(({ name }) => name), unsent: snapshot.queue.filter((item) => item.integration_id === integration_id) };
    },
    google_client: () => client,
    set_google_client: ({ id, secret }) => {
      client = id === null ? { origin: 'nowhere', id: null, has_secret: false } : { origin: 'settings', id, has_secret: secret !== null };
      return client;
    },
    remove_account: ({ integration_id, keep_events }) => {
      const isTheirs = (calendar: (typeof world.calendars)[number]) => calendar.links.some((link) => link.integration_id === integration_id);
      if (!keep_events) world.calendars = world.calendars.filter((calendar) => !isTheirs(calendar));
      world.calendars = world.calendars.map((calendar) => (isTheirs(calendar) ? { ...calendar, links: [] } : calendar));
      show({ ...snapshot, integrations: snapshot.integrations.filter(({ id }) => id !== integration_id) });
      emit('replica-change', { kind: 'calendars' });
      return { account: '', consent_ended: true };
    },
    retry_edit: ({ queue_id }) => {
      show({ ...snapshot, queue: snapshot.queue.map((item) => (item.id === queue_id ? { ...item, status: 'PENDING', last_error: null } : item)) });
      return null;
    },
    discard_edit: ({ queue_id }) => {
      show({ ...snapshot, queue: snapshot.queue.filter((item) => item.id !== queue_id) });
      return null;
    },
    event_history: ({ event_id }) => ledger.of(event_id),
    why: ({ event_id }) => ledger.why(event_id),
    deleted_events: () => ledger.deleted(),
    dashboard: ({ edges }) => dashboardOf(edges, snapshot),
    sync_log: ({ query }) => logLinesOf(query, snapshot),
    runs: () => ledger.runs(),
    revert_run: ({ run }) => edited(ledger.revertRun(run)),
    revert_change: ({ id }) => edited(ledger.revert(id)),
    history_days: () => historyDays,
    set_history_days: ({ days }) => {
      historyDays = days ?? 90;
      return null;
    },
    reviews: () => [],
    discard_review: () => null,
    conflicts: () => (held === 'conflict' ? conflictsIn(world, viewer) : []),
    resolve_conflict: ({ event_id }) => ({ event: world.event({ kind: 'event', id: event_id }), undo: 0 }),
    conflict_policy: () => policy,
    set_link_policy: ({ policy: chosen }) => {
      policy = chosen ?? 'last_write_wins';
      return null;
    },
    set_account_policy: () => null,
    sync_now: () => {
      sync();
      return null;
    },
    approve_review: ({ link_id }) => {
      for (const row of world.rows.values()) {
        if (world.calendars.some(({ id, links }) => id === row.calendar_id && links.some((link) => link.id === link_id))) world.rows.delete(row.id);
      }
      show(snapshotOf('synced', now(), waiting));
      emit('replica-change', changed(true));
      return null;
    },
    sync_account: async ({ integration_id }) => {
      const at = now().toString({ smallestUnit: 'second' });
      const during = (state: SyncState): SyncSnapshot => ({
        ...snapshot,
        integrations: snapshot.integrations.map((account) => (account.id === integration_id ? { ...account, state, since: at, last_success_at: state === 'synced' ? at : account.last_success_at } : account)),
      });
      show(during('syncing'));
      await new Promise((resolve) => setTimeout(resolve, 900));
      show(during('synced'));
      return null;
    },
    pause: ({ until }) => {
      show({ ...snapshotOf('paused', now(), waiting), paused: { since: now().toString(), until } });
      return null;
    },
    resume: () => {
      show(snapshotOf('synced', now(), waiting));
      return null;
    },
    sync_snapshot: () => withStudio(snapshot),
    app_info: () => ({
      version: '0.1.0',
      demo: true,
      time_zone: viewer,
      data_dir: 'in memory',
      google_configured: client.origin !== 'nowhere',
    }),
    navigations: () => {
      const path = opened;
      opened = null;
      return path === null ? [] : [{ kind: 'import', path }];
    },
    hand_in_file: (bytes) => files.handIn(bytes),
    open_file: () => files.handIn(clubFile(viewer)),
    plan_import: ({ file, calendar_id }) => files.plan(file, calendar_id),
    import_file: ({ file, place, choice }) => {
      const report = files.take(file, place, choice);
      const total = report.created + report.replaced + report.skipped + report.same;
      emit('import-progress', { done: total, total });
      return edited(report);
    },
    put_file_away: ({ file }) => {
      files.putAway(file);
      return null;
    },
    export_calendar: ({ wish }) => {
      const { name, text, events } = files.export(wish);
      download(name, 'text/calendar', text);
      return { path: `~/Downloads/${name}`, events };
    },
    diagnostics: () => ({ at: now().toString({ smallestUnit: 'second' }), version: '0.1.0', state: snapshot.state, calendars: world.calendars.length, history_days: historyDays }),
  };

  return {
    call: async (command, arguments_) => structuredClone(await answers[command](arguments_)),
    listen: (event, handler) => {
      handlers[event].add(handler);
      return () => handlers[event].delete(handler);
    },
  };
}
