//! Writing: creations that meet themselves, patches of what differs, deletions that may already have happened.

use chrono_tz::Tz;
use http::{Method, StatusCode};
use serde_json::Value;
use synodic_model::{
    EventContent, EventStatus, ExternalId, Field, FieldSet, RemoteCalendarId, RemoteVersion, When,
};

use super::client::Call;
use super::error::{Answer, SERVICE};
use super::map::{self, Body, Role, property};
use super::pull::unreadable;
use super::wire::{self, EVENT_FIELDS};
use super::{Google, identity};
use crate::error::{Class, ProviderError};
use crate::{Creation, Identity, NotifyAttendees, RemoteEvent, Update};

const CREATING: &str = "creating an event";
const UPDATING: &str = "changing an event";
const DELETING: &str = "deleting an event";
const MOVING: &str = "moving an event";

impl Google {
    /// Inserts an event under the id derived from its identity. A second attempt is answered with 409, and what is
    /// there is returned as it is now, for the caller to reconcile.
    pub(super) async fn insert_event(
        &self,
        calendar: &RemoteCalendarId,
        creation: &Creation<'_>,
    ) -> Result<RemoteEvent, ProviderError> {
        let zone = self.zone_for(calendar, creation.content).await?;
        let id = identity::event_id(&creation.identity);
        let mut body = map::write(creation.content, map::WRITABLE, Role::Event, zone);
        body.set("id", id.as_str().into());
        body.set_private(property::MARKER, Some(&identity::marker_text(&creation.identity)));
        body.set_private(property::UID, Some(creation.uid));
        let path = ["calendars", calendar.as_str(), "events"];
        let call = self.api.call(Method::POST, &path, CREATING).json(body.into_insert());
        let answer = self.api.send(&answered_with_event(call, creation.notify)).await?;
        if answer.status == StatusCode::CONFLICT && !answer.names("conflict") {
            return self.earlier_creation(calendar, &id, &creation.identity).await;
        }
        let document = answer.json(CREATING)?;
        let event = self.read_document(calendar, document, CREATING).await?;
        event.ok_or_else(|| unreadable(CREATING, "the new event is a deleted one"))
    }

    /// What an id that is taken belongs to. Ids are hashes, so an event that carries ours is ours, unless it says that
    /// it is somebody else's.
    async fn earlier_creation(
        &self,
        calendar: &RemoteCalendarId,
        id: &ExternalId,
        identity: &Identity,
    ) -> Result<RemoteEvent, ProviderError> {
        let Some(document) = self.get_document(calendar, id).await? else {
            // Taken, yet not to be seen: writes take a moment to appear. Asking again later does no harm.
            let reason = "the event cannot be seen yet".to_owned();
            return Err(ProviderError::Throttled {
                service: SERVICE.to_owned(),
                action: CREATING,
                retry_after: None,
                reason,
            });
        };
        let item: wire::Event = serde_json::from_value(document.clone())
            .map_err(|error| unreadable(CREATING, &error.to_string()))?;
        let marked = item.private(property::MARKER).and_then(identity::parse);
        if marked.is_some_and(|marked| marked != *identity) {
            return Err(ProviderError::IdentitySpent);
        }
        self.read_document(calendar, document, CREATING).await?.ok_or(ProviderError::IdentitySpent)
    }

    /// Patches the fields in which the event shall differ from what it was.
    pub(super) async fn patch_event(
        &self,
        calendar: &RemoteCalendarId,
        update: &Update<'_>,
    ) -> Result<RemoteEvent, ProviderError> {
        if !is_named(update.version) && self.get_event(calendar, update.id).await?.is_none() {
            // Without a version nothing would keep the patch from bringing a deleted event back to life.
            return Err(ProviderError::Gone);
        }
        let zone = self.zone_for(calendar, update.desired).await?;
        let role = self.role(calendar, update).await?;
        if update.base.is_some_and(|base| is_left_out(base, role)) && is_left_out(update.desired, role) {
            return self.unchanged(calendar, update).await;
        }
        let base = update.base.filter(|base| !is_left_out(base, role));
        let changed = map::changed(base, update.desired, role, zone);
        let body =
            self.body(calendar, update.id, update.desired, changed, role, zone, update.version).await?;
        if body.is_empty() {
            return self.unchanged(calendar, update).await;
        }
        self.patch(calendar, update.id, body, update.version, update.notify, UPDATING).await
    }

    /// The body of a patch. Guests are replaced as a whole by Google, so they are put over those that are there.
    #[expect(clippy::too_many_arguments)]
    pub(super) async fn body(
        &self,
        calendar: &RemoteCalendarId,
        id: &ExternalId,
        desired: &EventContent,
        fields: FieldSet,
        role: Role,
        zone: Tz,
        version: Option<&RemoteVersion>,
    ) -> Result<Body, ProviderError> {
        if role == Role::Occurrence && desired.status == EventStatus::Cancelled {
            return Ok(map::write(desired, FieldSet::NONE.with(Field::Status), role, zone));
        }
        let mut body = map::write(desired, fields, role, zone);
        if map::is_foreign(desired) && fields.contains(Field::Attendees) {
            let existing = self.existing(calendar, id, version).await?;
            let is_cut = existing["attendeesOmitted"] == true;
            if let Some(guests) = map::answered(desired, &existing["attendees"], is_cut) {
                body.set("attendees", guests);
                if is_cut {
                    body.set("attendeesOmitted", true.into());
                }
            }
        } else if let Some(guests) = body.guests().cloned() {
            let existing = self.existing(calendar, id, version).await?;
            if existing["attendeesOmitted"] == true {
                return Err(ProviderError::Refused {
                    service: SERVICE.to_owned(),
                    action: UPDATING,
                    status: 0,
                    reason: "it shows only some of the guests, and would uninvite the others".to_owned(),
                });
            }
            body.set("attendees", map::attendees_over_existing(&guests, &existing["attendees"]));
        }
        Ok(body)
    }

    /// The event as it is now, which has to be in the state that is thought of.
    async fn existing(
        &self,
        calendar: &RemoteCalendarId,
        id: &ExternalId,
        version: Option<&RemoteVersion>,
    ) -> Result<Value, ProviderError> {
        let document = self.get_document(calendar, id).await?.ok_or(ProviderError::Gone)?;
        let etag = document["etag"].as_str();
        match version {
            Some(version) if is_named(Some(version)) && etag != Some(version.as_str()) => {
                Err(ProviderError::VersionMismatch)
            }
            _ => Ok(document),
        }
    }

    pub(super) async fn patch(
        &self,
        calendar: &RemoteCalendarId,
        id: &ExternalId,
        body: Body,
        version: Option<&RemoteVersion>,
        notify: NotifyAttendees,
        action: &'static str,
    ) -> Result<RemoteEvent, ProviderError> {
        let call = self.api.event_call(Method::PATCH, calendar, id, action).if_match(version);
        // Conference data in a body is ignored unless this is said (API reference, `events.patch`).
        let call = if body.names("conferenceData") { call.with("conferenceDataVersion", "1") } else { call };
        let call = answered_with_event(call, notify).json(body.into_patch());
        let answer = self.api.send(&call).await?;
        match answer.status {
            StatusCode::NOT_FOUND | StatusCode::GONE => Err(self.gone(calendar, &answer, action).await),
            _ => self.read_document(calendar, answer.json(action)?, action).await?.ok_or(ProviderError::Gone),
        }
    }

    pub(super) async fn gone(
        &self,
        calendar: &RemoteCalendarId,
        answer: &Answer,
        action: &'static str,
    ) -> ProviderError {
        if answer.status == StatusCode::GONE {
            return ProviderError::Gone;
        }
        self.missing(calendar, answer, action).await.err().unwrap_or(ProviderError::Gone)
    }

    /// Nothing differs in Google's words; what is there is the answer, if it is what the caller thinks it is.
    async fn unchanged(
        &self,
        calendar: &RemoteCalendarId,
        update: &Update<'_>,
    ) -> Result<RemoteEvent, ProviderError> {
        let event = self.get_event(calendar, update.id).await?.ok_or(ProviderError::Gone)?;
        match update.version {
            Some(version) if is_named(Some(version)) && *version != event.version => {
                Err(ProviderError::VersionMismatch)
            }
            _ => Ok(event),
        }
    }

    /// What the event is. It matters only when one is called off or taken back, and ids are opaque, so Google is asked.
    async fn role(&self, calendar: &RemoteCalendarId, update: &Update<'_>) -> Result<Role, ProviderError> {
        let is_cancelled = |content: &EventContent| content.status == EventStatus::Cancelled;
        let matters = is_cancelled(update.desired) || update.base.is_some_and(is_cancelled);
        if !matters || update.desired.recurrence.is_some() {
            return Ok(Role::Event);
        }
        let document = self.get_document(calendar, update.id).await?.ok_or(ProviderError::Gone)?;
        Ok(if document["recurringEventId"].is_string() { Role::Occurrence } else { Role::Event })
    }

    /// Deletes an event. One that is gone already is what was asked for.
    pub(super) async fn delete_event(
        &self,
        calendar: &RemoteCalendarId,
        id: &ExternalId,
        version: Option<&RemoteVersion>,
        notify: NotifyAttendees,
    ) -> Result<(), ProviderError> {
        let call = self.api.event_call(Method::DELETE, calendar, id, DELETING).if_match(version);
        let answer = self.api.send(&call.with("sendUpdates", send_updates(notify))).await?;
        match answer.status {
            StatusCode::GONE => Ok(()),
            StatusCode::NOT_FOUND => self.missing(calendar, &answer, DELETING).await,
            _ => answer.accepted(DELETING),
        }
    }

    /// Moves an event to another calendar. The one that it leaves keeps a cancelled stub, so a second attempt finds the
    /// event gone there, and looks for it where it was to go.
    pub(super) async fn relocate_event(
        &self,
        from: &RemoteCalendarId,
        id: &ExternalId,
        to: &RemoteCalendarId,
        notify: NotifyAttendees,
    ) -> Result<RemoteEvent, ProviderError> {
        let path = ["calendars", from.as_str(), "events", id.as_str(), "move"];
        let call = self.api.call(Method::POST, &path, MOVING).with("destination", to.as_str());
        let answer = self.api.send(&answered_with_event(call, notify)).await?;
        if answer.status.is_success() {
            let document = answer.json(MOVING)?;
            return self.read_document(to, document, MOVING).await?.ok_or(ProviderError::Gone);
        }
        let failure = answer.failure(MOVING);
        // Google words it in several ways that an event is not there; whether it has arrived tells them apart.
        if matches!(failure.class(), Class::Permanent | Class::Conflict)
            && let Some(arrived) = self.get_event(to, id).await?
        {
            return Ok(arrived);
        }
        match answer.status {
            StatusCode::NOT_FOUND | StatusCode::GONE => Err(self.gone(from, &answer, MOVING).await),
            _ => Err(failure),
        }
    }

    /// The zone in which the content is to be written; it matters to floating times only.
    async fn zone_for(
        &self,
        calendar: &RemoteCalendarId,
        content: &EventContent,
    ) -> Result<Tz, ProviderError> {
        match content.when {
            When::Floating { .. } => self.zone(calendar).await,
            When::AllDay { .. } | When::Zoned { .. } => Ok(Tz::UTC),
        }
    }
}

/// Whether a version stands for a state; an item without an `ETag` has none.
fn is_named(version: Option<&RemoteVersion>) -> bool {
    version.is_some_and(|version| !version.as_str().is_empty())
}

/// Nothing but the status is known of an occurrence that is left out, so everything has to be written to bring it back.
fn is_left_out(base: &EventContent, role: Role) -> bool {
    role == Role::Occurrence && base.status == EventStatus::Cancelled
}

/// Asks for the event in return, and says whether anybody is to be mailed: Google's own default has changed before.
fn answered_with_event(call: Call, notify: NotifyAttendees) -> Call {
    call.with("sendUpdates", send_updates(notify)).with("fields", EVENT_FIELDS)
}

fn send_updates(notify: NotifyAttendees) -> &'static str {
    match notify {
        NotifyAttendees::Nobody => "none",
        NotifyAttendees::Everybody => "all",
    }
}
