//! The pages and forms of OAuth: consent in the browser, and the token endpoint behind it.

use std::collections::BTreeSet;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde_json::Value;
use url::{Host, Url};

use super::query::Query;
use crate::google::GoogleSimulator;
use crate::google::oauth::{Authorization, TokenError};
use crate::google::scope;
use crate::html::{escape, page};

/// The paths of the authorization server.
pub(crate) fn routes() -> Router<GoogleSimulator> {
    Router::new()
        .route("/o/oauth2/v2/auth", get(authorize))
        .route("/o/oauth2/v2/decide", post(decide))
        .route("/token", post(token))
        .route("/revoke", post(revoke))
}

/// Shows the consent page, or consents at once if that is what the simulator is for.
async fn authorize(State(simulator): State<GoogleSimulator>, RawQuery(query): RawQuery) -> Response {
    let query = Query::parse(query.as_deref());
    let request = match read(&simulator, &query) {
        Ok(request) => request,
        Err(refusal) => return refusal.into_response(),
    };
    let accounts = simulator.control().accounts();
    let hinted = query.get("login_hint").filter(|hint| accounts.iter().any(|(email, _)| email == hint));
    let Some(email) = hinted.or(accounts.first().map(|(email, _)| email.as_str())) else {
        return Refusal::new("no_account", "This simulated Google has no accounts.").into_response();
    };
    if simulator.shared.options.auto_consent {
        return allow(&simulator, request, email, query.get("state"));
    }
    consent_page(&request, &accounts, email, &query)
}

/// Takes the answer of the consent page.
async fn decide(State(simulator): State<GoogleSimulator>, body: Bytes) -> Response {
    let form = Query::parse(std::str::from_utf8(&body).ok());
    let mut request = match read(&simulator, &form) {
        Ok(request) => request,
        Err(refusal) => return refusal.into_response(),
    };
    let state = form.get("state");
    let email = form.get("account").unwrap_or_default();
    let known = simulator.control().accounts().iter().any(|(known, _)| known == email);
    // People may untick single scopes, but not add any.
    let ticked = form.all("granted").map(str::to_owned).collect::<BTreeSet<_>>();
    request.scopes.retain(|scope| ticked.contains(scope));
    if form.get("decision") != Some("allow") || !known || request.scopes.is_empty() {
        return redirect(&request.redirect_uri, &[("error", "access_denied")], state);
    }
    allow(&simulator, request, email, state)
}

fn allow(simulator: &GoogleSimulator, request: Authorization, email: &str, state: Option<&str>) -> Response {
    let (uri, scopes) = (request.redirect_uri.clone(), join(&request.scopes));
    let code = simulator.state().issue_code(request, email);
    redirect(&uri, &[("code", &code), ("scope", &scopes)], state)
}

fn join(scopes: &BTreeSet<String>) -> String {
    scopes.iter().cloned().collect::<Vec<_>>().join(" ")
}

/// Reads an authorization request. What is wrong with it is shown to the person: a request that is not trusted is not
/// sent back to where it says it came from.
fn read(simulator: &GoogleSimulator, query: &Query) -> Result<Authorization, Refusal> {
    let required = |name: &'static str| {
        let missing = || Refusal::new("invalid_request", format!("Missing required parameter: {name}"));
        query.get(name).filter(|value| !value.is_empty()).ok_or_else(missing)
    };
    let client_id = required("client_id")?;
    let known = simulator.shared.options.oauth_client.as_ref();
    if known.is_some_and(|(id, _)| id != client_id) {
        return Err(Refusal::new("invalid_client", "The OAuth client was not found."));
    }
    let redirect_uri = required("redirect_uri")?;
    if !is_loopback(redirect_uri) {
        let message = "The redirect URI of a desktop application must be on loopback.";
        return Err(Refusal::new("redirect_uri_mismatch", message));
    }
    if required("response_type")? != "code" {
        return Err(Refusal::new("unsupported_response_type", "Only response_type=code is supported."));
    }
    let scopes = required("scope")?.split_whitespace().map(str::to_owned).collect::<BTreeSet<_>>();
    let identity = ["openid", "email", "profile"];
    let strange =
        scopes.iter().find(|scope| !scope.starts_with(scope::PREFIX) && !identity.contains(&scope.as_str()));
    if let Some(scope) = strange {
        return Err(Refusal::new("invalid_scope", format!("Some requested scopes were invalid: {scope}")));
    }
    let code_challenge = query.get("code_challenge").map(str::to_owned);
    if code_challenge.is_some() && query.get("code_challenge_method") != Some("S256") {
        return Err(Refusal::new("invalid_request", "This simulator knows only code_challenge_method=S256."));
    }
    Ok(Authorization {
        client_id: client_id.to_owned(),
        redirect_uri: redirect_uri.to_owned(),
        scopes,
        code_challenge,
    })
}

fn is_loopback(uri: &str) -> bool {
    let Ok(url) = Url::parse(uri) else {
        return false;
    };
    url.scheme() == "http"
        && match url.host() {
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            Some(Host::Domain(name)) => name == "localhost",
            None => false,
        }
}

/// Why a request does not even come to the question of consent.
struct Refusal {
    error: &'static str,
    message: String,
}

impl Refusal {
    fn new(error: &'static str, message: impl Into<String>) -> Self {
        Self { error, message: message.into() }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let body = format!(
            "<main class=\"card\"><h1>Access blocked</h1><p>{}</p><p class=\"soft\">Error 400: {}</p></main>\n",
            escape(&self.message),
            escape(self.error)
        );
        page(StatusCode::BAD_REQUEST, "Access blocked", "", &body)
    }
}

fn redirect(uri: &str, parameters: &[(&str, &str)], state: Option<&str>) -> Response {
    let Ok(mut url) = Url::parse(uri) else {
        return Refusal::new("invalid_request", "The redirect URI cannot be read.").into_response();
    };
    url.query_pairs_mut().extend_pairs(state.map(|state| ("state", state))).extend_pairs(parameters);
    match HeaderValue::from_str(url.as_str()) {
        Ok(location) => (StatusCode::FOUND, [(header::LOCATION, location)]).into_response(),
        Err(_) => Refusal::new("invalid_request", "The redirect URI cannot be sent.").into_response(),
    }
}

fn consent_page(
    request: &Authorization,
    accounts: &[(String, String)],
    email: &str,
    query: &Query,
) -> Response {
    let hidden = |name: &str, value: &str| {
        format!("<input type=\"hidden\" name=\"{}\" value=\"{}\">\n", escape(name), escape(value))
    };
    let names = [
        "client_id",
        "redirect_uri",
        "response_type",
        "scope",
        "state",
        "code_challenge",
        "code_challenge_method",
    ];
    let carried = names.iter().filter_map(|name| Some(hidden(name, query.get(name)?))).collect::<String>();
    let options = accounts.iter().map(|(known, name)| {
        let selected = if known == email { " selected" } else { "" };
        let (known, name) = (escape(known), escape(name));
        format!("<option value=\"{known}\"{selected}>{name} ({known})</option>\n")
    });
    let scopes = request.scopes.iter().map(|scope| {
        let name = escape(scope.strip_prefix(scope::PREFIX).unwrap_or(scope));
        let value = escape(scope);
        format!(
            "<li><label><input type=\"checkbox\" name=\"granted\" value=\"{value}\" checked> \
             <span>{name}</span></label></li>\n"
        )
    });
    let body = format!(
        "<main class=\"card\">\n<h1>Simulated Google</h1>\n\
         <p><b>{}</b> wants access to a simulated account. Nothing leaves this computer.</p>\n\
         <form method=\"post\" action=\"/o/oauth2/v2/decide\">\n{carried}\
         <select name=\"account\" aria-label=\"Account\">\n{}</select>\n<ul>\n{}</ul>\n\
         <div class=\"actions\"><button name=\"decision\" value=\"cancel\">Cancel</button>\
         <button class=\"primary\" name=\"decision\" value=\"allow\">Allow</button></div>\n</form>\n</main>\n",
        escape(&request.client_id),
        options.collect::<String>(),
        scopes.collect::<String>(),
    );
    page(StatusCode::OK, "Simulated Google: consent", "", &body)
}

/// The token endpoint.
async fn token(State(simulator): State<GoogleSimulator>, body: Bytes) -> Response {
    let form = Query::parse(std::str::from_utf8(&body).ok());
    let field = |name: &str| form.get(name).unwrap_or_default();
    let mut state = simulator.state();
    let client = field("client_id");
    let answer =
        state.check_client(client, field("client_secret")).and_then(|()| match field("grant_type") {
            "authorization_code" => {
                state.exchange_code(field("code"), client, field("redirect_uri"), form.get("code_verifier"))
            }
            "refresh_token" => state.refresh(field("refresh_token"), client),
            _ => Err(TokenError::new(400, "unsupported_grant_type", "Invalid grant_type")),
        });
    answered(answer)
}

/// The revocation endpoint.
async fn revoke(
    State(simulator): State<GoogleSimulator>,
    RawQuery(query): RawQuery,
    body: Bytes,
) -> Response {
    let (form, query) = (Query::parse(std::str::from_utf8(&body).ok()), Query::parse(query.as_deref()));
    let token = form.get("token").or_else(|| query.get("token")).unwrap_or_default();
    let revoked = simulator.state().revoke_token(token);
    answered(revoked.map(|()| Value::Object(serde_json::Map::new())))
}

fn answered(answer: Result<Value, TokenError>) -> Response {
    let (status, body) = match answer {
        Ok(body) => (StatusCode::OK, body),
        Err(error) => (StatusCode::from_u16(error.status).unwrap_or(StatusCode::BAD_REQUEST), error.body()),
    };
    let headers = [(header::CACHE_CONTROL, "no-cache, no-store, max-age=0, must-revalidate")];
    (status, headers, axum::Json(body)).into_response()
}
