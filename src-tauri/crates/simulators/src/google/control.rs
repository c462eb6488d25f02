//! The rest of the world: the person with a phone, the administrator, the network.
//!
//! [`Control`] acts on a simulator in process. The same abilities are served over HTTP:
//!
//! | request under `/control` | body | answer |
//! | --- | --- | --- |
//! | `GET /accounts` | | `[{email, name}]` |
//! | `POST /accounts` | `{email, name}` | `{}` |
//! | `PUT /accounts/{email}/workspace` | `true` or `false` | `{}` |
//! | `POST /tokens` | `{email}` | `{access_token, refresh_token}` |
//! | `GET /calendars` | | `[{id, summary, time_zone}]` |
//! | `POST /calendars` | `{email, summary, id?, color_id?, time_zone?, access_role?, primary?}` | `{id}` |
//! | `PATCH /calendars/{id}` | `{email, …}` and what of a [`CalendarChange`] is to be different | `{}` |
//! | `DELETE /calendars/{id}` | | `{}` |
//! | `PUT /calendars/{id}/access` | `{email, role}`; `role: null` takes it away | `{}` |
//! | `GET /calendars/{id}/events` | `?deleted=true` for tombstones too | `[event]` |
//! | `PUT /calendars/{id}/events` | an event; merged into the one with its `id` if there is one | event |
//! | `DELETE /calendars/{id}/events/{event}` | | `{}` |
//! | `POST /calendars/{id}/invitations` | `{organizer, event}` | event |
//! | `POST /calendars/{id}/events/{event}/answers` | `{guest, response}` | event |
//! | `PUT /calendars/{id}/oddities/{event}` | anything, to be listed as it is | `{}` |
//! | `POST /calendars/{id}/expire-sync-tokens` | | `{}` |
//! | `GET`, `DELETE /requests` | | `[{method, path, query, status, at}]` |
//! | `GET`, `DELETE /outbox` | | `[{kind, calendarId, eventId, summary, to, at}]` |
//! | `GET /channels` | | `[channel]` |
//! | `GET`, `DELETE /faults` | | `[fault]` |
//! | `POST /faults` | a [`Fault`] as JSON | `{}` |
//! | `PUT /quota` | a [`Quota`] as JSON, or `null` for none | `{}` |
//! | `POST /expire-sync-tokens`, `POST /expire-access-tokens` | | `{}` |
//! | `POST /revoke` | `{email}` | `{}` |

use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::calendar::{AccessRole, Calendar};
use super::changes::CalendarChange;
use super::error::ApiError;
use super::event::time::utc;
use super::event::{Event, View, same_address};
use super::options::Quota;
use super::writes::{Author, Change, WriteOptions};
use super::{GoogleSimulator, State};
use crate::fault::Fault;
use crate::record::RequestRecord;

/// A calendar to be added.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NewCalendar {
    /// The id; made up when absent.
    pub id: Option<String>,
    /// The title.
    pub summary: String,
    /// A longer text.
    pub description: Option<String>,
    /// A colour of the calendar palette, "1" to "24".
    pub color_id: Option<String>,
    /// The zone; that of the options when absent.
    pub time_zone: Option<Tz>,
    /// What the account may do with it.
    pub access_role: AccessRole,
    /// Whether this describes the account's primary calendar, which exists already and whose id is the address.
    pub primary: bool,
}

/// Acts on a simulator from outside of the API.
///
/// Methods that take the id of an account or a calendar panic if there is none: they are called by tests and
/// demonstrations that made it themselves. Those that can fail for other reasons have a `try_` form.
#[derive(Clone, Debug)]
pub struct Control {
    simulator: GoogleSimulator,
}

impl Control {
    pub(crate) fn new(simulator: GoogleSimulator) -> Self {
        Self { simulator }
    }

    /// Adds an account with its primary calendar, whose id is the address. Does nothing if it exists.
    pub fn add_account(&self, email: &str, name: &str) {
        self.simulator.state().add_account(email, name);
    }

    /// Returns the addresses and names of all accounts.
    pub fn accounts(&self) -> Vec<(String, String)> {
        let state = self.simulator.state();
        state.accounts.iter().map(|(email, account)| (email.clone(), account.name.clone())).collect()
    }

    /// Issues an access token and a refresh token for everything, without the browser.
    ///
    /// # Panics
    ///
    /// If there is no such account.
    pub fn issue_tokens(&self, email: &str) -> (String, String) {
        must(self.try_issue_tokens(email), "issue tokens")
    }

    /// Like [`Control::issue_tokens`], with the reason if it fails.
    pub fn try_issue_tokens(&self, email: &str) -> Result<(String, String), ApiError> {
        self.simulator.state().issue_tokens(email)
    }

    /// Adds a calendar to an account and returns its id.
    ///
    /// # Panics
    ///
    /// If there is no such account.
    #[expect(clippy::needless_pass_by_value, reason = "callers write the calendar down in place")]
    pub fn add_calendar(&self, email: &str, calendar: NewCalendar) -> String {
        must(self.try_add_calendar(email, &calendar), "add a calendar")
    }

    /// Like [`Control::add_calendar`], with the reason if it fails.
    pub fn try_add_calendar(&self, email: &str, calendar: &NewCalendar) -> Result<String, ApiError> {
        self.simulator.state().add_calendar(email, calendar, false)
    }

    /// Deletes a calendar for everyone. Returns whether there was one.
    pub fn delete_calendar(&self, calendar: &str) -> bool {
        self.simulator.state().delete_calendar(calendar).is_ok()
    }

    /// Gives an account a role on a calendar, or takes its access away. All sync tokens of the calendar end with it.
    ///
    /// # Panics
    ///
    /// If there is no such account or calendar.
    pub fn set_access(&self, calendar: &str, email: &str, role: Option<AccessRole>) {
        must(self.try_set_access(calendar, email, role), "change access");
    }

    /// Like [`Control::set_access`], with the reason if it fails.
    pub fn try_set_access(
        &self,
        calendar: &str,
        email: &str,
        role: Option<AccessRole>,
    ) -> Result<(), ApiError> {
        self.simulator.state().set_access(calendar, email, role)
    }

    /// Renames, recolours, hides or otherwise changes a calendar, as an account does with another device.
    ///
    /// # Panics
    ///
    /// If the account has no such calendar.
    #[expect(clippy::needless_pass_by_value, reason = "callers write the change down in place")]
    pub fn change_calendar(&self, email: &str, calendar: &str, change: CalendarChange) {
        must(self.try_change_calendar(email, calendar, &change), "change a calendar");
    }

    /// Like [`Control::change_calendar`], with the reason if it fails.
    pub fn try_change_calendar(
        &self,
        email: &str,
        calendar: &str,
        change: &CalendarChange,
    ) -> Result<(), ApiError> {
        self.simulator.state().change_calendar(email, calendar, change)
    }

    /// Says whether an account belongs to an organisation, which may make times of focus, absences and places of work.
    ///
    /// # Panics
    ///
    /// If there is no such account.
    pub fn set_workspace(&self, email: &str, workspace: bool) {
        must(self.try_set_workspace(email, workspace), "change an account");
    }

    /// Like [`Control::set_workspace`], with the reason if it fails.
    pub fn try_set_workspace(&self, email: &str, workspace: bool) -> Result<(), ApiError> {
        let mut state = self.simulator.state();
        state.accounts.get_mut(email).ok_or_else(ApiError::not_found)?.workspace = workspace;
        Ok(())
    }

    /// Returns the ids of all calendars.
    pub fn calendars(&self) -> Vec<String> {
        self.simulator.state().calendars.keys().cloned().collect()
    }

    /// Writes an event as a person with another device would, and returns it as the API shows it.
    ///
    /// Without an `id`, or with a new one, the event is added; otherwise the body is merged into it like a patch. The
    /// rules for clients do not apply: the calendar may be read-only, and the body may set `organizer`, `creator` and
    /// any `eventType`. Setting `status` to `confirmed` brings a deleted event back.
    ///
    /// # Panics
    ///
    /// If there is no such calendar, or the event is not a valid one.
    pub fn put_event(&self, calendar: &str, event: Value) -> Value {
        must(self.try_put_event(calendar, event), "put an event")
    }

    /// Like [`Control::put_event`], with the reason if it fails.
    pub fn try_put_event(&self, calendar: &str, event: Value) -> Result<Value, ApiError> {
        let Value::Object(body) = event else {
            return Err(ApiError::parse_error());
        };
        let mut state = self.simulator.state();
        let options = WriteOptions { conference: true, attachments: true, ..WriteOptions::default() };
        let id = body.get("id").and_then(Value::as_str).unwrap_or_default();
        let known = state.calendars.get(calendar).is_some_and(|place| place.find(id).is_some());
        let event = if known {
            state.change_event(Author::Phone, (calendar, id), (Change::Patch, &body), &options)?
        } else {
            state.insert_event(Author::Phone, calendar, &body, &options)?
        };
        let place = state.calendars.get(calendar).ok_or_else(ApiError::not_found)?;
        Ok(event.render(&owners_view(place), place.is_cancelled(&event)))
    }

    /// Puts somebody else's meeting into a calendar, whose owner is invited to it and has not answered. Further guests
    /// may be in the event. What the organizer changes later is a [`Control::put_event`] like any other.
    ///
    /// # Panics
    ///
    /// If there is no such calendar, or the event is not a valid one.
    pub fn invite(&self, calendar: &str, organizer: &str, event: Value) -> Value {
        must(self.try_invite(calendar, organizer, event), "invite to an event")
    }

    /// Like [`Control::invite`], with the reason if it fails.
    pub fn try_invite(&self, calendar: &str, organizer: &str, mut event: Value) -> Result<Value, ApiError> {
        let people = [(organizer, "accepted"), (calendar, "needsAction")];
        let mut guests = event["attendees"].as_array().cloned().unwrap_or_default();
        for (email, response) in people {
            if !guests.iter().any(|guest| same_address(guest, email)) {
                guests.push(json!({ "email": email, "responseStatus": response }));
            }
        }
        if !event.is_object() {
            return Err(ApiError::parse_error());
        }
        event["attendees"] = Value::Array(guests);
        event["organizer"] = json!({ "email": organizer });
        event["creator"] = json!({ "email": organizer });
        self.try_put_event(calendar, event)
    }

    /// Answers an event for one of its guests: `accepted`, `declined`, `tentative` or `needsAction`.
    ///
    /// # Panics
    ///
    /// If there is no such event or guest.
    pub fn answer(&self, calendar: &str, id: &str, guest: &str, response: &str) -> Value {
        must(self.try_answer(calendar, id, guest, response), "answer for a guest")
    }

    /// Like [`Control::answer`], with the reason if it fails.
    pub fn try_answer(
        &self,
        calendar: &str,
        id: &str,
        guest: &str,
        response: &str,
    ) -> Result<Value, ApiError> {
        let known = self.simulator.state().calendars.get(calendar).and_then(|place| place.find(id));
        let mut guests = known.ok_or_else(ApiError::not_found)?.content.attendees().to_vec();
        let entry = guests.iter_mut().find(|entry| same_address(entry, guest));
        entry.ok_or_else(ApiError::not_found)?["responseStatus"] = json!(response);
        self.try_put_event(calendar, json!({ "id": id, "attendees": guests }))
    }

    /// Puts something into a calendar that no real service should say, and lists it exactly as it is. The calendar
    /// keeps it under `id`, and shows it whole again however it is asked for, until it is deleted or given as an event.
    ///
    /// # Panics
    ///
    /// If there is no such calendar.
    pub fn put_oddity(&self, calendar: &str, id: &str, item: Value) {
        must(self.try_put_oddity(calendar, id, item), "put an oddity");
    }

    /// Like [`Control::put_oddity`], with the reason if it fails.
    pub fn try_put_oddity(&self, calendar: &str, id: &str, item: Value) -> Result<(), ApiError> {
        let mut state = self.simulator.state();
        let now = state.now();
        let stand_in = json!({
            "start": { "dateTime": utc(now) },
            "end": { "dateTime": utc(now) },
            "id": id,
        });
        let Value::Object(body) = stand_in else {
            return Err(ApiError::parse_error());
        };
        let known = state.calendars.get(calendar).and_then(|place| place.find(id));
        let event = match known {
            Some(event) => event,
            None => state.insert_event(Author::Phone, calendar, &body, &WriteOptions::default())?,
        };
        state.store(calendar, Event { verbatim: Some(item), cancelled_at: None, ..event });
        Ok(())
    }

    /// Deletes an event as a person with another device would. Returns whether there was one.
    pub fn delete_event(&self, calendar: &str, id: &str) -> bool {
        self.try_delete_event(calendar, id).is_ok()
    }

    /// Like [`Control::delete_event`], with the reason if it fails.
    pub fn try_delete_event(&self, calendar: &str, id: &str) -> Result<(), ApiError> {
        self.simulator.state().delete_event(Author::Phone, (calendar, id), &WriteOptions::default())
    }

    /// Returns an event as its owner sees it, or the occurrence of a series that has this id.
    pub fn find(&self, calendar: &str, id: &str) -> Option<Value> {
        let state = self.simulator.state();
        let place = state.calendars.get(calendar)?;
        let event = place.find(id).filter(|event| !place.is_cancelled(event))?;
        Some(event.render(&owners_view(place), false))
    }

    /// Returns the events of a calendar by id: singles, masters and exceptions, but nothing that is cancelled.
    pub fn events(&self, calendar: &str) -> Vec<Value> {
        let state = self.simulator.state();
        events(&state, calendar, false)
    }

    /// Returns the events of a calendar by id, with cancelled occurrences and tombstones.
    pub fn all_events(&self, calendar: &str) -> Vec<Value> {
        let state = self.simulator.state();
        events(&state, calendar, true)
    }

    /// Returns the requests to the API and the OAuth endpoints, oldest first.
    pub fn requests(&self) -> Vec<RequestRecord> {
        self.simulator.shared.wire.log.all()
    }

    /// Forgets the requests so far.
    pub fn clear_requests(&self) {
        self.simulator.shared.wire.log.clear();
    }

    /// Returns the mails to guests that the real service would have sent.
    pub fn outbox(&self) -> Vec<Value> {
        self.simulator.state().outbox.clone()
    }

    /// Empties the outbox.
    pub fn clear_outbox(&self) {
        self.simulator.state().outbox.clear();
    }

    /// Returns the live watch channels, with their addresses and the numbers of their last messages.
    pub fn channels(&self) -> Vec<Value> {
        let state = self.simulator.state();
        let render = |channel: &super::push::Channel| {
            let mut item = channel.render();
            item["address"] = json!(channel.address);
            item["messageNumber"] = json!(channel.number);
            item
        };
        state.channels.values().map(render).collect()
    }

    /// Adds a fault. It acts on requests to the API and the OAuth endpoints.
    pub fn inject(&self, fault: Fault) {
        self.simulator.shared.wire.faults.inject(fault);
    }

    /// Removes all faults.
    pub fn clear_faults(&self) {
        self.simulator.shared.wire.faults.clear();
    }

    /// Returns the faults in force, with what is left of their counts.
    pub fn faults(&self) -> Vec<Fault> {
        self.simulator.shared.wire.faults.all()
    }

    /// Switches the request quota on or off.
    pub fn set_quota(&self, quota: Option<Quota>) {
        let mut state = self.simulator.state();
        state.quota = quota;
        state.buckets = super::quota::Buckets::default();
    }

    /// Makes all sync tokens so far invalid: they are answered with 410.
    pub fn expire_sync_tokens(&self) {
        self.simulator.state().epoch += 1;
    }

    /// Makes the sync tokens of one calendar invalid: they are answered with 410.
    ///
    /// # Panics
    ///
    /// If there is no such calendar.
    pub fn expire_sync_tokens_of(&self, calendar: &str) {
        must(self.try_expire_sync_tokens_of(calendar), "end sync tokens");
    }

    /// Like [`Control::expire_sync_tokens_of`], with the reason if it fails.
    pub fn try_expire_sync_tokens_of(&self, calendar: &str) -> Result<(), ApiError> {
        let mut state = self.simulator.state();
        state.calendars.get_mut(calendar).ok_or_else(ApiError::not_found)?.epoch += 1;
        Ok(())
    }

    /// Makes all access tokens so far invalid: they are answered with 401. Refresh tokens stay good.
    pub fn expire_access_tokens(&self) {
        self.simulator.state().expire_access_tokens();
    }

    /// Takes back all consent that an account has given: refreshing is answered with `invalid_grant`.
    pub fn revoke(&self, email: &str) {
        self.simulator.state().revoke_account(email);
    }
}

fn events(state: &State, calendar: &str, with_cancelled: bool) -> Vec<Value> {
    let Some(place) = state.calendars.get(calendar) else {
        return Vec::new();
    };
    let view = owners_view(place);
    place
        .events
        .values()
        .map(|event| (event, place.is_cancelled(event)))
        .filter(|(_, cancelled)| with_cancelled || !cancelled)
        .map(|(event, cancelled)| event.render(&view, cancelled))
        .collect()
}

fn owners_view(place: &Calendar) -> View<'_> {
    View { calendar: &place.id, zone: place.time_zone, role: AccessRole::Owner, max_attendees: None }
}

/// The caller named something that it did not make; going on would hide the mistake.
fn must<T>(result: Result<T, ApiError>, what: &str) -> T {
    result.unwrap_or_else(|error| panic!("cannot {what}: {error}"))
}
