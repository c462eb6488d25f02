//! The local calendars, and the links that keep them in step with remote ones.

use std::collections::BTreeMap;

use chrono_tz::Tz;
use serde_json::Value;
use synodic_model::listing::RemoteCalendar;
use synodic_model::sync::{
    Calendar, Integration, Link, Operation, PRIORITY_BACKGROUND, ProviderKind, SyncDirection,
};
use synodic_model::{CalendarId, IntegrationId, LinkId, Reminder, RemoteCalendarId};
use synodic_providers::{NotifyAttendees, Provider};
use synodic_store::{Durability, Transaction};

use crate::edit::access::{Home, homes};
use crate::engine::{Engine, Inner};
use crate::error::EngineError;
use crate::queue::{Mark, mark_dirty};
use crate::review::approve_outgoing;
use crate::view::{CalendarChange, CalendarView, Change, LinkView, RemoteCalendarView};

mod listing;
mod making;
pub(crate) mod parting;
mod plan;

/// The longest name of a calendar, in bytes.
const NAME_LIMIT: usize = 200;

/// The most reminders that events of a calendar have by default; Google takes as many.
const REMINDERS_LIMIT: usize = 5;

/// The colour of a calendar whose remote one has none.
const PLAIN_COLOR: &str = "#5b7fdb";

impl Engine {
    /// All calendars with their links, in the order in which they are shown.
    ///
    /// # Errors
    /// [`EngineError::Store`] when the replica cannot be read.
    pub async fn calendars(&self) -> Result<Vec<CalendarView>, EngineError> {
        let store = &self.inner.store;
        let (calendars, links) = (store.calendars().await?, store.links().await?);
        let accounts = accounts_by_id(store.integrations().await?);
        let order: Vec<CalendarId> = calendars.iter().map(|calendar| calendar.id).collect();
        let homes = homes(calendars, links);
        let mut views: Vec<_> =
            order.iter().filter_map(|id| homes.get(id)).map(|home| view_of(home, &accounts)).collect();
        let shown = homes.values().flat_map(|home| &home.links);
        let warnings: BTreeMap<LinkId, Vec<String>> = shown
            .filter_map(|link| {
                // What a client has to say it learnt at work; none is made for this, which might wait for the keyring.
                let client = self.inner.clients.made(link.integration_id)?;
                Some((link.id, client.notices(link.into())))
            })
            .collect();
        for link in views.iter_mut().flat_map(|view| &mut view.links) {
            link.warnings = warnings.get(&link.id).cloned().unwrap_or_default();
        }
        Ok(views)
    }

    /// Makes a calendar that is linked to nothing, below all others.
    ///
    /// # Errors
    /// [`EngineError::Unacceptable`] for an empty name, a colour that is not `#rrggbb` or a zone that nobody knows;
    /// [`EngineError::Store`] when it cannot be written.
    pub async fn create_calendar(
        &self,
        name: String,
        color: String,
        time_zone: String,
    ) -> Result<CalendarView, EngineError> {
        let calendar = Calendar {
            id: self.inner.new_calendar_id(),
            name: acceptable_name(&name)?,
            color: acceptable_color(&color)?,
            time_zone: acceptable_zone(&time_zone)?.name().to_owned(),
            visible: true,
            position: 0,
            default_reminders: Vec::new(),
        };
        let mut transaction = self.inner.store.begin(Durability::Edit).await?;
        let calendar = put_last(&mut transaction, calendar).await?;
        transaction.commit().await?;
        self.inner.notify(Change::Calendars);
        Ok(view_of(&Home { calendar, links: Vec::new() }, &BTreeMap::new()))
    }

    /// Changes how a calendar looks and what its new events start from. What is changed here does not follow the
    /// service's calendar any more.
    ///
    /// # Errors
    /// As [`Engine::create_calendar`], and [`EngineError::NotFound`] when there is no such calendar.
    pub async fn change_calendar(
        &self,
        id: CalendarId,
        change: CalendarChange,
    ) -> Result<CalendarView, EngineError> {
        let mut transaction = self.inner.store.begin(Durability::Edit).await?;
        let mut calendar =
            transaction.calendar(id).await?.ok_or(EngineError::NotFound { what: "calendar" })?;
        if let Some(name) = change.name {
            calendar.name = acceptable_name(&name)?;
        }
        if let Some(color) = change.color {
            calendar.color = acceptable_color(&color)?;
        }
        if let Some(zone) = change.time_zone {
            acceptable_zone(&zone)?.name().clone_into(&mut calendar.time_zone);
        }
        if let Some(reminders) = change.default_reminders {
            calendar.default_reminders = acceptable_reminders(reminders)?;
        }
        transaction.put_calendar(&calendar).await?;
        let links = transaction.links_of_calendar(id).await?;
        transaction.commit().await?;
        self.inner.notify(Change::Calendars);
        self.inner.notify(Change::Events { calendar_ids: vec![id], from_remote: false });
        let accounts = accounts_by_id(self.inner.store.integrations().await?);
        Ok(view_of(&Home { calendar, links }, &accounts))
    }

    /// Shows or hides the events of a calendar. Hidden ones are kept in step all the same.
    ///
    /// # Errors
    /// [`EngineError::NotFound`] when there is no such calendar, [`EngineError::Store`] when it cannot be written.
    pub async fn set_calendar_visible(&self, id: CalendarId, visible: bool) -> Result<(), EngineError> {
        let mut transaction = self.inner.store.begin(Durability::Edit).await?;
        let calendar = transaction.calendar(id).await?.ok_or(EngineError::NotFound { what: "calendar" })?;
        transaction.put_calendar(&Calendar { visible, ..calendar }).await?;
        transaction.commit().await?;
        self.inner.notify(Change::Calendars);
        self.inner.notify(Change::Events { calendar_ids: vec![id], from_remote: false });
        Ok(())
    }

    /// Asks one account, or all of them, for the calendars that may be linked. Of all, those that cannot be reached are
    /// left out, unless nobody answers.
    ///
    /// # Errors
    /// [`EngineError::Provider`] when the service cannot be reached, [`EngineError::NotFound`] when there is no such
    /// account.
    pub async fn remote_calendars(
        &self,
        integration: Option<IntegrationId>,
    ) -> Result<Vec<RemoteCalendarView>, EngineError> {
        if let Some(id) = integration {
            return self.inner.remote_calendars_of(&self.integration(id).await?).await;
        }
        let (mut found, mut failure, mut answers) = (Vec::new(), None, 0);
        for integration in self.inner.store.integrations().await? {
            match self.inner.remote_calendars_of(&integration).await {
                Ok(calendars) => {
                    answers += 1;
                    found.extend(calendars);
                }
                Err(error) => {
                    tracing::warn!(integration = %integration.id, %error, "The calendars of an account cannot be listed.");
                    failure = Some(error);
                }
            }
        }
        failure.filter(|_| answers == 0).map_or(Ok(found), Err)
    }

    /// Links a calendar to a remote one and has it read. Without a calendar, the one that was linked to it before takes
    /// up again, or one is made in the remote one's likeness. What the service does not let us write becomes a link that
    /// only pulls.
    ///
    /// The events that the calendar has already are marked to be sent in the same transaction, after everything else.
    /// They go out behind the link's first pull, which finds those that the remote has too by their UID and ties the
    /// two together, so that nothing is doubled.
    ///
    /// # Errors
    /// [`EngineError::Unacceptable`] when the remote calendar is linked already, or shall be written and cannot be;
    /// [`EngineError::NotFound`] when one of the three is not there; [`EngineError::Provider`] when the service cannot
    /// be reached; [`EngineError::Store`] when the link cannot be written.
    pub async fn link_calendar(
        &self,
        calendar: Option<CalendarId>,
        integration: IntegrationId,
        remote: RemoteCalendarId,
        direction: SyncDirection,
    ) -> Result<CalendarView, EngineError> {
        let integration = self.integration(integration).await?;
        // Before anything is asked of the service, and again below: another link may have been made meanwhile.
        refuse_second_link(&self.inner.store.links().await?, &integration, &remote)?;
        if integration.provider == ProviderKind::Notion {
            return self.link_notion(calendar, integration.id, remote, direction, None).await;
        }
        let remote = self.inner.remote_calendar(&integration, &remote).await?;
        self.link_with(calendar, &integration, remote, direction, Value::Null).await
    }

    /// Links a calendar on the terms of `settings`.
    pub(crate) async fn link_with(
        &self,
        calendar: Option<CalendarId>,
        integration: &Integration,
        remote: RemoteCalendar,
        direction: SyncDirection,
        settings: Value,
    ) -> Result<CalendarView, EngineError> {
        let direction = acceptable_direction(&remote, direction)?;
        let mut transaction = self.inner.store.begin(Durability::Edit).await?;
        refuse_second_link(&transaction.links().await?, integration, &remote.id)?;
        let calendar = match calendar {
            Some(id) => transaction.calendar(id).await?.ok_or(EngineError::NotFound { what: "calendar" })?,
            None => match former_calendar(&mut transaction, integration.id, &remote.id).await? {
                Some(former) => former,
                None => put_last(&mut transaction, self.inner.calendar_like(&remote)).await?,
            },
        };
        let link = Link { settings, ..self.inner.new_link(&calendar, integration, &remote, direction) };
        transaction.put_link(&link).await?;
        self.inner.mark_all(&mut transaction, &link).await?;
        // Whoever links has seen the plan of it.
        approve_outgoing(&mut transaction, link.id).await?;
        let links = transaction.links_of_calendar(calendar.id).await?;
        transaction.commit().await?;

        if let Some(worker) = self.inner.worker(integration.id) {
            worker.reload();
            worker.pull(Some(link.id));
            worker.edited();
        }
        self.inner.tell_links_changed().await;
        let accounts = accounts_by_id(self.inner.store.integrations().await?);
        Ok(view_of(&Home { calendar, links }, &accounts))
    }
}

impl Inner {
    fn new_calendar_id(&self) -> CalendarId {
        CalendarId::new(self.chance.id(self.clock.now()))
    }

    async fn remote_calendars_of(
        &self,
        integration: &Integration,
    ) -> Result<Vec<RemoteCalendarView>, EngineError> {
        let remotes = self.provider(integration).await?.remote_calendars().await?;
        self.take_listing(integration.id, remotes).await?;
        Ok(self.listed_views(integration.id).await?)
    }

    async fn remote_calendar(
        &self,
        integration: &Integration,
        id: &RemoteCalendarId,
    ) -> Result<RemoteCalendar, EngineError> {
        let remotes = self.provider(integration).await?.remote_calendars().await?;
        let remote = remotes.iter().find(|remote| remote.id == *id).cloned();
        self.take_listing(integration.id, remotes).await?;
        remote.ok_or(EngineError::NotFound { what: "calendar at the service" })
    }

    /// A calendar that looks as the remote one does; what that leaves open is filled in.
    fn calendar_like(&self, remote: &RemoteCalendar) -> Calendar {
        let zone: Option<Tz> = remote.time_zone.as_deref().and_then(|name| name.parse().ok());
        let color = remote.color.as_deref().and_then(|color| acceptable_color(color).ok());
        Calendar {
            id: self.new_calendar_id(),
            name: remote.name.clone(),
            color: color.unwrap_or_else(|| PLAIN_COLOR.to_owned()),
            time_zone: zone.unwrap_or(self.config.viewer).name().to_owned(),
            visible: true,
            position: 0,
            default_reminders: remote.default_reminders.clone(),
        }
    }

    fn new_link(
        &self,
        calendar: &Calendar,
        integration: &Integration,
        remote: &RemoteCalendar,
        direction: SyncDirection,
    ) -> Link {
        Link {
            id: LinkId::new(self.chance.id(self.clock.now())),
            calendar_id: calendar.id,
            integration_id: integration.id,
            remote_calendar_id: remote.id.clone(),
            remote_name: remote.name.clone(),
            direction,
            settings: Value::Null,
            cursor: None,
            generation: 0,
            webhook: None,
            last_pulled_at: None,
        }
    }

    /// Marks all events of a newly linked calendar, a series before what belongs to it.
    async fn mark_all(&self, transaction: &mut Transaction, link: &Link) -> Result<(), EngineError> {
        if !link.direction.pushes() {
            return Ok(());
        }
        let events = transaction.events_of_calendar(link.calendar_id).await?;
        let dirty: Vec<_> = events.into_iter().map(|event| (event, Operation::Upsert)).collect();
        let mark =
            Mark { priority: PRIORITY_BACKGROUND, notify: NotifyAttendees::Nobody, now: self.clock.now() };
        Ok(mark_dirty(transaction, &dirty, std::slice::from_ref(link), mark).await?)
    }

    /// Tells the faces that calendars, links or accounts are others now.
    pub(crate) async fn tell_links_changed(&self) {
        self.notify(Change::Calendars);
        self.refresh_snapshot().await;
    }
}

async fn put_last(transaction: &mut Transaction, calendar: Calendar) -> Result<Calendar, EngineError> {
    let last = transaction.calendars().await?.iter().map(|calendar| calendar.position).max();
    let calendar = Calendar { position: last.map_or(0, |position| position + 1), ..calendar };
    transaction.put_calendar(&calendar).await?;
    Ok(calendar)
}

/// The calendar that was last linked with a remote one, if it is there and linked to nothing now.
async fn former_calendar(
    transaction: &mut Transaction,
    integration: IntegrationId,
    remote: &RemoteCalendarId,
) -> Result<Option<Calendar>, EngineError> {
    let listed = transaction.listed_calendars(integration).await?;
    let former =
        listed.into_iter().find(|listed| listed.calendar.id == *remote).and_then(|listed| listed.former);
    match former {
        Some(id) if transaction.links_of_calendar(id).await?.is_empty() => {
            Ok(transaction.calendar(id).await?)
        }
        Some(_) | None => Ok(None),
    }
}

pub(crate) fn refuse_second_link(
    links: &[Link],
    integration: &Integration,
    remote: &RemoteCalendarId,
) -> Result<(), EngineError> {
    let taken = |link: &&Link| link.integration_id == integration.id && link.remote_calendar_id == *remote;
    match links.iter().find(taken) {
        Some(link) => Err(EngineError::Unacceptable {
            reason: format!(
                "“{}” of {} is linked already. Unlink it first to link it elsewhere.",
                link.remote_name, integration.account
            ),
        }),
        None => Ok(()),
    }
}

fn acceptable_direction(
    remote: &RemoteCalendar,
    direction: SyncDirection,
) -> Result<SyncDirection, EngineError> {
    match direction {
        SyncDirection::PullOnly => Ok(direction),
        SyncDirection::Bidirectional if !remote.access.may_write() => Ok(SyncDirection::PullOnly),
        SyncDirection::PushOnly if !remote.access.may_write() => Err(EngineError::Unacceptable {
            reason: format!(
                "“{}” may only be read, so nothing can be sent to it. Choose another one.",
                remote.name
            ),
        }),
        SyncDirection::Bidirectional | SyncDirection::PushOnly => Ok(direction),
    }
}

fn acceptable_name(name: &str) -> Result<String, EngineError> {
    let name = name.trim();
    let reason = match name.len() {
        0 => "Give the calendar a name.",
        length if length > NAME_LIMIT => "The calendar's name is too long. Choose a shorter one.",
        _ => return Ok(name.to_owned()),
    };
    Err(EngineError::Unacceptable { reason: reason.into() })
}

fn acceptable_color(color: &str) -> Result<String, EngineError> {
    let hex = color.strip_prefix('#').unwrap_or_default();
    if hex.len() == 6 && hex.chars().all(|digit| digit.is_ascii_hexdigit()) {
        Ok(color.to_ascii_lowercase())
    } else {
        Err(EngineError::Unacceptable {
            reason: format!("“{color}” is not a colour. Write it like {PLAIN_COLOR}."),
        })
    }
}

fn acceptable_reminders(mut reminders: Vec<Reminder>) -> Result<Vec<Reminder>, EngineError> {
    reminders.sort_unstable();
    reminders.dedup();
    if reminders.len() > REMINDERS_LIMIT {
        return Err(EngineError::Unacceptable {
            reason: format!("A calendar has at most {REMINDERS_LIMIT} reminders. Leave some out."),
        });
    }
    Ok(reminders)
}

fn acceptable_zone(name: &str) -> Result<Tz, EngineError> {
    name.parse().map_err(|_| EngineError::Unacceptable {
        reason: format!("There is no time zone “{name}”. Name one like Europe/Berlin."),
    })
}

fn accounts_by_id(integrations: Vec<Integration>) -> BTreeMap<IntegrationId, Integration> {
    integrations.into_iter().map(|integration| (integration.id, integration)).collect()
}

fn view_of(home: &Home, accounts: &BTreeMap<IntegrationId, Integration>) -> CalendarView {
    let calendar = &home.calendar;
    let links = home.links.iter().filter_map(|link| {
        let integration = accounts.get(&link.integration_id)?;
        Some(LinkView {
            id: link.id,
            integration_id: link.integration_id,
            provider: integration.provider,
            account: integration.account.clone(),
            remote_calendar_id: link.remote_calendar_id.clone(),
            remote_name: link.remote_name.clone(),
            direction: link.direction,
            last_pulled_at: link.last_pulled_at,
            warnings: Vec::new(),
        })
    });
    CalendarView {
        id: calendar.id,
        name: calendar.name.clone(),
        color: calendar.color.clone(),
        time_zone: calendar.time_zone.clone(),
        visible: calendar.visible,
        default_reminders: calendar.default_reminders.clone(),
        writable: home.is_writable(),
        links: links.collect(),
    }
}

#[cfg(test)]
mod tests {
    use synodic_model::listing::AccessRole;

    use super::*;

    fn remote(writable: bool) -> RemoteCalendar {
        RemoteCalendar {
            id: RemoteCalendarId::new("r"),
            name: "Holidays".into(),
            color: None,
            time_zone: None,
            access: if writable { AccessRole::Writer } else { AccessRole::Reader },
            primary: false,
            default_reminders: Vec::new(),
        }
    }

    #[test]
    fn what_may_only_be_read_is_only_pulled() {
        use SyncDirection::{Bidirectional, PullOnly, PushOnly};
        let chosen = |writable, direction| acceptable_direction(&remote(writable), direction).ok();
        assert_eq!(chosen(false, Bidirectional), Some(PullOnly));
        assert_eq!(chosen(false, PushOnly), None);
        assert_eq!(chosen(true, PushOnly), Some(PushOnly));
        assert_eq!(chosen(true, PullOnly), Some(PullOnly));
    }

    #[test]
    fn a_calendar_needs_a_name_a_colour_and_a_zone() {
        assert_eq!(acceptable_name("  Work ").ok().as_deref(), Some("Work"));
        assert!(acceptable_name(" ").is_err());
        assert!(acceptable_name(&"x".repeat(NAME_LIMIT + 1)).is_err());
        assert_eq!(acceptable_color("#AABBCC").ok().as_deref(), Some("#aabbcc"));
        for color in ["", "#abc", "red", "#12345g", "112233"] {
            assert!(acceptable_color(color).is_err(), "{color}");
        }
        assert!(acceptable_zone("Europe/Berlin").is_ok());
        assert!(acceptable_zone("Europe/Atlantis").is_err());
    }
}
