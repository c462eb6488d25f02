//! The services that calendars are kept at, behind one trait.
//!
//! [`Provider`] is all that the engine knows of a service; each module implements it for one. A provider translates:
//! it speaks the service's protocol on one side and [`synodic_model`] on the other, and classes every failure
//! ([`ProviderError::class`]) so that the engine never has to look at a message.
//!
//! **Architecture invariant:** the only HTTP clients of the program are here, and nothing here decides what is to be
//! synced, retries on its own beyond one refresh of a token, or remembers anything but tokens, rate limits and the
//! zones of calendars.

pub mod caldav;
pub mod error;
pub mod google;
pub mod notion;
mod pace;
pub mod subscription;
pub mod transport;
pub mod vault;

use std::time::{Duration, Instant};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use synodic_model::sync::{Link, ProviderKind};
use synodic_model::{
    EventContent, EventId, ExternalId, FieldSet, OriginalStart, RemoteCalendarId, RemoteVersion,
};
use ts_rs::TS;
use uuid::Uuid;

pub use error::{Class, ProviderError};
pub use synodic_model::listing::{AccessRole, RemoteCalendar};
pub use vault::{TokenVault, Tokens, VaultError};

/// One account at one service.
#[async_trait]
pub trait Provider: Send + Sync {
    /// Which service this is.
    fn kind(&self) -> ProviderKind;

    /// The fields that this service can hold in `calendar`; all others stay in the replica only.
    fn expressible(&self, calendar: Linked<'_>) -> FieldSet;

    /// The account as the service names it (Google: the address of the primary calendar).
    ///
    /// # Errors
    /// [`ProviderError`], as every call.
    async fn account(&self) -> Result<String, ProviderError>;

    /// Every collection that the account can see.
    ///
    /// # Errors
    /// [`ProviderError`], as every call.
    async fn remote_calendars(&self) -> Result<Vec<RemoteCalendar>, ProviderError>;

    /// Makes a calendar at the service.
    ///
    /// # Errors
    /// [`ProviderError::Unsupported`] where a service has no such thing, [`ProviderError::Refused`] where it does not let
    /// this account do so.
    async fn create_calendar(&self, wish: &CalendarWish<'_>) -> Result<RemoteCalendar, ProviderError> {
        let _ = wish;
        Err(ProviderError::Unsupported { service: format!("{:?}", self.kind()), action: "making a calendar" })
    }

    /// Gives a calendar at the service another name.
    ///
    /// # Errors
    /// As [`Provider::create_calendar`].
    async fn rename_calendar(&self, calendar: &RemoteCalendarId, name: &str) -> Result<(), ProviderError> {
        let _ = (calendar, name);
        Err(ProviderError::Unsupported {
            service: format!("{:?}", self.kind()),
            action: "renaming a calendar",
        })
    }

    /// Reads one page of changes.
    ///
    /// # Errors
    /// [`ProviderError::CursorLost`] when the service no longer knows the cursor, [`ProviderError::ListingDue`] when
    /// changes alone do not tell everything: a full listing is due.
    async fn pull(&self, calendar: Linked<'_>, position: &PullPosition) -> Result<PullPage, ProviderError>;

    /// Reads one event as it is now; `None` when the service does not have it (any more).
    ///
    /// # Errors
    /// [`ProviderError`], as every call.
    async fn read(&self, calendar: Linked<'_>, id: &ExternalId)
    -> Result<Option<RemoteEvent>, ProviderError>;

    /// Creates an event under an identity derived from `creation.identity`. Safe to repeat: when the event is there
    /// already and ours, it is returned as it is now.
    ///
    /// # Errors
    /// [`ProviderError::IdentitySpent`] when that identity belongs to a deleted event: try the next incarnation.
    async fn create(
        &self,
        calendar: Linked<'_>,
        creation: &Creation<'_>,
    ) -> Result<RemoteEvent, ProviderError>;

    /// Sends the fields in which `update.desired` differs from `update.base`.
    ///
    /// # Errors
    /// [`ProviderError::VersionMismatch`] when the event was changed since, [`ProviderError::Gone`] when it was
    /// deleted.
    async fn update(&self, calendar: Linked<'_>, update: &Update<'_>) -> Result<RemoteEvent, ProviderError>;

    /// Deletes an event; one that is not there any more counts as deleted.
    ///
    /// # Errors
    /// [`ProviderError::VersionMismatch`] when it was changed since `version`.
    async fn delete(
        &self,
        calendar: Linked<'_>,
        id: &ExternalId,
        version: Option<&RemoteVersion>,
        notify: NotifyAttendees,
    ) -> Result<(), ProviderError>;

    /// Moves an event, a series with all of its occurrences, to another calendar of the account. It keeps its id, its
    /// guests and what we do not know of it. Safe to repeat: one that has arrived already is returned as it is now.
    ///
    /// # Errors
    /// [`ProviderError::Gone`] when it is in neither calendar, [`ProviderError::Unsupported`] where a service has no such
    /// thing.
    async fn move_event(
        &self,
        from: &RemoteCalendarId,
        id: &ExternalId,
        to: Linked<'_>,
        notify: NotifyAttendees,
    ) -> Result<RemoteEvent, ProviderError> {
        let _ = (from, id, to, notify);
        Err(ProviderError::Unsupported { service: format!("{:?}", self.kind()), action: "moving an event" })
    }

    /// Asks the service to call `request.address` on every change of `calendar`.
    ///
    /// # Errors
    /// [`ProviderError::Unsupported`] where a service has no such thing.
    async fn watch(
        &self,
        _calendar: Linked<'_>,
        _request: &WatchRequest,
    ) -> Result<WatchChannel, ProviderError> {
        Err(ProviderError::Unsupported {
            service: format!("{:?}", self.kind()),
            action: "opening a notification channel",
        })
    }

    /// Ends a channel. One that is not known any more counts as ended.
    ///
    /// # Errors
    /// [`ProviderError`], as every call.
    async fn stop_watch(&self, _channel: &WatchChannel) -> Result<(), ProviderError> {
        Ok(())
    }

    /// What became of events that a complete listing has not named. Most services list everything there is, so that
    /// what is missing is gone; others have to be asked about each.
    ///
    /// # Errors
    /// [`ProviderError`], as every call.
    async fn confirm_removed(
        &self,
        _calendar: Linked<'_>,
        ids: Vec<ExternalId>,
    ) -> Result<Vec<RemoteChange>, ProviderError> {
        Ok(ids.into_iter().map(|id| RemoteChange::Removed { id }).collect())
    }

    /// The occurrences of `series` that differ from it or are called off, as the service has them. For services that, when
    /// a series changes, do not name again what they have of occurrences that it did not yield before.
    ///
    /// # Errors
    /// [`ProviderError`], as every call.
    async fn occurrences(
        &self,
        _calendar: Linked<'_>,
        _series: &ExternalId,
    ) -> Result<Vec<RemoteChange>, ProviderError> {
        Ok(Vec::new())
    }

    /// What the service says by itself of an occurrence; none where the occurrence is as its series makes it. For services
    /// at which occurrences are a part of their series.
    ///
    /// # Errors
    /// [`ProviderError`], as every call; [`ProviderError::Gone`] when the series does not have it.
    async fn own_occurrence(
        &self,
        _calendar: Linked<'_>,
        _occurrence: &RemoteOccurrence,
    ) -> Result<Option<RemoteEvent>, ProviderError> {
        Ok(None)
    }

    /// Has one event looked at with the next pull, because the service has told of it. For services whose listings do
    /// not show all that has happened.
    fn suspect(&self, _calendar: &RemoteCalendarId, _id: ExternalId) {}

    /// What the person should know about a link although it works, a sentence each.
    fn notices(&self, _calendar: Linked<'_>) -> Vec<String> {
        Vec::new()
    }

    /// How often this calendar wants to be asked, where that is for it to say; none leaves it to the engine.
    fn refresh_interval(&self) -> Option<Duration> {
        None
    }

    /// What the service's clock said last, and when we heard it; none when it has not said yet.
    fn server_time(&self) -> Option<ServerTime> {
        None
    }

    /// Tells the service that the person's consent ends here. The stored secrets are the caller's to remove, also when
    /// this fails. Where a service has nothing to be told, nothing is.
    ///
    /// # Errors
    /// [`ProviderError`], as every call.
    async fn sign_out(&self) -> Result<(), ProviderError> {
        Ok(())
    }

    /// What only Notion can do: databases are searched, and described before they are linked.
    fn as_notion(&self) -> Option<&notion::Notion> {
        None
    }
}

/// Fills in what a service has left out of `content`, from what is known of the event: where it shows what it would
/// show of `known`, it means `known`. `settings` are the link's.
pub fn recognise(
    kind: ProviderKind,
    settings: &serde_json::Value,
    known: &EventContent,
    content: &mut EventContent,
) {
    match kind {
        ProviderKind::Notion => notion::recognise(settings, known, content),
        ProviderKind::Caldav => caldav::recognise(known, content),
        ProviderKind::Google | ProviderKind::Ics => {}
    }
}

/// What a service's clock said.
#[derive(Clone, Copy, Debug)]
pub struct ServerTime {
    /// The time there, to the second.
    pub at: DateTime<Utc>,
    /// When we heard it, on a clock that nobody sets.
    pub heard: Instant,
}

/// A collection at the service as one link speaks of it.
#[derive(Clone, Copy, Debug)]
pub struct Linked<'a> {
    /// The service's id.
    pub id: &'a RemoteCalendarId,
    /// What was agreed with the person about this link, in the provider's own form (Notion: which property holds
    /// which field). `null` where there is nothing to agree on.
    pub settings: &'a serde_json::Value,
}

impl<'a> Linked<'a> {
    /// A collection about which nothing was agreed.
    #[must_use]
    pub const fn plain(id: &'a RemoteCalendarId) -> Self {
        Self { id, settings: &serde_json::Value::Null }
    }
}

impl<'a> From<&'a Link> for Linked<'a> {
    fn from(link: &'a Link) -> Self {
        Self { id: &link.remote_calendar_id, settings: &link.settings }
    }
}

/// Where a pull goes on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PullPosition {
    /// The cursor of the last complete pull; none for a full listing.
    pub cursor: Option<String>,
    /// The page within this pull; none for the first one.
    pub page: Option<String>,
}

/// One page of changes, in the service's order.
#[derive(Clone, Debug, PartialEq)]
pub struct PullPage {
    /// What it names.
    pub changes: Vec<RemoteChange>,
    /// What follows.
    pub next: NextPull,
}

/// What follows a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NextPull {
    /// Another page of the same pull.
    Page(String),
    /// Nothing; the next pull starts from this cursor.
    Done {
        /// To be stored with the page's changes, in one transaction.
        cursor: String,
    },
}

/// One change in a page.
#[derive(Clone, Debug, PartialEq)]
pub enum RemoteChange {
    /// The event is there, in this state.
    Present(Box<RemoteEvent>),
    /// The event was deleted.
    Removed {
        /// Which.
        id: ExternalId,
    },
    /// The page has named every occurrence of this series that differs from it; others that were known are gone. For
    /// services that keep a series and its occurrences in one piece.
    Complete {
        /// Which series.
        series: ExternalId,
        /// The occurrences that there are.
        occurrences: Vec<ExternalId>,
    },
    /// The service sent something that we cannot read; the rest of the page is unharmed.
    Unreadable {
        /// Which, if that much could be read.
        id: Option<ExternalId>,
        /// Why, for the account's state and the log.
        reason: String,
    },
}

/// An event as the service holds it.
#[derive(Clone, Debug, PartialEq)]
pub struct RemoteEvent {
    /// The service's id.
    pub id: ExternalId,
    /// Marks this state.
    pub version: RemoteVersion,
    /// iCalendar UID, where the service has one.
    pub uid: Option<String>,
    /// Our own mark, when the event carries one.
    pub marker: Option<Marker>,
    /// Set on an overridden or cancelled occurrence of a series.
    pub occurrence_of: Option<RemoteOccurrence>,
    /// The event in our words, within [`Provider::expressible`]. Of a cancelled occurrence only the status counts.
    pub content: EventContent,
    /// When the service says that it was last changed.
    pub updated_at: Option<DateTime<Utc>>,
    /// Whether the service would refuse our changes (its own kinds of events, somebody else's meeting).
    pub read_only: bool,
    /// What could not be expressed in our words, each a sentence for the log.
    pub warnings: Vec<String>,
}

/// Names an occurrence by its series' id at the service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RemoteOccurrence {
    /// The series.
    pub series: ExternalId,
    /// The start which the rule gave.
    pub original_start: OriginalStart,
}

/// The mark on events that we created, with the identity they were created under. Compared with the event's own id,
/// it tells a copy that somebody made at the service from the original.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Marker {
    /// The identity at creation.
    pub identity: Identity,
}

/// A calendar that is to be made.
#[derive(Clone, Copy, Debug)]
pub struct CalendarWish<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its colour as `#rrggbb`; a service that keeps none leaves it out.
    pub color: &'a str,
}

/// From what an event's id at the service is derived, so that a repeated creation meets the first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Identity {
    /// The event.
    pub event_id: EventId,
    /// The link's id.
    pub link: Uuid,
    /// Raised when an identity is spent on a deleted event.
    pub incarnation: u32,
}

/// An event to be created.
#[derive(Clone, Debug)]
pub struct Creation<'a> {
    /// Decides the id at the service.
    pub identity: Identity,
    /// iCalendar UID.
    pub uid: &'a str,
    /// What it shall hold.
    pub content: &'a EventContent,
    /// For an override of a series: the occurrence to change instead of creating anything.
    pub occurrence_of: Option<RemoteOccurrence>,
    /// Whether an earlier attempt may have been carried out without our knowing.
    pub may_be_there: bool,
    /// Whether people outside may be mailed.
    pub notify: NotifyAttendees,
}

/// An event to be changed.
#[derive(Clone, Debug)]
pub struct Update<'a> {
    /// Which.
    pub id: &'a ExternalId,
    /// The state from which the change was made.
    pub version: Option<&'a RemoteVersion>,
    /// What the service held then.
    pub base: Option<&'a EventContent>,
    /// What it shall hold.
    pub desired: &'a EventContent,
    /// Whether people outside may be mailed.
    pub notify: NotifyAttendees,
}

/// Whether a write may send invitations or mails. Sync itself never does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum NotifyAttendees {
    /// Nobody is told.
    #[default]
    Nobody,
    /// Everybody invited is told; only on a person's explicit wish.
    Everybody,
}

/// A channel to be opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WatchRequest {
    /// Chosen by us, never used before.
    pub id: String,
    /// Repeated to us with every message.
    pub token: String,
    /// Where the service shall call.
    pub address: String,
}

/// An open channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WatchChannel {
    /// As requested.
    pub id: String,
    /// What the service calls the watched resource.
    pub resource: String,
    /// When it ends by itself.
    pub expires_at: DateTime<Utc>,
}
