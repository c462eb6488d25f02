//! Writing events.
//!
//! Before each write the resource is read, so that what it holds beside our fields goes back with it, and so that the
//! `ETag` it is sent under is the newest. A repeated creation meets the first, for the name of the resource comes from the
//! event's identity and is only taken when it is free.

use http::header::HeaderName;
use http::{Method, StatusCode, header};
use synodic_model::{
    EventContent, EventStatus, ExternalId, Field, FieldSet, OriginalStart, RemoteCalendarId, RemoteVersion,
    When,
};
use url::Url;
use uuid::Uuid;

use super::Caldav;
use super::client::{Answer, Call};
use super::names::{self, Name, resource_at};
use super::resource::{Part, Resource};
use super::xml::{self, Space};
use crate::error::ProviderError;
use crate::{Creation, Identity, NotifyAttendees, RemoteEvent, RemoteOccurrence, Update};

const READING: &str = "reading an event";
const CREATING: &str = "creating an event";
const CHANGING: &str = "changing an event";
const DELETING: &str = "deleting an event";

/// How many events are looked at for one whose UID they may have.
const CANDIDATES: usize = 5;

const SCHEDULE_TAG: HeaderName = HeaderName::from_static("schedule-tag");
const IF_SCHEDULE_TAG_MATCH: HeaderName = HeaderName::from_static("if-schedule-tag-match");

/// What names are derived from; a constant of this program.
const NAMES: Uuid = Uuid::from_u128(0x7d1c_2f5e_0b64_4b7a_9d0e_35c1_a2b8_4f60);

/// A resource as it is at the server.
pub(super) struct There {
    pub(super) resource: Resource,
    /// As it was read, for `resource` is written into.
    before: Resource,
    pub(super) guards: Guards,
    /// Whether all of its text could be read. What could not would be lost if it were written back.
    is_whole: bool,
}

/// What a server may be told of a resource, so that it replaces no other version than the one that was read.
pub(super) struct Guards {
    /// A strong `ETag`; where there is one it says everything.
    etag: Option<String>,
    /// `Schedule-Tag` (RFC 6638 §3.2.10): another client's edit changes it.
    schedule_tag: Option<String>,
    /// `Last-Modified`, to the second.
    modified: Option<String>,
}

impl There {
    pub(super) fn writable(self) -> Result<Self, ProviderError> {
        if self.is_whole {
            return Ok(self);
        }
        let reason = "its text there is not in UTF-8, and would be damaged by writing it back; change it with \
                      the program that wrote it";
        Err(ProviderError::Unwritable { reason: reason.to_owned() })
    }
}

impl Guards {
    fn of(answer: &Answer) -> Self {
        let said =
            |name: HeaderName| answer.header(name).filter(|value| !value.is_empty()).map(str::to_owned);
        Self { etag: strong(answer), schedule_tag: said(SCHEDULE_TAG), modified: said(header::LAST_MODIFIED) }
    }

    pub(super) fn over(&self, call: Call) -> Call {
        if let Some(etag) = &self.etag {
            return call.with(header::IF_MATCH, etag);
        }
        let tagged = match &self.schedule_tag {
            Some(tag) => call.with(IF_SCHEDULE_TAG_MATCH, tag),
            None => call,
        };
        match &self.modified {
            Some(modified) => tagged.with(header::IF_UNMODIFIED_SINCE, modified),
            None => tagged,
        }
    }
}

impl Caldav {
    pub(super) async fn read_event(
        &self,
        calendar: &RemoteCalendarId,
        id: &ExternalId,
    ) -> Result<Option<RemoteEvent>, ProviderError> {
        let collection = self.calendar_url(calendar)?;
        let Some(there) = self.there(&collection, &Name::of(id).resource).await? else { return Ok(None) };
        Ok(self.part(&there, id)?.map(|part| part.event))
    }

    /// What a resource says by itself of an occurrence.
    pub(super) async fn read_occurrence(
        &self,
        calendar: &RemoteCalendarId,
        occurrence: &RemoteOccurrence,
    ) -> Result<Option<RemoteEvent>, ProviderError> {
        let name = Name::of(&occurrence.series).resource;
        let collection = self.calendar_url(calendar)?;
        let there = self.there(&collection, &name).await?.ok_or(ProviderError::Gone)?;
        let part = there.resource.occurrence(&occurrence.original_start);
        Ok(part.map_err(|reason| unreadable(&collection, reason))?.map(|part| part.event))
    }

    pub(super) async fn create_event(
        &self,
        calendar: &RemoteCalendarId,
        creation: &Creation<'_>,
    ) -> Result<RemoteEvent, ProviderError> {
        if let Some(occurrence) = &creation.occurrence_of {
            return self.create_occurrence(calendar, occurrence, creation).await;
        }
        let collection = self.calendar_url(calendar)?;
        let name = name_for(&creation.identity);
        let invites = creation.notify == NotifyAttendees::Everybody;
        let content = if invites { creation.content.clone() } else { without_guests(creation.content) };
        let mut resource = Resource::new(&self.place(), &name, creation.uid);
        resource.fill(&content, invites, self.dav.now());
        let url = self.url_of(&collection, &name);
        let call = Call::put(url, resource.text(), CREATING).with(header::IF_NONE_MATCH, "*");
        let answer = self.dav.send(call).await?;
        if answer.status.is_success() {
            let written = self.written(&collection, &name, &resource, &answer, &names::whole(&name)).await?;
            return Ok(RemoteEvent { updated_at: None, ..written });
        }
        if may_be_known_elsewhere(&answer) {
            return Err(self.already_there(&collection, &answer, creation.uid).await?);
        }
        if answer.status != StatusCode::PRECONDITION_FAILED || answer.precondition().is_some() {
            return Err(answer.failure());
        }
        // Something has this name already: an earlier attempt of ours, unless its UID says otherwise.
        let there = self.there(&collection, &name).await?.ok_or(ProviderError::VersionMismatch)?;
        if there.resource.uid().as_deref() != Some(creation.uid) {
            return Err(ProviderError::IdentitySpent);
        }
        let part = self.part(&there, &names::whole(&name))?;
        part.map(|part| part.event).ok_or(ProviderError::IdentitySpent)
    }

    /// Changes one occurrence of a series. One that differs from its series already is returned as it is, for the caller
    /// to reconcile.
    async fn create_occurrence(
        &self,
        calendar: &RemoteCalendarId,
        occurrence: &RemoteOccurrence,
        creation: &Creation<'_>,
    ) -> Result<RemoteEvent, ProviderError> {
        let name = Name::of(&occurrence.series).resource;
        let collection = self.calendar_url(calendar)?;
        let mut there = self.there(&collection, &name).await?.ok_or(ProviderError::Gone)?.writable()?;
        let original = occurrence.original_start;
        let part = there.resource.occurrence(&original).map_err(|reason| unreadable(&collection, reason))?;
        if let Some(part) = part {
            return Ok(part.event);
        }
        let invites = creation.notify == NotifyAttendees::Everybody;
        let written = if creation.content.status == EventStatus::Cancelled {
            there.resource.call_off(&original, self.dav.now())
        } else {
            there.resource.put_occurrence(&original, creation.content, invites, self.dav.now())
        };
        written.map_err(|_| ProviderError::Gone)?;
        self.replace(&collection, &name, &there, &names::part(&name, &original)).await
    }

    pub(super) async fn update_event(
        &self,
        calendar: &RemoteCalendarId,
        update: &Update<'_>,
    ) -> Result<RemoteEvent, ProviderError> {
        let name = Name::of(update.id).resource;
        let collection = self.calendar_url(calendar)?;
        let mut there = self.there(&collection, &name).await?.ok_or(ProviderError::Gone)?.writable()?;
        let part = self.part(&there, update.id)?.ok_or(ProviderError::Gone)?;
        check(&part, update.version)?;
        let invites = update.notify == NotifyAttendees::Everybody;
        let current = &part.event.content;
        let mut changed = FieldSet::differing(FieldSet::ALL, current, update.desired);
        if let Some(base) = update.base {
            changed = changed.intersection(FieldSet::differing(FieldSet::ALL, base, update.desired));
        }
        if current.organizer.is_none() && !invites {
            changed = changed.without(Field::Attendees).without(Field::Organizer);
        }
        if changed.is_empty() {
            return Ok(part.event);
        }
        if let Some(occurrence) = &part.event.occurrence_of
            && self.is_plain(&there, &collection, &occurrence.original_start, update.desired)?
        {
            let original = occurrence.original_start;
            let let_go = there.resource.let_go(&original, self.dav.now());
            let_go.map_err(|reason| unreadable(&collection, reason))?;
            self.replace(&collection, &name, &there, &names::whole(&name)).await?;
            let content = update.desired.clone();
            return Ok(RemoteEvent { content, ..part.event });
        }
        there
            .resource
            .write(&part, update.desired, changed, invites, self.dav.now())
            .map_err(|reason| unreadable(&collection, reason))?;
        self.replace(&collection, &name, &there, update.id).await
    }

    pub(super) async fn delete_event(
        &self,
        calendar: &RemoteCalendarId,
        id: &ExternalId,
        version: Option<&RemoteVersion>,
        notify: NotifyAttendees,
    ) -> Result<(), ProviderError> {
        let name = Name::of(id);
        let collection = self.calendar_url(calendar)?;
        let Some(there) = self.there(&collection, &name.resource).await? else { return Ok(()) };
        let Some(part) = self.part(&there, id)? else { return Ok(()) };
        check(&part, version)?;
        if let Some(occurrence) = &part.event.occurrence_of {
            let original = occurrence.original_start;
            let mut there = there.writable()?;
            let let_go = there.resource.let_go(&original, self.dav.now());
            let_go.map_err(|reason| unreadable(&collection, reason))?;
            let whole = names::whole(&name.resource);
            return self.replace(&collection, &name.resource, &there, &whole).await.map(drop);
        }
        let mut there = there;
        if there.resource.take_out(&part) {
            // The others to which somebody was invited stay.
            let there = there.writable()?;
            let whole = names::whole(&name.resource);
            return self.replace(&collection, &name.resource, &there, &whole).await.map(drop);
        }
        self.take_out(&collection, &name.resource, &there, notify).await
    }

    /// Deletes a resource, unless it has changed since it was read.
    pub(super) async fn take_out(
        &self,
        collection: &Url,
        name: &str,
        there: &There,
        notify: NotifyAttendees,
    ) -> Result<(), ProviderError> {
        let call = Call::new(Method::DELETE, self.url_of(collection, name), DELETING);
        let call = quietly(there.guards.over(call), notify);
        let answer = self.dav.send(call).await?;
        match answer.status {
            StatusCode::NOT_FOUND | StatusCode::GONE => Ok(()),
            // Some answer in a multistatus, which may have something to complain about.
            status if status.is_success() => answer.failure_within().map_or(Ok(()), Err),
            _ => Err(answer.failure()),
        }
    }

    /// A resource as it is now; none when it is not there.
    pub(super) async fn there(&self, collection: &Url, name: &str) -> Result<Option<There>, ProviderError> {
        // Where answers are packed on the way their `ETag` is another one, under which nothing can be written.
        let reading = |at| Call::new(Method::GET, at, READING).with(header::ACCEPT_ENCODING, "identity");
        let answer = self.ask_for(collection, name, reading).await?;
        match answer.status {
            StatusCode::NOT_FOUND | StatusCode::GONE => Ok(None),
            status if status.is_success() => {
                let text = String::from_utf8_lossy(&answer.body);
                let resource = Resource::read(&self.place(), name, &text)
                    .map_err(|reason| unreadable(collection, reason))?;
                let is_whole = std::str::from_utf8(&answer.body).is_ok();
                Ok(Some(There { before: resource.clone(), resource, guards: Guards::of(&answer), is_whole }))
            }
            _ => Err(answer.failure()),
        }
    }

    pub(super) fn part(&self, there: &There, id: &ExternalId) -> Result<Option<Part>, ProviderError> {
        there.resource.find(id).map_err(|reason| ProviderError::Unreadable {
            service: "The calendar server".to_owned(),
            action: READING,
            reason,
        })
    }

    /// Sends a resource back under the `ETag` that it was read under, or under what else the server tells versions by.
    async fn replace(
        &self,
        collection: &Url,
        name: &str,
        there: &There,
        id: &ExternalId,
    ) -> Result<RemoteEvent, ProviderError> {
        let url = self.url_of(collection, name);
        let call = there.guards.over(Call::put(url, there.resource.text(), CHANGING));
        let answer = self.dav.send(call).await?;
        match answer.status {
            // Some say so of an event that they do not like, too.
            StatusCode::NOT_FOUND | StatusCode::GONE => match self.there(collection, name).await? {
                Some(_) => Err(answer.failure()),
                None => Err(ProviderError::Gone),
            },
            status if status.is_success() => {
                let written = self.written(collection, name, &there.resource, &answer, id).await?;
                match &there.guards.etag {
                    None if is_written_over(there, id, &written)
                        .map_err(|reason| unreadable(collection, reason))? =>
                    {
                        Err(ProviderError::VersionMismatch)
                    }
                    _ => Ok(RemoteEvent { updated_at: None, ..written }),
                }
            }
            _ => Err(answer.failure()),
        }
    }

    /// What was written, as the server has it: where its answer carries no strong `ETag` it may have changed the text, so
    /// that is read again (RFC 4791 §5.3.4). When it was changed is then our own clock's word, which later changes of others
    /// are not to be measured by.
    pub(super) async fn written(
        &self,
        collection: &Url,
        name: &str,
        sent: &Resource,
        answer: &Answer,
        id: &ExternalId,
    ) -> Result<RemoteEvent, ProviderError> {
        let read_again = if strong(answer).is_some() { None } else { self.there(collection, name).await? };
        let resource = read_again.as_ref().map_or(sent, |there| &there.resource);
        let part = resource.find(id).map_err(|reason| unreadable(collection, reason))?;
        Ok(part.ok_or(ProviderError::Gone)?.event)
    }

    /// Whether an occurrence is to be just what its series makes of it.
    fn is_plain(
        &self,
        there: &There,
        url: &Url,
        original: &OriginalStart,
        desired: &EventContent,
    ) -> Result<bool, ProviderError> {
        let parts = there.resource.parts().map_err(|reason| unreadable(url, reason))?;
        let Some(series) = parts.first().filter(|part| part.event.occurrence_of.is_none()) else {
            return Ok(false);
        };
        let series = &series.event.content;
        let fields = FieldSet::ALL.without(Field::When).without(Field::Recurrence);
        Ok(FieldSet::differing(fields, series, desired).is_empty()
            && desired.when.original_start().key() == original.key()
            && lasts_alike(&series.when, &desired.when))
    }

    /// The failure of a creation that was refused, perhaps because its UID lives at another name of this calendar.
    async fn already_there(
        &self,
        collection: &Url,
        answer: &Answer,
        uid: &str,
    ) -> Result<ProviderError, ProviderError> {
        let named = answer.precondition().and_then(|precondition| precondition.href().map(str::to_owned));
        let at = |href: &str| resource_at(collection, &collection.join(href).ok()?);
        if let Some(name) = named.as_deref().and_then(at) {
            return Ok(ProviderError::AlreadyThere { id: names::whole(&name) });
        }
        let call = Call::ask("REPORT", collection.clone(), "1", xml::query_uid(uid), CREATING);
        let found = match self.dav.multistatus(call).await {
            Ok((found, _)) => found,
            // What the creation was refused for says more than this.
            Err(ProviderError::Refused { .. } | ProviderError::Unreadable { .. }) => {
                return Ok(answer.failure());
            }
            Err(error) => return Err(error),
        };
        // A server that does not know the question names them all.
        let names = found.rows.iter().filter_map(|row| self.name_of(collection, row));
        for name in names.take(CANDIDATES) {
            let there = self.there(collection, &name).await?;
            if there.is_some_and(|there| there.resource.uid().as_deref() == Some(uid)) {
                return Ok(ProviderError::AlreadyThere { id: names::whole(&name) });
            }
        }
        Ok(answer.failure())
    }
}

/// The name of a new resource.
fn name_for(identity: &Identity) -> String {
    let said = format!("{}/{}/{}", identity.event_id, identity.link, identity.incarnation);
    format!("{}.ics", Uuid::new_v5(&NAMES, said.as_bytes()))
}

/// Whether a creation may have been refused because the server has the event under another name. Some say so, and some
/// only that they do not want it.
fn may_be_known_elsewhere(answer: &Answer) -> bool {
    let is_said = ["no-uid-conflict", "unique-scheduling-object-resource"];
    let is_refusal = matches!(answer.status.as_u16(), 400 | 403 | 409);
    is_said.iter().any(|local| answer.violates(local))
        || is_refusal && answer.precondition().is_none()
        || answer.status == StatusCode::CONFLICT
            && answer.precondition().is_some_and(|it| it.space == Space::Caldav)
}

/// Has nobody told that somebody invited does not come (RFC 6638 §8.1), unless that is wished.
pub(super) fn quietly(call: Call, notify: NotifyAttendees) -> Call {
    match notify {
        NotifyAttendees::Nobody => call.with(HeaderName::from_static("schedule-reply"), "F"),
        NotifyAttendees::Everybody => call,
    }
}

/// Whether what is there after writing is neither what was written nor what was there before: then somebody else has
/// written over it. What bears our own time is ours, as the server has put it.
fn is_written_over(there: &There, id: &ExternalId, now: &RemoteEvent) -> Result<bool, String> {
    let differs = |part: &Part| part.event.version != now.version;
    let before = there.before.find(id)?;
    Ok(there.resource.find(id)?.is_some_and(|sent| {
        differs(&sent)
            && sent.event.updated_at != now.updated_at
            && before.is_none_or(|before| differs(&before))
    }))
}

fn check(part: &Part, version: Option<&RemoteVersion>) -> Result<(), ProviderError> {
    match version {
        Some(version) if *version != part.event.version => Err(ProviderError::VersionMismatch),
        _ => Ok(()),
    }
}

/// A strong `ETag`; weak ones, which a proxy may have made, never match (RFC 9110 §13.1.1).
fn strong(answer: &Answer) -> Option<String> {
    answer.etag().filter(|etag| !etag.starts_with("W/")).map(str::to_owned)
}

/// Copying an event invites nobody: a server that sends invitations would do so at the sight of guests.
fn without_guests(content: &EventContent) -> EventContent {
    EventContent { attendees: Vec::new(), organizer: None, ..content.clone() }
}

fn lasts_alike(series: &When, there: &When) -> bool {
    match (*series, *there) {
        (When::AllDay { start, end }, When::AllDay { start: there_start, end: there_end }) => {
            end - start == there_end - there_start
        }
        (When::Zoned { start, end }, When::Zoned { start: there_start, end: there_end }) => {
            end.local - start.local == there_end.local - there_start.local
        }
        (When::Floating { start, end }, When::Floating { start: there_start, end: there_end }) => {
            end - start == there_end - there_start
        }
        _ => false,
    }
}

fn unreadable(url: &Url, reason: String) -> ProviderError {
    ProviderError::Unreadable {
        service: url.host_str().unwrap_or_default().to_owned(),
        action: READING,
        reason,
    }
}
