//! Making calendars and giving them other names, where the server lets this account do so.
//!
//! A calendar is made by `MKCALENDAR` (RFC 4791 §5.3.1), or by an extended `MKCOL` (RFC 5689) at servers that know only
//! that. What its colour is is said afterwards, for a server that takes no colours would refuse the whole.

use http::{Method, StatusCode};
use synodic_model::RemoteCalendarId;
use url::Url;
use uuid::Uuid;

use super::Caldav;
use super::account::properties;
use super::calendars::{PROPERTIES, calendar};
use super::client::{Answer, Call};
use super::names::url_of;
use super::xml::{self, Space};
use crate::error::{Class, ProviderError};
use crate::{CalendarWish, RemoteCalendar};

const MAKING: &str = "making a calendar";
const RENAMING: &str = "renaming a calendar";

impl Caldav {
    /// Makes a calendar in the account's first home. One whose answer was lost is found to be there.
    pub(super) async fn make_calendar(
        &self,
        wish: &CalendarWish<'_>,
    ) -> Result<RemoteCalendar, ProviderError> {
        let account = self.place();
        let home = account.homes.first().cloned().ok_or_else(|| ProviderError::Unsupported {
            service: "The calendar server".to_owned(),
            action: MAKING,
        })?;
        let mut url = url_of(&home, &Uuid::new_v4().to_string());
        url.set_path(&format!("{}/", url.path()));
        match self.ask_for_calendar(&url, wish.name).await {
            Ok(()) => {}
            Err(error) if error.class() == Class::Uncertain => {
                return self.made(&url).await?.ok_or(error);
            }
            Err(error) => return Err(error),
        }
        let color = format!("<A:calendar-color>{}</A:calendar-color>", xml::escaped(wish.color));
        if let Err(error) = self.set_properties(&url, &color, &[(Space::Apple, "calendar-color")]).await {
            tracing::debug!(%error, "the server keeps no colour");
        }
        self.made(&url).await?.ok_or_else(|| ProviderError::Unreadable {
            service: url.host_str().unwrap_or_default().to_owned(),
            action: MAKING,
            reason: "the calendar was made and is not there".to_owned(),
        })
    }

    async fn ask_for_calendar(&self, url: &Url, name: &str) -> Result<(), ProviderError> {
        let call = |method: &str, body| Call::ask(method, url.clone(), "0", body, MAKING);
        let answer = self.dav.send(call("MKCALENDAR", xml::make_calendar(name))).await?;
        let is_unknown =
            [StatusCode::METHOD_NOT_ALLOWED, StatusCode::NOT_IMPLEMENTED, StatusCode::UNSUPPORTED_MEDIA_TYPE];
        let answer = if is_unknown.contains(&answer.status) {
            self.dav.send(call("MKCOL", xml::make_collection(name))).await?
        } else {
            answer
        };
        match answer.status {
            // In a multistatus it would say that some property was not taken, and that nothing was made.
            StatusCode::MULTI_STATUS => Err(untaken(&answer)),
            status if status.is_success() => Ok(()),
            _ => Err(answer.failure()),
        }
    }

    /// The calendar at `url`, if there is one.
    async fn made(&self, url: &Url) -> Result<Option<RemoteCalendar>, ProviderError> {
        match properties(&self.dav, url.clone(), &PROPERTIES).await {
            Ok((row, at)) => {
                let id = self.place().calendar_id(&at);
                Ok(calendar(&row, &at).map(|calendar| RemoteCalendar { id, ..calendar }))
            }
            Err(ProviderError::Refused { status: 404 | 410, .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Gives a calendar another name.
    pub(super) async fn rename(&self, id: &RemoteCalendarId, name: &str) -> Result<(), ProviderError> {
        let url = self.calendar_url(id)?;
        let name = format!("<D:displayname>{}</D:displayname>", xml::escaped(name));
        self.set_properties(&url, &name, &[(Space::Dav, "displayname")]).await
    }

    /// Sets properties; the server has to say of each of `names` that it took it.
    async fn set_properties(
        &self,
        url: &Url,
        properties: &str,
        names: &[(Space, &str)],
    ) -> Result<(), ProviderError> {
        let method = Method::from_bytes(b"PROPPATCH").unwrap_or(Method::PATCH);
        let call = Call::ask(method.as_str(), url.clone(), "0", xml::proppatch(properties), RENAMING);
        let answer = self.dav.send(call).await?;
        if answer.status != StatusCode::MULTI_STATUS {
            return if answer.status.is_success() { Ok(()) } else { Err(answer.failure()) };
        }
        let read = xml::multistatus(&answer.body).map_err(|reason| answer.unreadable(&reason))?;
        let is_taken = |(space, local): &(Space, &str)| {
            read.rows.iter().any(|row| row.property(*space, local).is_some())
        };
        if names.iter().all(is_taken) { Ok(()) } else { Err(untaken(&answer)) }
    }
}

fn untaken(answer: &Answer) -> ProviderError {
    ProviderError::Refused {
        service: answer.url.host_str().unwrap_or_default().to_owned(),
        action: answer.action(),
        status: StatusCode::FORBIDDEN.as_u16(),
        reason: "the server does not let this account say so".to_owned(),
    }
}
