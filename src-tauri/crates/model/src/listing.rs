//! The calendars of an account as its service lists them, and what follows when the list has changed.
//!
//! [`take_listing`] compares a list with the one before and says what becomes of the links and calendars here. The
//! person's own choices stand: a name or a colour follows the service's only as long as it is the service's. What may
//! not be written any more is only read from then on; what is not on the list any more rests. Neither deletes an event,
//! and both are taken back when the service takes them back.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::event::Reminder;
use crate::id::{CalendarId, IntegrationId, LinkId, RemoteCalendarId};
use crate::sync::{Calendar, Link, SyncDirection};

/// What an account may do with a calendar.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum AccessRole {
    /// See when somebody is busy, and nothing of why.
    FreeBusy,
    /// Read the events.
    Reader,
    /// Read and write the events.
    Writer,
    /// All that, and decide about the calendar itself.
    #[default]
    Owner,
}

impl AccessRole {
    /// Whether events may be written.
    #[must_use]
    pub const fn may_write(self) -> bool {
        matches!(self, Self::Writer | Self::Owner)
    }
}

/// A collection at a service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RemoteCalendar {
    /// The service's id.
    pub id: RemoteCalendarId,
    /// Display name.
    pub name: String,
    /// Display colour as `#rrggbb`, if it has one.
    pub color: Option<String>,
    /// IANA zone, if it has one.
    pub time_zone: Option<String>,
    /// What the account may do with it.
    pub access: AccessRole,
    /// Whether it is the account's main calendar.
    pub primary: bool,
    /// Reminders that its events have by default.
    pub default_reminders: Vec<Reminder>,
}

/// A collection as it was last listed, and what the replica remembers of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedCalendar {
    /// The account.
    pub integration_id: IntegrationId,
    /// What the service says of it.
    pub calendar: RemoteCalendar,
    /// Whether it appeared after the account was connected, and the person has not been asked about it yet.
    pub is_new: bool,
    /// Since when its link rests, because the account cannot see it, or not use it as the link needs.
    pub resting_since: Option<DateTime<Utc>>,
    /// Which way its link went before the account lost the right to write.
    pub held_back: Option<SyncDirection>,
    /// The local calendar that was last linked with it, if that is still there.
    pub former: Option<CalendarId>,
}

/// A list, and what was known before it.
#[derive(Clone, Debug)]
pub struct Listing<'a> {
    /// The account.
    pub integration_id: IntegrationId,
    /// The list before; empty when there was none.
    pub known: &'a [ListedCalendar],
    /// What the service lists now.
    pub listed: Vec<RemoteCalendar>,
    /// The account's links.
    pub links: &'a [Link],
    /// Links whose calendar the service would not read when it was last asked. Some services leave out of a list what is
    /// there all the same, so only these are taken for gone when they are not listed.
    pub refused: &'a BTreeSet<LinkId>,
    /// The local calendars.
    pub calendars: &'a [Calendar],
    /// Now.
    pub now: DateTime<Utc>,
}

/// What follows from a list. Whatever is not named stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListUpdate {
    /// Rows to be written.
    pub rows: Vec<ListedCalendar>,
    /// Rows to be removed.
    pub forgotten: Vec<RemoteCalendarId>,
    /// Links to be written.
    pub links: Vec<Link>,
    /// Local calendars to be written.
    pub calendars: Vec<Calendar>,
    /// Links that take no edits from now on; what waits for them is to be shown.
    pub closed: Vec<LinkId>,
    /// Links that take edits again.
    pub reopened: Vec<LinkId>,
}

impl ListUpdate {
    /// Whether anything is to be done.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// Says what follows from a list.
#[must_use]
pub fn take_listing(listing: &Listing<'_>) -> ListUpdate {
    let mut update = ListUpdate::default();
    let mut calendars = listing.calendars.to_vec();
    let is_first = listing.known.is_empty();
    for remote in &listing.listed {
        let known = listing.known.iter().find(|known| known.calendar.id == remote.id);
        let link = listing.links.iter().find(|link| link.remote_calendar_id == remote.id);
        let mut row = ListedCalendar {
            integration_id: listing.integration_id,
            calendar: remote.clone(),
            is_new: known.map_or(!is_first, |known| known.is_new) && link.is_none(),
            resting_since: None,
            held_back: known.and_then(|known| known.held_back).filter(|_| link.is_some()),
            former: known.and_then(|known| known.former),
        };
        if let Some(link) = link {
            follow(&mut calendars, link, known.map(|known| &known.calendar), remote);
            let was_resting = known.is_some_and(|known| known.resting_since.is_some());
            let after = with_access(link, &mut row, known, listing.now);
            let (took, takes) = (link.direction.pushes(), after.direction.pushes());
            let rests = row.resting_since.is_some();
            if took && !takes || !was_resting && rests {
                update.closed.push(link.id);
            } else if !took && takes || was_resting && !rests {
                update.reopened.push(link.id);
            }
            if after != *link {
                update.links.push(after);
            }
        }
        if known != Some(&row) {
            update.rows.push(row);
        }
    }
    take_absences(listing, &mut update);
    update.calendars =
        calendars.into_iter().filter(|calendar| !listing.calendars.contains(calendar)).collect();
    update
}

/// What was known and is not listed: a link to it rests if the service would not read it either, the rest is forgotten.
fn take_absences(listing: &Listing<'_>, update: &mut ListUpdate) {
    let is_listed = |id: &RemoteCalendarId| listing.listed.iter().any(|remote| remote.id == *id);
    for known in listing.known.iter().filter(|known| !is_listed(&known.calendar.id)) {
        match listing.links.iter().find(|link| link.remote_calendar_id == known.calendar.id) {
            Some(link) if known.resting_since.is_none() && listing.refused.contains(&link.id) => {
                update.rows.push(ListedCalendar { resting_since: Some(listing.now), ..known.clone() });
                update.closed.push(link.id);
            }
            Some(_) => {}
            None => update.forgotten.push(known.calendar.id.clone()),
        }
    }
    let is_known = |id: &RemoteCalendarId| listing.known.iter().any(|known| known.calendar.id == *id);
    for link in listing.links {
        let is_told_of = is_listed(&link.remote_calendar_id) || is_known(&link.remote_calendar_id);
        if is_told_of || !listing.refused.contains(&link.id) {
            continue;
        }
        update.rows.push(ListedCalendar {
            integration_id: listing.integration_id,
            calendar: RemoteCalendar {
                id: link.remote_calendar_id.clone(),
                name: link.remote_name.clone(),
                color: None,
                time_zone: None,
                access: AccessRole::Reader,
                primary: false,
                default_reminders: Vec::new(),
            },
            is_new: false,
            resting_since: Some(listing.now),
            held_back: None,
            former: None,
        });
        update.closed.push(link.id);
    }
}

/// Lets a local calendar follow what the person has left as the service had it.
fn follow(calendars: &mut [Calendar], link: &Link, before: Option<&RemoteCalendar>, remote: &RemoteCalendar) {
    let Some(calendar) = calendars.iter_mut().find(|calendar| calendar.id == link.calendar_id) else {
        return;
    };
    let former_name = before.map_or(&link.remote_name, |before| &before.name);
    if calendar.name == *former_name {
        calendar.name.clone_from(&remote.name);
    }
    let Some(before) = before else { return };
    if before.color.as_ref() == Some(&calendar.color)
        && let Some(color) = &remote.color
    {
        calendar.color.clone_from(color);
    }
    if before.time_zone.as_ref() == Some(&calendar.time_zone)
        && let Some(zone) = &remote.time_zone
    {
        calendar.time_zone.clone_from(zone);
    }
    if before.default_reminders == calendar.default_reminders {
        calendar.default_reminders.clone_from(&remote.default_reminders);
    }
}

/// The link as the account's present rights allow it, and as the person wanted it as far as they do.
fn with_access(
    link: &Link,
    row: &mut ListedCalendar,
    known: Option<&ListedCalendar>,
    now: DateTime<Utc>,
) -> Link {
    let mut link = Link { remote_name: row.calendar.name.clone(), ..link.clone() };
    if row.calendar.access.may_write() {
        if let (Some(wished), SyncDirection::PullOnly) = (row.held_back.take(), link.direction) {
            link.direction = wished;
        }
        return link;
    }
    match link.direction {
        SyncDirection::PullOnly => {}
        SyncDirection::Bidirectional => {
            link.direction = SyncDirection::PullOnly;
            row.held_back = Some(SyncDirection::Bidirectional);
        }
        // Reading instead would bring in what the person did not ask for.
        SyncDirection::PushOnly => {
            row.resting_since = known.and_then(|known| known.resting_since).or(Some(now));
        }
    }
    link
}
