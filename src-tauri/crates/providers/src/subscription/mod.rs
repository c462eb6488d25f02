//! A calendar file at an address, which a person has subscribed to: read, and never written.
//!
//! | what the server does | what becomes of it |
//! | --- | --- |
//! | says that the file is as it was (`ETag`, `Last-Modified`), or sends the same again | nothing |
//! | sends another file | it is listed anew: what it does not name any more is gone |
//! | sends half a file, a web page, or more than 50 MB | nothing; the account says so, and asks again later |
//! | answers with an error, or not at all | the same |
//! | leads elsewhere | is followed, but never from https to http, and a password stays behind |
//!
//! The file says itself how often it wants to be asked for (`REFRESH-INTERVAL`, `X-PUBLISHED-TTL`), within bounds; else
//! that is every hour.
//!
//! **Architecture invariant:** the address is a secret, for whoever has it has the calendar. It is in the vault, and neither
//! in an id, nor in a message, nor in the log.

mod address;
mod fetch;
mod file;

use std::collections::BTreeSet;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use synodic_model::listing::{AccessRole, RemoteCalendar};
use synodic_model::sync::ProviderKind;
use synodic_model::{ExternalId, FieldSet, RemoteVersion};

pub use self::address::Address;
use self::fetch::{Fetched, Stamp, fetch};
use self::file::{Contents, HOURLY, digest, read, uid_of};
use crate::error::ProviderError;
use crate::transport::Surroundings;
use crate::vault::{TokenVault, VaultError};
use crate::{
    Creation, Linked, NextPull, NotifyAttendees, Provider, PullPage, PullPosition, RemoteChange, RemoteEvent,
    Update,
};

/// Changes on one page.
const PAGE: usize = 500;

/// One file at one address.
pub struct Subscription {
    vault: Arc<dyn TokenVault>,
    surroundings: Surroundings,
    /// As it was called when it was subscribed to.
    name: String,
    memory: Mutex<Memory>,
}

/// What is remembered as long as the program runs; all of it can be learnt again.
#[derive(Default)]
struct Memory {
    /// A file that has changed, and is to be listed next.
    staged: Option<Listing>,
    /// The one that is being listed.
    listing: Option<Listing>,
    /// Counts the listings.
    number: u64,
    /// What was named when it was listed last.
    named: BTreeSet<ExternalId>,
    /// Of what something could not be read when it was listed last.
    doubtful: BTreeSet<String>,
    /// How often the file wants to be asked for.
    every: Option<Duration>,
}

/// A file that was read, and the cursor that stands for it.
#[derive(Clone)]
struct Listing {
    contents: Contents,
    cursor: Cursor,
}

/// What a pull goes on from.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Cursor {
    stamp: Stamp,
    digest: String,
    every_seconds: Option<u64>,
}

impl Subscription {
    /// Makes a client for the address in the vault; nothing is sent yet.
    #[must_use]
    pub fn with(name: String, vault: Arc<dyn TokenVault>, surroundings: Surroundings) -> Self {
        Self { vault, surroundings, name, memory: Mutex::default() }
    }

    /// Looks at the file before anything is kept of it; answers how it is called, if it says so.
    ///
    /// # Errors
    /// [`ProviderError`], when there is no calendar file at the address.
    pub async fn look(&self) -> Result<Option<String>, ProviderError> {
        Ok(self.fetch_whole().await?.contents.name)
    }

    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn address(&self) -> Result<Address, ProviderError> {
        let lost = || VaultError {
            reason: format!("it has no address of “{}” any more; subscribe to it again", self.name),
        };
        let tokens = self.vault.load().await?.ok_or_else(lost)?;
        Ok(Address::read(&tokens.access_token).map_err(|_| lost())?)
    }

    async fn fetch_whole(&self) -> Result<Listing, ProviderError> {
        let address = self.address().await?;
        match fetch(&self.surroundings, &address, &Stamp::default()).await? {
            Fetched::File { bytes, stamp } => self.listing_of(&address, bytes, stamp).await,
            Fetched::Unchanged => {
                Err(fetch::unreadable(address.host(), "it says that nothing has changed, unasked".into()))
            }
        }
    }

    async fn listing_of(
        &self,
        address: &Address,
        bytes: Vec<u8>,
        stamp: Stamp,
    ) -> Result<Listing, ProviderError> {
        let digest = digest(&bytes);
        let contents = read(address.host(), bytes).await?;
        self.memory().every = contents.every;
        let every_seconds = contents.every.map(|every| every.as_secs());
        Ok(Listing { contents, cursor: Cursor { stamp, digest, every_seconds } })
    }

    /// Whether the file has changed since `cursor`; if so it is staged, for absence means deletion in a whole list only.
    async fn look_for_changes(&self, cursor: &str) -> Result<PullPage, ProviderError> {
        let known: Cursor = serde_json::from_str(cursor).map_err(|_| ProviderError::CursorLost)?;
        self.memory().every = known.every_seconds.map(Duration::from_secs);
        let address = self.address().await?;
        let same = |cursor: &Cursor| PullPage {
            changes: Vec::new(),
            next: NextPull::Done { cursor: serde_json::to_string(cursor).unwrap_or_default() },
        };
        match fetch(&self.surroundings, &address, &known.stamp).await? {
            Fetched::Unchanged => Ok(same(&known)),
            Fetched::File { bytes, stamp } if digest(&bytes) == known.digest => {
                Ok(same(&Cursor { stamp, ..known }))
            }
            Fetched::File { bytes, stamp } => {
                let listing = self.listing_of(&address, bytes, stamp).await?;
                self.memory().staged = Some(listing);
                Err(ProviderError::ListingDue)
            }
        }
    }

    async fn list(&self) -> Result<PullPage, ProviderError> {
        let staged = self.memory().staged.take();
        let listing = match staged {
            Some(listing) => listing,
            None => self.fetch_whole().await?,
        };
        let mut memory = self.memory();
        memory.number += 1;
        memory.named =
            listing.contents.changes.iter().filter_map(present).map(|event| event.id.clone()).collect();
        memory.doubtful.clone_from(&listing.contents.doubtful);
        memory.listing = Some(listing);
        Self::page(&mut memory, 0)
    }

    fn page(memory: &mut Memory, from: usize) -> Result<PullPage, ProviderError> {
        let number = memory.number;
        let listing = memory.listing.as_ref().ok_or(ProviderError::CursorLost)?;
        let all = &listing.contents.changes;
        let changes: Vec<RemoteChange> = all.iter().skip(from).take(PAGE).cloned().collect();
        let to = from + changes.len();
        let next = if to < all.len() {
            NextPull::Page(format!("{number}:{to}"))
        } else {
            NextPull::Done { cursor: serde_json::to_string(&listing.cursor).unwrap_or_default() }
        };
        if matches!(next, NextPull::Done { .. }) {
            memory.listing = None;
        }
        Ok(PullPage { changes, next })
    }

    async fn page_at(&self, position: &PullPosition) -> Result<PullPage, ProviderError> {
        match (&position.cursor, &position.page) {
            (_, Some(page)) => {
                let place = page.split_once(':').and_then(|(number, from)| {
                    Some((number.parse::<u64>().ok()?, from.parse::<usize>().ok()?))
                });
                let mut memory = self.memory();
                let (_, from) =
                    place.filter(|(number, _)| *number == memory.number).ok_or(ProviderError::CursorLost)?;
                Self::page(&mut memory, from)
            }
            (Some(cursor), None) => self.look_for_changes(cursor).await,
            (None, None) => self.list().await,
        }
    }

    fn only_read(&self) -> ProviderError {
        ProviderError::Unwritable {
            reason: format!("“{}” is a calendar that is subscribed to, and only read", self.name),
        }
    }
}

/// Says of a failure what it means for a person who has the calendar already.
fn reassuring(error: ProviderError) -> ProviderError {
    let stays = |reason: String| format!("{reason}; what came before stays");
    match error {
        ProviderError::Unreadable { service, action, reason } => {
            ProviderError::Unreadable { service, action, reason: stays(reason) }
        }
        ProviderError::ServerFailed { service, action, status, reason } => {
            ProviderError::ServerFailed { service, action, status, reason: stays(reason) }
        }
        error => error,
    }
}

fn present(change: &RemoteChange) -> Option<&RemoteEvent> {
    match change {
        RemoteChange::Present(event) => Some(event),
        RemoteChange::Removed { .. } | RemoteChange::Complete { .. } | RemoteChange::Unreadable { .. } => {
            None
        }
    }
}

impl fmt::Debug for Subscription {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Subscription(…)")
    }
}

#[async_trait]
impl Provider for Subscription {
    fn kind(&self) -> ProviderKind {
        ProviderKind::Ics
    }

    fn expressible(&self, _calendar: Linked<'_>) -> FieldSet {
        FieldSet::ALL
    }

    fn refresh_interval(&self) -> Option<Duration> {
        Some(self.memory().every.unwrap_or(HOURLY))
    }

    async fn account(&self) -> Result<String, ProviderError> {
        Ok(self.name.clone())
    }

    async fn remote_calendars(&self) -> Result<Vec<RemoteCalendar>, ProviderError> {
        Ok(vec![RemoteCalendar {
            id: self.address().await?.id(),
            name: self.name.clone(),
            color: None,
            time_zone: None,
            access: AccessRole::Reader,
            primary: true,
            default_reminders: Vec::new(),
        }])
    }

    async fn pull(&self, _calendar: Linked<'_>, position: &PullPosition) -> Result<PullPage, ProviderError> {
        self.page_at(position).await.map_err(reassuring)
    }

    async fn read(
        &self,
        _calendar: Linked<'_>,
        id: &ExternalId,
    ) -> Result<Option<RemoteEvent>, ProviderError> {
        // A file that does not name it is not fetched once more to hear the same; that it names it now, the next pull tells.
        if !self.memory().named.contains(id) {
            return Ok(None);
        }
        let listing = self.fetch_whole().await?;
        Ok(listing.contents.changes.iter().filter_map(present).find(|event| event.id == *id).cloned())
    }

    async fn create(
        &self,
        _calendar: Linked<'_>,
        _creation: &Creation<'_>,
    ) -> Result<RemoteEvent, ProviderError> {
        Err(self.only_read())
    }

    async fn update(
        &self,
        _calendar: Linked<'_>,
        _update: &Update<'_>,
    ) -> Result<RemoteEvent, ProviderError> {
        Err(self.only_read())
    }

    async fn delete(
        &self,
        _calendar: Linked<'_>,
        _id: &ExternalId,
        _version: Option<&RemoteVersion>,
        _notify: NotifyAttendees,
    ) -> Result<(), ProviderError> {
        Err(self.only_read())
    }

    /// What a file does not name is gone, unless it stands there and could not be read.
    async fn confirm_removed(
        &self,
        _calendar: Linked<'_>,
        ids: Vec<ExternalId>,
    ) -> Result<Vec<RemoteChange>, ProviderError> {
        let memory = self.memory();
        let changes = ids.into_iter().map(|id| {
            if memory.doubtful.contains(uid_of(&id)) {
                let reason = "it stands in the file and cannot be read".to_owned();
                RemoteChange::Unreadable { id: Some(id), reason }
            } else {
                RemoteChange::Removed { id }
            }
        });
        Ok(changes.collect())
    }
}
