//! The page and the forms of OAuth: consent in the browser, and the endpoints behind it.

use axum::Router;
use axum::body::Bytes;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use url::{Host, Url};
use uuid::Uuid;

use super::Reply;
use crate::html::{escape, page};
use crate::notion::NotionSimulator;
use crate::notion::error::ApiError;
use crate::notion::oauth::Consent;

/// The paths under `/v1` that need no access token.
pub(crate) fn routes() -> Router<NotionSimulator> {
    Router::new()
        .route("/oauth/authorize", get(authorize))
        .route("/oauth/decide", post(decide))
        .route("/oauth/token", post(token))
        .route("/oauth/revoke", post(revoke))
        .route("/oauth/introspect", post(introspect))
}

/// Query parameters or form fields, in the order in which they were sent.
struct Fields(Vec<(String, String)>);

impl Fields {
    fn parse(text: &[u8]) -> Self {
        Self(url::form_urlencoded::parse(text).into_owned().collect())
    }

    fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

/// Shows the consent page, or consents at once if that is what the simulator is for.
async fn authorize(State(simulator): State<NotionSimulator>, RawQuery(query): RawQuery) -> Response {
    let query = Fields::parse(query.unwrap_or_default().as_bytes());
    let asked = match read(&simulator, &query) {
        Ok(asked) => asked,
        Err(refusal) => return refusal.into_response(),
    };
    let shareable = shareable(&simulator);
    if simulator.shared.options.auto_consent {
        let picked = shareable.into_iter().map(|(id, _)| id).collect();
        return allow(&simulator, &asked, picked, query.get("state"));
    }
    consent_page(&asked, &shareable, &query)
}

/// Takes the answer of the consent page.
async fn decide(State(simulator): State<NotionSimulator>, body: Bytes) -> Response {
    let form = Fields::parse(&body);
    let asked = match read(&simulator, &form) {
        Ok(asked) => asked,
        Err(refusal) => return refusal.into_response(),
    };
    let state = form.get("state");
    if form.get("decision") != Some("allow") {
        return redirect(&asked.target, &[("error", "access_denied")], state);
    }
    let picked = form.all("picked").filter_map(|id| Uuid::parse_str(id).ok()).collect();
    allow(&simulator, &asked, picked, state)
}

fn allow(simulator: &NotionSimulator, asked: &Asked, picked: Vec<Uuid>, state: Option<&str>) -> Response {
    let consent = Consent {
        client_id: asked.client_id.clone(),
        redirect_uri: asked.redirect_uri.clone(),
        person: asked.person,
        picked,
    };
    let code = simulator.state().issue_code(consent);
    redirect(&asked.target, &[("code", &code)], state)
}

/// What can be picked on the consent page: databases and pages at the top.
fn shareable(simulator: &NotionSimulator) -> Vec<(Uuid, String)> {
    simulator.control().top().into_iter().collect()
}

/// An authorization request that can be asked of a person.
struct Asked {
    client_id: String,
    /// As the request gave it.
    redirect_uri: Option<String>,
    /// Where the browser goes in the end.
    target: String,
    person: Uuid,
}

/// Reads an authorization request. What is wrong with it is shown to the person: a request that is not trusted is not
/// sent back to where it says it came from.
fn read(simulator: &NotionSimulator, query: &Fields) -> Result<Asked, Refusal> {
    let options = &simulator.shared.options;
    let missing = || Refusal::new("Missing or invalid client_id.");
    let client_id = query.get("client_id").filter(|id| !id.is_empty()).ok_or_else(missing)?;
    if options.oauth_client.as_ref().is_some_and(|(known, _)| known != client_id) {
        return Err(missing());
    }
    if query.get("response_type") != Some("code") {
        return Err(Refusal::new("Missing or invalid response_type."));
    }
    let redirect_uri = query.get("redirect_uri").map(str::to_owned);
    let only = match options.redirect_uris.as_slice() {
        [only] => Some(only.clone()),
        _ => None,
    };
    let target = redirect_uri.clone().or(only).ok_or_else(|| Refusal::new("Missing redirect_uri."))?;
    let registered = options.redirect_uris.is_empty() || options.redirect_uris.contains(&target);
    if !registered || !is_safe(&target) {
        return Err(Refusal::new("Missing or invalid redirect_uri."));
    }
    let person =
        simulator.state().hand.ok_or_else(|| Refusal::new("This simulated Notion has no people."))?;
    Ok(Asked { client_id: client_id.to_owned(), redirect_uri, target, person })
}

/// Notion wants https; plain http is for programs on the same computer.
fn is_safe(uri: &str) -> bool {
    let Ok(url) = Url::parse(uri) else {
        return false;
    };
    match (url.scheme(), url.host()) {
        ("https", _) => true,
        ("http", Some(Host::Ipv4(address))) => address.is_loopback(),
        ("http", Some(Host::Ipv6(address))) => address.is_loopback(),
        ("http", Some(Host::Domain(name))) => name == "localhost",
        _ => false,
    }
}

/// Why a request does not even come to the question of consent.
struct Refusal(&'static str);

impl Refusal {
    fn new(message: &'static str) -> Self {
        Self(message)
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let body =
            format!("<main class=\"card\"><h1>Something is wrong</h1><p>{}</p></main>\n", escape(self.0));
        page(StatusCode::BAD_REQUEST, "Something is wrong", "", &body)
    }
}

fn redirect(uri: &str, parameters: &[(&str, &str)], state: Option<&str>) -> Response {
    let Ok(mut url) = Url::parse(uri) else {
        return Refusal::new("The redirect URI cannot be read.").into_response();
    };
    url.query_pairs_mut().extend_pairs(parameters).extend_pairs(state.map(|state| ("state", state)));
    match HeaderValue::from_str(url.as_str()) {
        Ok(location) => (StatusCode::FOUND, [(header::LOCATION, location)]).into_response(),
        Err(_) => Refusal::new("The redirect URI cannot be sent.").into_response(),
    }
}

fn consent_page(asked: &Asked, shareable: &[(Uuid, String)], query: &Fields) -> Response {
    let hidden = |name: &str, value: &str| {
        format!("<input type=\"hidden\" name=\"{}\" value=\"{}\">\n", escape(name), escape(value))
    };
    let names = ["client_id", "redirect_uri", "response_type", "owner", "state"];
    let carried = names.iter().filter_map(|name| Some(hidden(name, query.get(name)?))).collect::<String>();
    let choices = shareable.iter().map(|(id, title)| {
        format!(
            "<li><label><input type=\"checkbox\" name=\"picked\" value=\"{id}\" checked> <span>{}</span></label></li>\n",
            escape(title)
        )
    });
    let body = format!(
        "<main class=\"card\">\n<h1>Simulated Notion</h1>\n\
         <p><b>{}</b> wants access to a simulated workspace. Nothing leaves this computer.</p>\n\
         <form method=\"post\" action=\"/v1/oauth/decide\">\n{carried}<ul>\n{}</ul>\n\
         <div class=\"actions\"><button name=\"decision\" value=\"cancel\">Cancel</button>\
         <button class=\"primary\" name=\"decision\" value=\"allow\">Allow access</button></div>\n</form>\n</main>\n",
        escape(&asked.client_id),
        choices.collect::<String>(),
    );
    page(StatusCode::OK, "Simulated Notion: consent", "", &body)
}

/// The client's id and secret from the `Authorization` header.
fn client(headers: &HeaderMap) -> Option<(String, String)> {
    let basic = headers.get(header::AUTHORIZATION)?.to_str().ok()?.strip_prefix("Basic ")?;
    let text = String::from_utf8(STANDARD.decode(basic).ok()?).ok()?;
    let (id, secret) = text.split_once(':')?;
    Some((id.to_owned(), secret.to_owned()))
}

/// Reads a request of a client that has shown its secret. Returns the client's id and the body.
fn authenticated(
    simulator: &NotionSimulator,
    headers: &HeaderMap,
    body: &Bytes,
) -> Result<(String, Value), ApiError> {
    let (id, secret) = client(headers).unwrap_or_default();
    simulator.state().check_client(&id, &secret)?;
    let body = serde_json::from_slice(body).map_err(|_| ApiError::invalid_json())?;
    Ok((id, body))
}

/// The token endpoint.
async fn token(
    State(simulator): State<NotionSimulator>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Reply, ApiError> {
    let (client, body) = authenticated(&simulator, &headers, &body)?;
    let text = |name: &str| body[name].as_str();
    let mut state = simulator.state();
    match text("grant_type") {
        Some("authorization_code") => state
            .exchange_code(&client, text("code").unwrap_or_default(), text("redirect_uri"))
            .map(Reply::new),
        Some("refresh_token") => state.refresh(text("refresh_token").unwrap_or_default()).map(Reply::new),
        _ => {
            let should = "`\"authorization_code\"` or `\"refresh_token\"`";
            Err(ApiError::body("body.grant_type", should, &body["grant_type"]))
        }
    }
}

/// The revocation endpoint.
async fn revoke(
    State(simulator): State<NotionSimulator>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Reply, ApiError> {
    let (_, body) = authenticated(&simulator, &headers, &body)?;
    simulator.state().revoke_token(body["token"].as_str().unwrap_or_default())?;
    Ok(Reply::new(json!({})))
}

/// Tells whether a token is good.
async fn introspect(
    State(simulator): State<NotionSimulator>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Reply, ApiError> {
    let (_, body) = authenticated(&simulator, &headers, &body)?;
    let answer = simulator.state().introspect(body["token"].as_str().unwrap_or_default());
    Ok(Reply::new(answer))
}
