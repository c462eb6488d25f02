//! The methods of the API, one short function each.

use axum::Router;
use axum::body::Bytes;
use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, patch, post};
use serde_json::Value;
use uuid::Uuid;

use super::{Call, Committed, Reply};
use crate::notion::NotionSimulator;
use crate::notion::database::Object;
use crate::notion::error::ApiError;
use crate::notion::listing::Listing;
use crate::notion::rich_text::RichText;
use crate::notion::state::{Parent, State, read_id};
use crate::notion::version::Version;
use crate::notion::writes::Writer;

type Answer = Result<Reply, ApiError>;
/// An answer with a note of what was saved.
type Saved = Result<Response, ApiError>;

/// How large a body may be.
const MOST_BYTES: usize = 500 * 1024;

/// The paths under `/v1`.
pub(crate) fn routes() -> Router<NotionSimulator> {
    Router::new()
        .route("/users", get(list_users))
        .route("/users/me", get(me))
        .route("/users/{user}", get(get_user))
        .route("/search", post(search))
        .route("/databases", post(create_database))
        .route("/databases/{database}", get(get_database).patch(update_database))
        .route("/databases/{database}/query", post(query_database))
        .route("/data_sources", post(create_source))
        .route("/data_sources/{source}", get(get_source).patch(update_source))
        .route("/data_sources/{source}/query", post(query_source))
        .route("/data_sources/{source}/templates", get(list_templates))
        .route("/pages", post(create_page))
        .route("/pages/{page}", get(get_page).patch(update_page))
        .route("/pages/{page}/move", post(move_page))
        .route("/pages/{page}/properties/{property}", get(get_property))
        .route("/pages/{page}/markdown", get(get_markdown).patch(update_markdown))
        .route("/blocks/{block}", get(get_block).patch(update_block).delete(delete_block))
        .route("/blocks/{block}/children", patch(append_children).get(list_children))
        .fallback(async || ApiError::invalid_url())
        .method_not_allowed_fallback(async || ApiError::invalid_url())
}

/// Reads a body, which is an object; an absent one counts as empty.
fn object(call: &Call, body: &Bytes) -> Result<Object, ApiError> {
    if body.len() > MOST_BYTES {
        return Err(ApiError::too_long("body", MOST_BYTES, body.len()));
    }
    if body.iter().all(u8::is_ascii_whitespace) {
        return Ok(Object::new());
    }
    let Ok(Value::Object(object)) = serde_json::from_slice(body) else {
        return Err(ApiError::invalid_json());
    };
    match object.get("archived") {
        Some(archived) if call.who.version >= Version::Trash => {
            Err(ApiError::body("body.archived", "not present", archived))
        }
        _ => Ok(object),
    }
}

/// The page of a listing that a query string asks for.
fn listing(call: &Call, state: &State, whose: &[&str]) -> Result<Listing, ApiError> {
    let (size, cursor) = (call.parameter("page_size"), call.parameter("start_cursor"));
    Listing::read(state.options.seed, whose, size.as_ref(), cursor.as_ref())
}

fn saved(value: Value, resource: Uuid, children: Vec<Uuid>) -> Response {
    let mut response = Reply::new(value).into_response();
    response.extensions_mut().insert(Committed { resource, children });
    response
}

async fn me(call: Call) -> Answer {
    call.state().me(&call.who).map(Reply::new)
}

async fn get_user(call: Call, Path(user): Path<String>) -> Answer {
    call.state().user(&call.who, &user).map(Reply::new)
}

async fn list_users(call: Call) -> Answer {
    let state = call.state();
    let listing = listing(&call, &state, &["users", &call.who.bot.to_string()])?;
    state.users(&call.who, &listing).map(Reply::new)
}

async fn search(call: Call, body: Bytes) -> Answer {
    let body = object(&call, &body)?;
    call.state().search(&call.who, &body).map(Reply::new)
}

async fn get_database(call: Call, Path(id): Path<String>) -> Answer {
    let state = call.state();
    let database = state.open_database(&call.who, &id)?;
    state.render_database(&call.who, database).map(Reply::new)
}

async fn create_database(call: Call, body: Bytes) -> Saved {
    let body = object(&call, &body)?;
    call.who.may(call.who.capabilities.insert)?;
    let nothing = Value::Null;
    let parent = body.get("parent").and_then(|parent| parent["page_id"].as_str());
    let parent = parent.ok_or_else(|| ApiError::body("body.parent.page_id", "defined", &nothing))?;
    let title = body.get("title").map(|title| RichText::read(title, "body.title", &|_| String::new()));
    let columns = if call.who.version < Version::DataSources {
        body.get("properties")
    } else {
        body.get("initial_data_source").and_then(|source| source.get("properties"))
    };
    let columns = columns.and_then(Value::as_object).cloned().unwrap_or_default();
    let mut state = call.state();
    let page = state.open_page(&call.who, parent)?;
    let place = (page.workspace, Parent::Page(page.id));
    let title = title.transpose()?.unwrap_or_default();
    let (id, _) = state.add_database(call.who.author(), place, title, &columns, Some(call.who.bot))?;
    let shown = state.databases.get(&id).map(|database| state.render_database(&call.who, database));
    Ok(saved(shown.transpose()?.unwrap_or_default(), id, Vec::new()))
}

async fn update_database(call: Call, Path(id): Path<String>, body: Bytes) -> Saved {
    let body = object(&call, &body)?;
    call.who.may(call.who.capabilities.update)?;
    let mut state = call.state();
    let database = state.open_database(&call.who, &id)?.clone();
    // Before there were data sources, this changed the columns too.
    if call.who.version < Version::DataSources && body.contains_key("properties") {
        let source = state.only_source(&database)?;
        let columns = body.iter().filter(|(key, _)| *key == "properties");
        let columns = columns.map(|(key, value)| (key.clone(), value.clone())).collect();
        state.change_source(call.who.author(), source, &columns, Some(call.who.bot))?;
    }
    state.change_database(call.who.author(), database.id, &body)?;
    let shown = state.databases.get(&database.id).map(|database| state.render_database(&call.who, database));
    Ok(saved(shown.transpose()?.unwrap_or_default(), database.id, Vec::new()))
}

async fn query_database(call: Call, Path(id): Path<String>, body: Bytes) -> Answer {
    let body = object(&call, &body)?;
    if call.who.version >= Version::DataSources {
        return Err(ApiError::invalid_url());
    }
    let state = call.state();
    let source = state.only_source(state.open_database(&call.who, &id)?)?;
    let source = state.sources.get(&source).ok_or_else(|| ApiError::not_found("database", &id))?;
    state.query(&call.who, source, &body, &call.filter_properties()).map(Reply::new)
}

async fn get_source(call: Call, Path(id): Path<String>) -> Answer {
    let state = call.state();
    let source = state.open_source(&call.who, &id)?;
    Ok(Reply::new(state.render_source(&call.who, source)))
}

async fn create_source(call: Call, body: Bytes) -> Saved {
    let body = object(&call, &body)?;
    call.who.may(call.who.capabilities.insert)?;
    let nothing = Value::Null;
    let parent = body.get("parent").and_then(|parent| parent["database_id"].as_str());
    let parent = parent.ok_or_else(|| ApiError::body("body.parent.database_id", "defined", &nothing))?;
    let title = body.get("title").map(|title| RichText::read(title, "body.title", &|_| String::new()));
    let columns = body.get("properties").and_then(Value::as_object).cloned().unwrap_or_default();
    let mut state = call.state();
    let database = state.open_database(&call.who, parent)?.id;
    let title = title.transpose()?.unwrap_or_default();
    let id = state.add_source(call.who.author(), database, title, &columns, Some(call.who.bot))?;
    let shown = state.sources.get(&id).map(|source| state.render_source(&call.who, source));
    Ok(saved(shown.unwrap_or_default(), id, Vec::new()))
}

async fn update_source(call: Call, Path(id): Path<String>, body: Bytes) -> Saved {
    let body = object(&call, &body)?;
    call.who.may(call.who.capabilities.update)?;
    let mut state = call.state();
    let id = state.open_source(&call.who, &id)?.id;
    state.change_source(call.who.author(), id, &body, Some(call.who.bot))?;
    let shown = state.sources.get(&id).map(|source| state.render_source(&call.who, source));
    Ok(saved(shown.unwrap_or_default(), id, Vec::new()))
}

async fn query_source(call: Call, Path(id): Path<String>, body: Bytes) -> Answer {
    let body = object(&call, &body)?;
    let state = call.state();
    let source = state.open_source(&call.who, &id)?;
    state.query(&call.who, source, &body, &call.filter_properties()).map(Reply::new)
}

async fn list_templates(call: Call, Path(id): Path<String>) -> Answer {
    let state = call.state();
    let source = state.open_source(&call.who, &id)?;
    let listing = listing(&call, &state, &["templates", &id])?;
    Ok(Reply::new(state.list_templates(source, &listing)))
}

/// A page as it is after a write.
fn shown(call: &Call, state: &State, id: Uuid) -> Value {
    let page = state.pages.get(&id);
    page.map(|page| state.render_page(&call.who, page, &call.filter_properties())).unwrap_or_default()
}

async fn get_page(call: Call, Path(id): Path<String>) -> Answer {
    let state = call.state();
    let page = state.open_page(&call.who, &id)?;
    Ok(Reply::new(state.render_page(&call.who, page, &call.filter_properties())))
}

async fn create_page(call: Call, body: Bytes) -> Saved {
    let body = object(&call, &body)?;
    call.who.may(call.who.capabilities.insert)?;
    let mut state = call.state();
    let id = state.create_page(Writer::client(&call.who), &body)?;
    Ok(saved(shown(&call, &state, id), id, Vec::new()))
}

async fn update_page(call: Call, Path(id): Path<String>, body: Bytes) -> Saved {
    let body = object(&call, &body)?;
    call.who.may(call.who.capabilities.update)?;
    let mut state = call.state();
    let id = state.open_page(&call.who, &id)?.id;
    state.update_page(Writer::client(&call.who), id, &body)?;
    Ok(saved(shown(&call, &state, id), id, Vec::new()))
}

async fn move_page(call: Call, Path(id): Path<String>, body: Bytes) -> Saved {
    let body = object(&call, &body)?;
    call.who.may(call.who.capabilities.update)?;
    let mut state = call.state();
    let id = state.open_page(&call.who, &id)?.id;
    state.move_page(Writer::client(&call.who), id, &body)?;
    Ok(saved(shown(&call, &state, id), id, Vec::new()))
}

async fn get_property(call: Call, Path((id, property)): Path<(String, String)>) -> Answer {
    let state = call.state();
    let page = state.open_page(&call.who, &id)?;
    let listing = listing(&call, &state, &["property", &id, &property])?;
    state.property_item(&call.who, page, &property, &listing).map(Reply::new)
}

async fn get_markdown(call: Call, Path(id): Path<String>) -> Answer {
    call.state().page_markdown(&call.who, &id).map(Reply::new)
}

async fn update_markdown(call: Call, Path(id): Path<String>, body: Bytes) -> Saved {
    let body = object(&call, &body)?;
    let mut state = call.state();
    let page = state.change_markdown(&call.who, &id, &body)?;
    Ok(saved(state.page_markdown(&call.who, &id)?, page, Vec::new()))
}

async fn get_block(call: Call, Path(id): Path<String>) -> Answer {
    call.state().block(&call.who, &id).map(Reply::new)
}

async fn update_block(call: Call, Path(id): Path<String>, body: Bytes) -> Saved {
    let body = object(&call, &body)?;
    let block = call.state().update_block(&call.who, &id, &body)?;
    Ok(saved(block, read_id("path", "block_id", &id)?, Vec::new()))
}

async fn delete_block(call: Call, Path(id): Path<String>) -> Saved {
    let block = call.state().delete_block(&call.who, &id)?;
    Ok(saved(block, read_id("path", "block_id", &id)?, Vec::new()))
}

async fn list_children(call: Call, Path(id): Path<String>) -> Answer {
    let state = call.state();
    let listing = listing(&call, &state, &["children", &id])?;
    state.list_children(&call.who, &id, &listing).map(Reply::new)
}

async fn append_children(call: Call, Path(id): Path<String>, body: Bytes) -> Saved {
    let body = object(&call, &body)?;
    let (list, children) = call.state().append_children(&call.who, &id, &body)?;
    Ok(saved(list, read_id("path", "block_id", &id)?, children))
}
