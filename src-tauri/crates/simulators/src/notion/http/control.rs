//! The control API over HTTP; the table is in [`crate::notion::control`].

use std::collections::BTreeMap;

use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get, post, put};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::notion::NotionSimulator;
use crate::notion::control::NewDatabase;
use crate::notion::error::ApiError;
use crate::notion::options::Limits;
use crate::notion::user::Capabilities;
use crate::notion::webhook::NewSubscription;

type Simulator = State<NotionSimulator>;
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
        (status, Json(self.0.body_value())).into_response()
    }
}

fn done() -> Json<Value> {
    Json(json!({}))
}

/// The paths under `/control`.
pub(crate) fn routes() -> Router<NotionSimulator> {
    Router::new()
        .route("/people", get(people).post(add_person))
        .route("/connections", get(connections).post(add_connection))
        .route("/connections/{bot}/capabilities", put(set_capabilities))
        .route("/tokens", post(issue_token))
        .route("/databases", get(databases).post(add_database))
        .route("/databases/{database}/data_sources", post(add_source))
        .route("/data_sources/{source}", get(show_source).patch(edit_source))
        .route("/data_sources/{source}/pages", get(pages).post(add_page))
        .route("/pages/{page}", get(show_page).patch(edit_page).delete(purge_page))
        .route("/pages/{page}/duplicate", post(duplicate_page))
        .route("/pages/{page}/move", post(move_page))
        .route("/pages/{page}/blocks", get(blocks).post(write_blocks))
        .route("/sharing", put(share))
        .route("/quota", put(set_limits))
        .route("/webhooks", get(subscriptions).post(subscribe))
        .route("/webhooks/waiting", get(waiting))
        .route("/webhooks/{subscription}", delete(unsubscribe))
        .route("/webhooks/{subscription}/verify", post(verify))
        .route("/webhooks/{subscription}/resend", post(resend))
        .route("/webhooks/{subscription}/pause", post(pause))
        .route("/webhooks/{subscription}/resume", post(resume))
        .route("/expire-access-tokens", post(expire_access_tokens))
        .route("/revoke", post(revoke))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AddedPerson {
    name: String,
    #[serde(default)]
    email: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AddedConnection {
    name: String,
    #[serde(default)]
    capabilities: Capabilities,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Bot {
    #[serde(default)]
    bot: Option<Uuid>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AddedSource {
    title: String,
    #[serde(default)]
    properties: BTreeMap<String, Value>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Sharing {
    object: Uuid,
    #[serde(default)]
    bot: Option<Uuid>,
    shared: bool,
}

#[derive(Deserialize)]
struct Which {
    #[serde(default)]
    all: bool,
}

#[derive(Deserialize)]
struct Verification {
    verification_token: String,
}

async fn people(State(simulator): Simulator) -> Json<Value> {
    let people = simulator.control().people();
    Json(
        people
            .into_iter()
            .map(|(id, name, email)| json!({ "id": id, "name": name, "email": email }))
            .collect(),
    )
}

async fn add_person(State(simulator): Simulator, Json(person): Json<AddedPerson>) -> Json<Value> {
    Json(json!({ "id": simulator.control().add_person(&person.name, &person.email) }))
}

async fn connections(State(simulator): Simulator) -> Json<Value> {
    let connections = simulator.control().connections();
    Json(connections.into_iter().map(|(id, name)| json!({ "bot_id": id, "name": name })).collect())
}

async fn add_connection(State(simulator): Simulator, Json(added): Json<AddedConnection>) -> Json<Value> {
    let (bot, token) = simulator.control().add_connection(&added.name, added.capabilities);
    Json(json!({ "bot_id": bot, "access_token": token }))
}

async fn set_capabilities(
    State(simulator): Simulator,
    Path(bot): Path<Uuid>,
    Json(capabilities): Json<Capabilities>,
) -> Json<Value> {
    simulator.control().set_capabilities(bot, capabilities);
    done()
}

async fn issue_token(State(simulator): Simulator, Json(which): Json<Bot>) -> Answer {
    Ok(Json(json!({ "access_token": simulator.control().try_issue_token(which.bot)? })))
}

async fn databases(State(simulator): Simulator) -> Json<Vec<Value>> {
    Json(simulator.control().databases())
}

async fn add_database(State(simulator): Simulator, Json(new): Json<NewDatabase>) -> Answer {
    let (database, source) = simulator.control().try_add_database(&new)?;
    Ok(Json(json!({ "database_id": database, "data_source_id": source })))
}

async fn add_source(
    State(simulator): Simulator,
    Path(database): Path<Uuid>,
    Json(new): Json<AddedSource>,
) -> Answer {
    let id = simulator.control().try_add_data_source(database, &new.title, &new.properties)?;
    Ok(Json(json!({ "data_source_id": id })))
}

async fn show_source(State(simulator): Simulator, Path(source): Path<Uuid>) -> Answer {
    Ok(Json(simulator.control().try_data_source(source)?))
}

async fn edit_source(
    State(simulator): Simulator,
    Path(source): Path<Uuid>,
    Json(body): Json<Value>,
) -> Answer {
    Ok(Json(simulator.control().try_edit_data_source(source, body)?))
}

async fn pages(
    State(simulator): Simulator,
    Path(source): Path<Uuid>,
    Query(which): Query<Which>,
) -> Json<Vec<Value>> {
    let control = simulator.control();
    Json(if which.all { control.all_pages(source) } else { control.pages(source) })
}

async fn add_page(State(simulator): Simulator, Path(source): Path<Uuid>, Json(page): Json<Value>) -> Answer {
    Ok(Json(simulator.control().try_add_page(source, page)?))
}

async fn show_page(State(simulator): Simulator, Path(page): Path<Uuid>) -> Answer {
    Ok(Json(simulator.control().try_page(page)?))
}

async fn edit_page(State(simulator): Simulator, Path(page): Path<Uuid>, Json(body): Json<Value>) -> Answer {
    Ok(Json(simulator.control().try_edit_page(page, body)?))
}

async fn purge_page(State(simulator): Simulator, Path(page): Path<Uuid>) -> Answer {
    simulator.state().purge_page(page)?;
    Ok(done())
}

async fn duplicate_page(State(simulator): Simulator, Path(page): Path<Uuid>) -> Answer {
    Ok(Json(simulator.control().try_duplicate_page(page)?))
}

async fn move_page(State(simulator): Simulator, Path(page): Path<Uuid>, Json(body): Json<Value>) -> Answer {
    Ok(Json(simulator.control().try_move_page(page, &body["parent"])?))
}

async fn blocks(State(simulator): Simulator, Path(page): Path<Uuid>) -> Json<Vec<Value>> {
    Json(simulator.control().blocks(page))
}

async fn write_blocks(
    State(simulator): Simulator,
    Path(page): Path<Uuid>,
    Json(body): Json<Value>,
) -> Answer {
    simulator.control().try_write_blocks(page, &body["children"])?;
    Ok(Json(simulator.control().blocks(page).into()))
}

async fn share(State(simulator): Simulator, Json(sharing): Json<Sharing>) -> Json<Value> {
    simulator.control().share(sharing.object, sharing.bot, sharing.shared);
    done()
}

async fn set_limits(State(simulator): Simulator, Json(limits): Json<Option<Limits>>) -> Json<Value> {
    simulator.control().set_limits(limits);
    done()
}

async fn subscriptions(State(simulator): Simulator) -> Json<Vec<Value>> {
    Json(simulator.control().subscriptions())
}

async fn subscribe(State(simulator): Simulator, Json(new): Json<NewSubscription>) -> Answer {
    Ok(Json(simulator.control().try_subscribe(&new)?))
}

async fn waiting(State(simulator): Simulator) -> Json<Vec<Value>> {
    Json(simulator.control().waiting_webhooks())
}

async fn unsubscribe(State(simulator): Simulator, Path(id): Path<Uuid>) -> Json<Value> {
    simulator.control().unsubscribe(id);
    done()
}

async fn verify(
    State(simulator): Simulator,
    Path(id): Path<Uuid>,
    Json(verification): Json<Verification>,
) -> Answer {
    simulator.control().try_verify(id, &verification.verification_token)?;
    Ok(done())
}

async fn resend(State(simulator): Simulator, Path(id): Path<Uuid>) -> Json<Value> {
    simulator.control().resend_handshake(id);
    done()
}

async fn pause(State(simulator): Simulator, Path(id): Path<Uuid>) -> Json<Value> {
    simulator.control().pause(id, true);
    done()
}

async fn resume(State(simulator): Simulator, Path(id): Path<Uuid>) -> Json<Value> {
    simulator.control().pause(id, false);
    done()
}

async fn expire_access_tokens(State(simulator): Simulator) -> Json<Value> {
    simulator.control().expire_access_tokens();
    done()
}

async fn revoke(State(simulator): Simulator, Json(which): Json<Bot>) -> Answer {
    simulator.control().try_revoke(which.bot)?;
    Ok(done())
}
