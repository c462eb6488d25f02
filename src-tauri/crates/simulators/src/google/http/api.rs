//! The methods of the Calendar API, one short function each.

use axum::Router;
use axum::body::Bytes;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::routing::{get, post};
use serde_json::Value;

use super::{Call, Reply};
use crate::google::GoogleSimulator;
use crate::google::calendar::AccessRole;
use crate::google::calendar::Calendar;
use crate::google::changes::CalendarChange;
use crate::google::colors;
use crate::google::control::NewCalendar;
use crate::google::error::ApiError;
use crate::google::event::content::Object;
use crate::google::event::{Event, View};
use crate::google::mail::SendUpdates;
use crate::google::push::Resource;
use crate::google::scope::Need;
use crate::google::state::State;
use crate::google::writes::{Author, Change, WriteOptions};

type Answer = Result<Reply, ApiError>;

/// The paths under `/calendar/v3`.
pub(crate) fn routes() -> Router<GoogleSimulator> {
    Router::new()
        .route("/users/me/calendarList", get(list_calendars))
        .route("/users/me/calendarList/watch", post(watch_calendar_list))
        .route(
            "/users/me/calendarList/{calendar}",
            get(get_list_entry).put(update_list_entry).patch(patch_list_entry),
        )
        .route("/users/me/settings", get(list_settings))
        .route("/users/me/settings/{setting}", get(get_setting))
        .route("/calendars", post(insert_calendar))
        .route(
            "/calendars/{calendar}",
            get(get_calendar).put(update_calendar).patch(patch_calendar).delete(delete_calendar),
        )
        .route("/calendars/{calendar}/events", get(list_events).post(insert_event))
        .route("/calendars/{calendar}/events/import", post(import_event))
        .route("/calendars/{calendar}/events/watch", post(watch_events))
        .route(
            "/calendars/{calendar}/events/{event}",
            get(get_event).put(update_event).patch(patch_event).delete(delete_event),
        )
        .route("/calendars/{calendar}/events/{event}/instances", get(list_instances))
        .route("/calendars/{calendar}/events/{event}/move", post(move_event))
        .route("/channels/stop", post(stop_channel))
        .route("/colors", get(get_colors))
        .route("/freeBusy", post(query_free_busy))
        .fallback(async || ApiError::not_found())
}

/// Reads a body, which is an object; an absent one counts as empty.
fn object(body: &Bytes) -> Result<Object, ApiError> {
    if body.iter().all(u8::is_ascii_whitespace) {
        return Ok(Object::new());
    }
    match serde_json::from_slice(body) {
        Ok(Value::Object(object)) => Ok(object),
        _ => Err(ApiError::parse_error()),
    }
}

async fn list_calendars(call: Call) -> Answer {
    call.state().list_calendars(&call.who, &call.query).map(Reply::new)
}

async fn get_list_entry(call: Call, Path(calendar): Path<String>) -> Answer {
    let state = call.state();
    let (place, _) = state.open(&call.who, &calendar, Need::ReadListEntry)?;
    list_entry(&state, &call.who.email, &place.id)
}

async fn watch_calendar_list(call: Call, body: Bytes) -> Answer {
    let mut state = call.state();
    state.allow(&call.who, Need::ListCalendars)?;
    state.watch(&call.who, Resource::CalendarList(call.who.email.clone()), &object(&body)?).map(Reply::new)
}

async fn get_calendar(call: Call, Path(calendar): Path<String>) -> Answer {
    let state = call.state();
    let (place, _) = state.open(&call.who, &calendar, Need::ReadCalendar)?;
    Ok(Reply::new(place.render()))
}

async fn insert_calendar(call: Call, body: Bytes) -> Answer {
    let body = object(&body)?;
    let text = |name: &str| body.get(name).and_then(Value::as_str).map(str::to_owned);
    let mut state = call.state();
    state.allow(&call.who, Need::CreateCalendar)?;
    let summary = text("summary").filter(|summary| !summary.is_empty());
    let invalid_zone = |_| ApiError::invalid("Invalid time zone definition.");
    let new = NewCalendar {
        summary: summary.ok_or_else(|| ApiError::required("Missing summary."))?,
        description: text("description"),
        time_zone: text("timeZone").map(|zone| zone.parse().map_err(invalid_zone)).transpose()?,
        ..NewCalendar::default()
    };
    let id = state.add_calendar(&call.who.email, &new, true)?;
    state.calendars.get(&id).map(Calendar::render).map(Reply::new).ok_or_else(ApiError::not_found)
}

async fn update_calendar(call: Call, Path(calendar): Path<String>, body: Bytes) -> Answer {
    change_calendar(&call, &calendar, Change::Replace, &body)
}

async fn patch_calendar(call: Call, Path(calendar): Path<String>, body: Bytes) -> Answer {
    change_calendar(&call, &calendar, Change::Patch, &body)
}

fn change_calendar(call: &Call, calendar: &str, change: Change, body: &Bytes) -> Answer {
    let change = CalendarChange::of_calendar(&object(body)?, change)?;
    let mut state = call.state();
    let (place, role) = state.open(&call.who, calendar, Need::ChangeCalendar)?;
    let id = place.id.clone();
    if role < AccessRole::Owner {
        return Err(ApiError::injected(403, "forbidden"));
    }
    state.change_calendar(&call.who.email, &id, &change)?;
    state.calendars.get(&id).map(Calendar::render).map(Reply::new).ok_or_else(ApiError::not_found)
}

async fn update_list_entry(call: Call, Path(calendar): Path<String>, body: Bytes) -> Answer {
    change_list_entry(&call, &calendar, Change::Replace, &body)
}

async fn patch_list_entry(call: Call, Path(calendar): Path<String>, body: Bytes) -> Answer {
    change_list_entry(&call, &calendar, Change::Patch, &body)
}

fn change_list_entry(call: &Call, calendar: &str, change: Change, body: &Bytes) -> Answer {
    let change = CalendarChange::of_list_entry(&object(body)?, change)?;
    let mut state = call.state();
    let id = state.open(&call.who, calendar, Need::ChangeListEntry)?.0.id.clone();
    state.change_calendar(&call.who.email, &id, &change)?;
    list_entry(&state, &call.who.email, &id)
}

/// Writes a calendar as it stands in the list of an account.
fn list_entry(state: &State, email: &str, id: &str) -> Answer {
    let entry = state.accounts.get(email).and_then(|account| account.entries.get(id));
    let entry = entry.ok_or_else(ApiError::not_found)?;
    Ok(Reply::new(entry.render(id, state.calendars.get(id))))
}

async fn list_settings(call: Call) -> Answer {
    call.state().list_settings(&call.who).map(Reply::new)
}

async fn get_setting(call: Call, Path(setting): Path<String>) -> Answer {
    call.state().get_setting(&call.who, &setting).map(Reply::new)
}

async fn query_free_busy(call: Call, body: Bytes) -> Answer {
    call.state().free_busy(&call.who, &object(&body)?).map(Reply::new)
}

async fn delete_calendar(call: Call, Path(calendar): Path<String>) -> Result<StatusCode, ApiError> {
    let mut state = call.state();
    let (place, role) = state.open(&call.who, &calendar, Need::DeleteCalendar)?;
    let (id, secondary) = (place.id.clone(), place.data_owner.is_some());
    if role < AccessRole::Owner || !secondary {
        return Err(ApiError::injected(403, "forbidden"));
    }
    state.delete_calendar(&id)?;
    Ok(StatusCode::NO_CONTENT)
}

async fn list_events(call: Call, Path(calendar): Path<String>) -> Answer {
    call.state().list_events(&call.who, &calendar, &call.query).map(Reply::new)
}

async fn list_instances(call: Call, Path((calendar, event)): Path<(String, String)>) -> Answer {
    call.state().list_instances(&call.who, &calendar, &event, &call.query).map(Reply::new)
}

async fn get_event(call: Call, Path((calendar, event)): Path<(String, String)>) -> Answer {
    let state = call.state();
    let (place, _) = state.open(&call.who, &calendar, Need::ReadEvents)?;
    let event = place.find(&event).ok_or_else(ApiError::not_found)?;
    shown(&call, &state, &calendar, &event)
}

async fn insert_event(call: Call, Path(calendar): Path<String>, body: Bytes) -> Answer {
    let (body, options) = (object(&body)?, write_options(&call)?);
    let mut state = call.state();
    let event = state.insert_event(Author::Client(&call.who), &calendar, &body, &options)?;
    shown(&call, &state, &calendar, &event)
}

async fn import_event(call: Call, Path(calendar): Path<String>, body: Bytes) -> Answer {
    let (body, options) = (object(&body)?, write_options(&call)?);
    let mut state = call.state();
    let event = state.import_event(Author::Client(&call.who), &calendar, &body, &options)?;
    shown(&call, &state, &calendar, &event)
}

async fn update_event(call: Call, Path(path): Path<(String, String)>, body: Bytes) -> Answer {
    change(&call, &path, Change::Replace, &body)
}

async fn patch_event(call: Call, Path(path): Path<(String, String)>, body: Bytes) -> Answer {
    change(&call, &path, Change::Patch, &body)
}

fn change(call: &Call, (calendar, event): &(String, String), change: Change, body: &Bytes) -> Answer {
    let (body, options) = (object(body)?, write_options(call)?);
    let mut state = call.state();
    let event =
        state.change_event(Author::Client(&call.who), (calendar, event), (change, &body), &options)?;
    shown(call, &state, calendar, &event)
}

async fn delete_event(
    call: Call,
    Path((calendar, event)): Path<(String, String)>,
) -> Result<StatusCode, ApiError> {
    let options = write_options(&call)?;
    call.state().delete_event(Author::Client(&call.who), (&calendar, &event), &options)?;
    Ok(StatusCode::NO_CONTENT)
}

async fn move_event(call: Call, Path((calendar, event)): Path<(String, String)>) -> Answer {
    let options = write_options(&call)?;
    let required = || ApiError::required("Required").at("parameter", "destination");
    let destination = call.query.get("destination").ok_or_else(required)?;
    let mut state = call.state();
    let event = state.move_event(Author::Client(&call.who), (&calendar, &event), destination, &options)?;
    shown(&call, &state, destination, &event)
}

async fn watch_events(call: Call, Path(calendar): Path<String>, body: Bytes) -> Answer {
    call.state().watch(&call.who, Resource::Events(calendar), &object(&body)?).map(Reply::new)
}

async fn stop_channel(call: Call, body: Bytes) -> Result<StatusCode, ApiError> {
    let mut state = call.state();
    state.allow(&call.who, Need::StopChannel)?;
    state.stop_channel(&call.who, &object(&body)?)?;
    Ok(StatusCode::NO_CONTENT)
}

async fn get_colors(call: Call) -> Answer {
    call.state().allow(&call.who, Need::ReadColors)?;
    Ok(Reply::new(colors::render()))
}

/// Writes one event for whoever asked, as it is seen through this calendar.
fn shown(call: &Call, state: &State, calendar: &str, event: &Event) -> Answer {
    let id = if calendar == "primary" { call.who.email.as_str() } else { calendar };
    let place = state.calendars.get(id).ok_or_else(ApiError::not_found)?;
    let entry = state.accounts.get(&call.who.email).and_then(|account| account.entries.get(id));
    let view = View {
        calendar: &place.id,
        zone: call.query.zone("timeZone")?.unwrap_or(place.time_zone),
        role: entry.map_or(AccessRole::FreeBusyReader, |entry| entry.role),
        max_attendees: call.query.number("maxAttendees")?,
    };
    Ok(Reply::new(event.render(&view, place.is_cancelled(event))))
}

fn write_options(call: &Call) -> Result<WriteOptions, ApiError> {
    let query = &call.query;
    let send_updates = match query.get("sendUpdates") {
        Some("all") => SendUpdates::All,
        Some("externalOnly") => SendUpdates::ExternalOnly,
        Some("none") => SendUpdates::None,
        Some(other) => {
            let message =
                format!("Invalid string value: '{other}'. Allowed values: [all, externalOnly, none]");
            return Err(ApiError::bad_parameter("sendUpdates", message));
        }
        None if query.flag("sendNotifications")? == Some(true) => SendUpdates::All,
        None => SendUpdates::None,
    };
    Ok(WriteOptions {
        conference: query.number("conferenceDataVersion")? == Some(1),
        attachments: query.flag("supportsAttachments")? == Some(true),
        send_updates,
        if_match: call.if_match.clone(),
    })
}
