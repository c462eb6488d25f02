//! Any calendar server that speaks the open standard: iCloud, Fastmail, Nextcloud, Radicale, Xandikos and many more.
//!
//! * [`discover`] finds an account's calendars from an address; `account` is what is kept of that, `calendars` lists them, `make` makes new ones.
//! * `moving` takes events from one calendar to another.
//! * `client` carries single requests: `auth` says who is asking, `trust` which hosts may see the password, `records` what DNS knows, `xml` reads
//!   what they answer. `changes` finds what changed, `pull` reads it, `push` writes, `resource` is what one resource holds,
//!   whose text `synodic-icalendar` reads and patches.
//! * `names` says what events are called.
//!
//! # One resource, several events
//!
//! A server keeps a series and its edited occurrences in one resource under one `ETag`; the replica has a row for each.
//! Each row's version is therefore a hash of what *its* component says, not the `ETag`: a change of one occurrence is
//! none of the others, and a server that writes our text down in another order has not changed anything. Before a write
//! the resource is read, the component compared with the version that the write was made from, its text patched, and the
//! whole sent back under the `ETag` that was just read. So what somebody else changes in between is refused by the server
//! and never overwritten, and what we do not understand of the text stays in it.
//!
//! An occurrence that is called off is an `EXDATE` of its series, for that is how other programs understand it. A line of
//! our own in the series (`X-SYNODIC-CALLED-OFF`) says which of its `EXDATE`s stand for rows; without it they are simply
//! part of the series, and mean the same.
//!
//! # What servers differ in
//!
//! | | Radicale 3.9 | Xandikos 0.4 |
//! | --- | --- | --- |
//! | a token that it does not know | 403 with `valid-sync-token` | 412 with `valid-sync-token` |
//! | a `UID` that lives elsewhere | 409 with `no-uid-conflict` | 412 with `no-uid-conflict` |
//! | an event that it does not accept | 400 in plain text | 412 with `valid-calendar-data` |
//! | deletion | 200 with a multistatus | 204 |
//! | a missing `VTIMEZONE` | added | left out |
//! | the first report of changes | names what was deleted | does not |
//! | a report of changes with texts | gives them | leaves them out |
//! | a token costs | reading every event | nothing |
//! | `getlastmodified` of a calendar | the newest of its files | left out |
//!
//! Classed by precondition first and status second, both come to the same.
//!
//! **Architecture invariant:** no limit is ever put on a report of changes, for servers cut off without saying so; and
//! absence means deletion only in a complete list or by a server's own word.

mod account;
mod auth;
mod calendars;
mod changes;
mod client;
mod make;
mod moving;
mod names;
mod pull;
mod push;
mod records;
mod resource;
mod trust;
mod xml;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use http::StatusCode;
use synodic_model::sync::ProviderKind;
use synodic_model::{EventContent, ExternalId, FieldSet, Reminders, RemoteCalendarId, RemoteVersion};
use url::Url;

pub use account::{CaldavAccount, discover, discover_with};
pub use records::{Dns, Service, ServiceRecords};

use crate::error::ProviderError;
use crate::transport::Surroundings;
use crate::vault::TokenVault;
use crate::{
    CalendarWish, Creation, Linked, NotifyAttendees, Provider, PullPage, PullPosition, RemoteCalendar,
    RemoteChange, RemoteEvent, RemoteOccurrence, Update,
};
use client::{Answer, Call, Dav};
use xml::Row;

/// One account at one server.
pub struct Caldav {
    dav: Dav,
    vault: Arc<dyn TokenVault>,
    place: Mutex<CaldavAccount>,
    memory: Mutex<Memory>,
    numbers: AtomicU64,
}

/// What is remembered as long as the program runs; all of it can be learnt again.
#[derive(Debug, Default)]
struct Memory {
    /// Pulls under way.
    listings: BTreeMap<RemoteCalendarId, pull::Listing>,
    /// Calendars that are too much for one answer.
    piecemeal: BTreeSet<Url>,
    /// Calendars whose server failed when it was last asked for changes.
    doubtful: BTreeSet<Url>,
    /// By calendar: resources whose addresses the server spells otherwise than we would.
    spelled: BTreeMap<Url, BTreeMap<String, String>>,
    /// Calendars of which every address was seen.
    listed: BTreeSet<Url>,
}

impl Caldav {
    /// Makes a client for an account that was found ([`discover`]); nothing is sent yet.
    pub fn with(account: CaldavAccount, vault: Arc<dyn TokenVault>, surroundings: Surroundings) -> Self {
        let dav = Dav::new(account.trusted(), account.user.clone(), Arc::clone(&vault), surroundings);
        Self {
            dav,
            vault,
            place: Mutex::new(account),
            memory: Mutex::default(),
            numbers: AtomicU64::default(),
        }
    }

    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Where the account is.
    fn place(&self) -> CaldavAccount {
        self.place.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn next_number(&self) -> u64 {
        self.numbers.fetch_add(1, Ordering::Relaxed)
    }

    /// The name of the resource that a row is about. How its server spells that is remembered: what one takes for the same
    /// address is another to the next.
    fn name_of(&self, calendar: &Url, row: &Row) -> Option<String> {
        let at = calendar.join(&row.href).ok()?;
        let name = names::resource_at(calendar, &at)?;
        let spelled = at.path_segments()?.next_back()?;
        if spelled != name || names::has_spellings(&name) {
            let ours = names::url_of(calendar, &name);
            let mut memory = self.memory();
            if ours.path_segments().and_then(|mut parts| parts.next_back()) != Some(spelled) {
                memory.spelled.entry(calendar.clone()).or_default().insert(name.clone(), spelled.to_owned());
            } else if let Some(known) = memory.spelled.get_mut(calendar) {
                known.remove(&name);
            }
        }
        Some(name)
    }

    /// The address of a resource, spelled as its server does.
    fn url_of(&self, calendar: &Url, name: &str) -> Url {
        let memory = self.memory();
        let spelled = memory.spelled.get(calendar).and_then(|known| known.get(name));
        spelled.map_or_else(|| names::url_of(calendar, name), |spelled| names::url_spelled(calendar, spelled))
    }

    /// Sends a request about a resource. One that is said not to be there may be spelled otherwise there; a list tells.
    async fn ask_for(
        &self,
        calendar: &Url,
        name: &str,
        call: impl Fn(Url) -> Call,
    ) -> Result<Answer, ProviderError> {
        let url = self.url_of(calendar, name);
        let answer = self.dav.send(call(url.clone())).await?;
        let is_gone = matches!(answer.status, StatusCode::NOT_FOUND | StatusCode::GONE);
        if !is_gone || !names::has_spellings(name) {
            return Ok(answer);
        }
        let is_listed = self.memory().listed.contains(calendar);
        if !is_listed {
            match self.list_tags(calendar).await {
                Ok(_) | Err(ProviderError::Refused { .. } | ProviderError::Unreadable { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        match self.url_of(calendar, name) {
            spelled if spelled == url => Ok(answer),
            spelled => self.dav.send(call(spelled)).await,
        }
    }

    /// Looks for the account's calendars once more from where the person started, because they are not where they were.
    async fn find_again(&self) -> Result<(), ProviderError> {
        let vault = Arc::clone(&self.vault);
        let found = discover(self.place(), vault, self.dav.surroundings.clone()).await?;
        *self.place.lock().unwrap_or_else(PoisonError::into_inner) = found;
        Ok(())
    }

    /// The address of a calendar, its closing slash included.
    fn calendar_url(&self, id: &RemoteCalendarId) -> Result<Url, ProviderError> {
        let url = self.place().calendar_url(id);
        let mut url = url.ok_or_else(|| ProviderError::Refused {
            service: "The calendar server".to_owned(),
            action: "finding a calendar",
            status: 0,
            reason: "its address cannot be read".to_owned(),
        })?;
        if !url.path().ends_with('/') {
            url.set_path(&format!("{}/", url.path()));
        }
        Ok(url)
    }
}

impl fmt::Debug for Caldav {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Caldav(…)")
    }
}

#[async_trait]
impl Provider for Caldav {
    fn kind(&self) -> ProviderKind {
        ProviderKind::Caldav
    }

    fn expressible(&self, _calendar: Linked<'_>) -> FieldSet {
        FieldSet::ALL
    }

    async fn account(&self) -> Result<String, ProviderError> {
        Ok(self.place().name())
    }

    async fn remote_calendars(&self) -> Result<Vec<RemoteCalendar>, ProviderError> {
        self.list_calendars().await
    }

    async fn create_calendar(&self, wish: &CalendarWish<'_>) -> Result<RemoteCalendar, ProviderError> {
        self.make_calendar(wish).await
    }

    async fn rename_calendar(&self, calendar: &RemoteCalendarId, name: &str) -> Result<(), ProviderError> {
        self.rename(calendar, name).await
    }

    async fn pull(&self, calendar: Linked<'_>, position: &PullPosition) -> Result<PullPage, ProviderError> {
        self.pull_page(calendar.id, position).await
    }

    async fn read(
        &self,
        calendar: Linked<'_>,
        id: &ExternalId,
    ) -> Result<Option<RemoteEvent>, ProviderError> {
        self.read_event(calendar.id, id).await
    }

    async fn own_occurrence(
        &self,
        calendar: Linked<'_>,
        occurrence: &RemoteOccurrence,
    ) -> Result<Option<RemoteEvent>, ProviderError> {
        self.read_occurrence(calendar.id, occurrence).await
    }

    async fn create(
        &self,
        calendar: Linked<'_>,
        creation: &Creation<'_>,
    ) -> Result<RemoteEvent, ProviderError> {
        self.create_event(calendar.id, creation).await
    }

    async fn update(&self, calendar: Linked<'_>, update: &Update<'_>) -> Result<RemoteEvent, ProviderError> {
        self.update_event(calendar.id, update).await
    }

    async fn delete(
        &self,
        calendar: Linked<'_>,
        id: &ExternalId,
        version: Option<&RemoteVersion>,
        notify: NotifyAttendees,
    ) -> Result<(), ProviderError> {
        self.delete_event(calendar.id, id, version, notify).await
    }

    async fn move_event(
        &self,
        from: &RemoteCalendarId,
        id: &ExternalId,
        to: Linked<'_>,
        notify: NotifyAttendees,
    ) -> Result<RemoteEvent, ProviderError> {
        self.relocate(from, id, to.id, notify).await
    }

    async fn confirm_removed(
        &self,
        calendar: Linked<'_>,
        ids: Vec<ExternalId>,
    ) -> Result<Vec<RemoteChange>, ProviderError> {
        self.confirm(calendar.id, ids).await
    }
}

/// What a server shows of an event whose guests it was not told of is the event with its guests: nobody is invited by
/// being copied.
pub(crate) fn recognise(known: &EventContent, content: &mut EventContent) {
    if content.attendees.is_empty() && content.organizer.is_none() {
        content.attendees.clone_from(&known.attendees);
        content.organizer.clone_from(&known.organizer);
    }
    // A text without alarms says so either way.
    let none = Reminders::Custom { reminders: Vec::new() };
    if content.reminders == Reminders::default() && known.reminders == none {
        content.reminders = none;
    }
}
