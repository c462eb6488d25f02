//! The control API over HTTP; the table is in [`crate::google::control`].

use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get, patch, post, put};
use axum::{Json, Router};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::google::GoogleSimulator;
use crate::google::calendar::AccessRole;
use crate::google::changes::CalendarChange;
use crate::google::control::NewCalendar;
use crate::google::error::ApiError;
use crate::google::options::Quota;

type Simulator = State<GoogleSimulator>;
type Answer = Result<Json<Value>, Refusal>;

/// An error, in the shape of the API's own.
struct Refusal(ApiError);

impl From<ApiError> for Refusal {
    fn from(error: ApiError) -> Self {
        Self(error)
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.0.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        (status, Json(self.0.body())).into_response()
    }
}

fn done() -> Json<Value> {
    Json(json!({}))
}

/// The paths under `/control`.
pub(crate) fn routes() -> Router<GoogleSimulator> {
    Router::new()
        .route("/accounts", get(accounts).post(add_account))
        .route("/accounts/{email}/workspace", put(set_workspace))
        .route("/tokens", post(issue_tokens))
        .route("/calendars", get(calendars).post(add_calendar))
        .route("/calendars/{calendar}", patch(change_calendar).delete(delete_calendar))
        .route("/calendars/{calendar}/access", put(set_access))
        .route("/calendars/{calendar}/events", get(events).put(put_event))
        .route("/calendars/{calendar}/events/{event}", delete(delete_event))
        .route("/calendars/{calendar}/events/{event}/answers", post(answer))
        .route("/calendars/{calendar}/invitations", post(invite))
        .route("/calendars/{calendar}/oddities/{event}", put(put_oddity))
        .route("/calendars/{calendar}/expire-sync-tokens", post(expire_sync_tokens_of))
        .route("/outbox", get(outbox).delete(clear_outbox))
        .route("/channels", get(channels))
        .route("/quota", put(set_quota))
        .route("/expire-sync-tokens", post(expire_sync_tokens))
        .route("/expire-access-tokens", post(expire_access_tokens))
        .route("/revoke", post(revoke))
}

/// Names an account, and a role on a calendar where that is asked for.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Named {
    email: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    role: Option<AccessRole>,
}

/// A calendar to be added or changed, and the account that does so.
#[derive(Deserialize)]
struct OfAccount {
    email: String,
    #[serde(flatten)]
    calendar: Value,
}

impl OfAccount {
    fn read<T: DeserializeOwned>(self) -> Result<T, ApiError> {
        serde_json::from_value(self.calendar).map_err(|error| ApiError::invalid(error.to_string()))
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Invitation {
    organizer: String,
    event: Value,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Answered {
    guest: String,
    response: String,
}

#[derive(Deserialize)]
struct Which {
    #[serde(default)]
    deleted: bool,
}

async fn accounts(State(simulator): Simulator) -> Json<Value> {
    let accounts = simulator.control().accounts();
    Json(accounts.into_iter().map(|(email, name)| json!({ "email": email, "name": name })).collect())
}

async fn add_account(State(simulator): Simulator, Json(account): Json<Named>) -> Json<Value> {
    simulator.control().add_account(&account.email, &account.name);
    done()
}

async fn issue_tokens(State(simulator): Simulator, Json(account): Json<Named>) -> Answer {
    let (access, refresh) = simulator.control().try_issue_tokens(&account.email)?;
    Ok(Json(json!({ "access_token": access, "refresh_token": refresh })))
}

async fn calendars(State(simulator): Simulator) -> Json<Value> {
    let state = simulator.state();
    let calendars = state.calendars.values();
    Json(calendars.map(|place| {
        json!({ "id": place.id, "summary": place.summary, "time_zone": place.time_zone.name() })
    }).collect())
}

async fn add_calendar(State(simulator): Simulator, Json(added): Json<OfAccount>) -> Answer {
    let email = added.email.clone();
    let id = simulator.control().try_add_calendar(&email, &added.read::<NewCalendar>()?)?;
    Ok(Json(json!({ "id": id })))
}

async fn change_calendar(
    State(simulator): Simulator,
    Path(calendar): Path<String>,
    Json(changed): Json<OfAccount>,
) -> Answer {
    let email = changed.email.clone();
    simulator.control().try_change_calendar(&email, &calendar, &changed.read::<CalendarChange>()?)?;
    Ok(done())
}

async fn set_workspace(
    State(simulator): Simulator,
    Path(email): Path<String>,
    Json(workspace): Json<bool>,
) -> Answer {
    simulator.control().try_set_workspace(&email, workspace)?;
    Ok(done())
}

async fn delete_calendar(State(simulator): Simulator, Path(calendar): Path<String>) -> Answer {
    simulator.state().delete_calendar(&calendar)?;
    Ok(done())
}

async fn set_access(
    State(simulator): Simulator,
    Path(calendar): Path<String>,
    Json(account): Json<Named>,
) -> Answer {
    simulator.control().try_set_access(&calendar, &account.email, account.role)?;
    Ok(done())
}

async fn events(
    State(simulator): Simulator,
    Path(calendar): Path<String>,
    Query(which): Query<Which>,
) -> Json<Value> {
    let control = simulator.control();
    Json(Value::Array(if which.deleted { control.all_events(&calendar) } else { control.events(&calendar) }))
}

async fn put_event(
    State(simulator): Simulator,
    Path(calendar): Path<String>,
    Json(event): Json<Value>,
) -> Answer {
    Ok(Json(simulator.control().try_put_event(&calendar, event)?))
}

async fn delete_event(
    State(simulator): Simulator,
    Path((calendar, event)): Path<(String, String)>,
) -> Answer {
    simulator.control().try_delete_event(&calendar, &event)?;
    Ok(done())
}

async fn invite(
    State(simulator): Simulator,
    Path(calendar): Path<String>,
    Json(invitation): Json<Invitation>,
) -> Answer {
    let Invitation { organizer, event } = invitation;
    Ok(Json(simulator.control().try_invite(&calendar, &organizer, event)?))
}

async fn answer(
    State(simulator): Simulator,
    Path((calendar, event)): Path<(String, String)>,
    Json(answered): Json<Answered>,
) -> Answer {
    let Answered { guest, response } = answered;
    Ok(Json(simulator.control().try_answer(&calendar, &event, &guest, &response)?))
}

async fn put_oddity(
    State(simulator): Simulator,
    Path((calendar, event)): Path<(String, String)>,
    Json(item): Json<Value>,
) -> Answer {
    simulator.control().try_put_oddity(&calendar, &event, item)?;
    Ok(done())
}

async fn expire_sync_tokens_of(State(simulator): Simulator, Path(calendar): Path<String>) -> Answer {
    simulator.control().try_expire_sync_tokens_of(&calendar)?;
    Ok(done())
}

async fn outbox(State(simulator): Simulator) -> Json<Vec<Value>> {
    Json(simulator.control().outbox())
}

async fn clear_outbox(State(simulator): Simulator) -> Json<Value> {
    simulator.control().clear_outbox();
    done()
}

async fn channels(State(simulator): Simulator) -> Json<Vec<Value>> {
    Json(simulator.control().channels())
}

async fn set_quota(State(simulator): Simulator, Json(quota): Json<Option<Quota>>) -> Json<Value> {
    simulator.control().set_quota(quota);
    done()
}

async fn expire_sync_tokens(State(simulator): Simulator) -> Json<Value> {
    simulator.control().expire_sync_tokens();
    done()
}

async fn expire_access_tokens(State(simulator): Simulator) -> Json<Value> {
    simulator.control().expire_access_tokens();
    done()
}

async fn revoke(State(simulator): Simulator, Json(account): Json<Named>) -> Json<Value> {
    simulator.control().revoke(&account.email);
    done()
}
