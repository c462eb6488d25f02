//! Taking an event, a series with its occurrences, from one calendar of the account to another.
//!
//! The server is asked to move it, so that it stays the same event: services that want each event once take no copy of it
//! beside the original. Where a server cannot move it, it is copied as it is and then deleted, in this order, so that it is
//! never nowhere. What breaks off half-way is found by the next attempt: the copy bears the name of the original.
//!
//! A server that sends invitations would take a copy for a new invitation, and the deletion for a cancellation. There an
//! event with guests is moved by the server or stays where it is.

use http::{Method, StatusCode, header};
use synodic_model::{ExternalId, RemoteCalendarId};
use url::Url;

use super::Caldav;
use super::client::{Answer, Call};
use super::names::Name;
use super::push::{There, quietly};
use crate::error::ProviderError;
use crate::{NotifyAttendees, RemoteEvent};

const MOVING: &str = "moving an event";
/// How often a copy is begun anew because the original was changed meanwhile.
const ROUNDS: usize = 3;

impl Caldav {
    pub(super) async fn relocate(
        &self,
        from: &RemoteCalendarId,
        id: &ExternalId,
        to: &RemoteCalendarId,
        notify: NotifyAttendees,
    ) -> Result<RemoteEvent, ProviderError> {
        let name = Name::of(id).resource;
        let (source, target) = (self.calendar_url(from)?, self.calendar_url(to)?);
        if let Some(there) = self.there(&source, &name).await? {
            let to = self.url_of(&target, &name);
            let call = Call::new(method("MOVE"), self.url_of(&source, &name), MOVING)
                .with(header::HeaderName::from_static("destination"), to.as_str())
                .with(header::HeaderName::from_static("overwrite"), "F");
            let answer = self.dav.send(quietly(call, notify)).await?;
            if let Some(refusal) = refusal(answer)? {
                let sends_mail = self.place().schedules && has_guests(&there);
                if sends_mail {
                    return Err(refusal);
                }
                self.copy(&source, &target, &name, there, refusal)
                    .await
                    .map_err(|error| undecided(&target, error))?;
            }
        }
        let arrived = self.there(&target, &name).await?.ok_or(ProviderError::Gone)?;
        Ok(self.part(&arrived, id)?.ok_or(ProviderError::Gone)?.event)
    }

    /// Copies a resource and deletes the original. `refusal` is why the server did not move it.
    async fn copy(
        &self,
        source: &Url,
        target: &Url,
        name: &str,
        there: There,
        refusal: ProviderError,
    ) -> Result<(), ProviderError> {
        let mut original = there.writable()?;
        for _ in 0..ROUNDS {
            self.put_copy(target, name, &original, &refusal).await?;
            match self.take_out(source, name, &original, NotifyAttendees::Nobody).await {
                Err(ProviderError::VersionMismatch) => match self.there(source, name).await? {
                    Some(changed) => original = changed.writable()?,
                    None => return Ok(()),
                },
                done => return done,
            }
        }
        Err(ProviderError::VersionMismatch)
    }

    /// Has the target hold what the original does. A copy of an earlier attempt is brought up to date.
    async fn put_copy(
        &self,
        target: &Url,
        name: &str,
        original: &There,
        refusal: &ProviderError,
    ) -> Result<(), ProviderError> {
        let text = original.resource.text();
        let call = Call::put(self.url_of(target, name), text, MOVING);
        let call = match self.there(target, name).await? {
            None => call.with(header::IF_NONE_MATCH, "*"),
            Some(copy) if copy.resource.uid() != original.resource.uid() => return Err(refusal.clone()),
            Some(copy) if copy.resource.says_the_same(&original.resource) => return Ok(()),
            Some(copy) => copy.guards.over(call),
        };
        let answer = self.dav.send(call).await?;
        if answer.status.is_success() { Ok(()) } else { Err(answer.failure()) }
    }
}

/// Why the server does not move an event; none when it did.
fn refusal(answer: Answer) -> Result<Option<ProviderError>, ProviderError> {
    match answer.status.as_u16() {
        200..=299 => Ok(answer.failure_within()),
        // About the request, not about the move.
        401 | 408 | 423 | 429 | 500 | 503 | 504 => Err(answer.failure()),
        _ => Ok(Some(match answer.failure() {
            // To whom it says so, the version of something has nothing to do with it: the name is taken.
            ProviderError::VersionMismatch => taken(&answer),
            failure => failure,
        })),
    }
}

/// That somebody changes the event meanwhile does not mean that it is not there to be moved.
fn undecided(url: &Url, error: ProviderError) -> ProviderError {
    match error {
        ProviderError::VersionMismatch => ProviderError::ServerFailed {
            service: url.host_str().unwrap_or_default().to_owned(),
            action: MOVING,
            status: StatusCode::PRECONDITION_FAILED.as_u16(),
            reason: "the event is being changed there".to_owned(),
        },
        error => error,
    }
}

fn taken(answer: &Answer) -> ProviderError {
    ProviderError::Refused {
        service: answer.url.host_str().unwrap_or_default().to_owned(),
        action: MOVING,
        status: StatusCode::PRECONDITION_FAILED.as_u16(),
        reason: "the other calendar has another event of this name".to_owned(),
    }
}

fn has_guests(there: &There) -> bool {
    let parts = there.resource.parts().unwrap_or_default();
    parts.iter().any(|part| !part.event.content.attendees.is_empty())
}

fn method(name: &str) -> Method {
    Method::from_bytes(name.as_bytes()).unwrap_or(Method::OPTIONS)
}
