//! `GET /`: a plain page for people, to see what is in the calendars while a demonstration runs.

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use chrono::{DateTime, Days, Utc};
use serde_json::Value;

use super::html::{escape, page};
use super::query::Query;
use crate::google::GoogleSimulator;
use crate::google::colors;
use crate::google::scope;
use crate::google::state::{Identity, State as Google};

/// How often the page loads itself again, in seconds.
const REFRESH: &str = "<meta http-equiv=\"refresh\" content=\"5\">\n";

/// The path of the page.
pub(crate) fn routes() -> Router<GoogleSimulator> {
    Router::new().route("/", get(overview))
}

async fn overview(State(simulator): State<GoogleSimulator>) -> Response {
    let state = simulator.state();
    let now = state.now();
    let accounts = state.accounts.keys().map(|email| account(&state, email, now)).collect::<String>();
    let body = format!(
        "<main>\n<h1>Simulated Google Calendar</h1>\n\
         <p class=\"soft\">From yesterday to two weeks ahead. It is {} UTC; this page refreshes itself.</p>\n\
         {accounts}</main>\n",
        now.format("%A, %-d %B %Y, %H:%M:%S")
    );
    page(StatusCode::OK, "Simulated Google Calendar", REFRESH, &body)
}

fn account(state: &Google, email: &str, now: DateTime<Utc>) -> String {
    let Some(account) = state.accounts.get(email) else {
        return String::new();
    };
    let who = Identity { email: email.to_owned(), scopes: [scope::EVERYTHING.to_owned()].into() };
    let mut html =
        format!("<p><b>{}</b> <span class=\"soft\">{}</span></p>\n", escape(&account.name), escape(email));
    for (id, entry) in &account.entries {
        let Some(calendar) = state.calendars.get(id).filter(|_| entry.removed_at.is_none()) else {
            continue;
        };
        let (color, _) = colors::calendar_color(&entry.color_id);
        let summary = entry.summary_override.as_ref().unwrap_or(&calendar.summary);
        html.push_str(&format!(
            "<h2><span class=\"dot\" style=\"background:{color}\"></span>{} <span class=\"soft\">{}</span></h2>\n",
            escape(summary),
            entry.role.name()
        ));
        html.push_str(&events(state, &who, id, now));
    }
    html
}

fn events(state: &Google, who: &Identity, calendar: &str, now: DateTime<Utc>) -> String {
    let moment = |days: DateTime<Utc>| days.format("%Y-%m-%dT%H:%M:%SZ").to_string();
    let text = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("singleEvents", "true")
        .append_pair("orderBy", "startTime")
        .append_pair("timeMin", &moment(now - Days::new(1)))
        .append_pair("timeMax", &moment(now + Days::new(14)))
        .finish();
    let listed = state.list_events(who, calendar, &Query::parse(Some(&text)));
    let rows: Option<String> = listed
        .ok()
        .and_then(|answer| answer["items"].as_array().map(|items| items.iter().map(row).collect()));
    let rows = rows.unwrap_or_default();
    if rows.is_empty() {
        "<p class=\"soft\">Nothing.</p>\n".to_owned()
    } else {
        format!("<table>\n{rows}</table>\n")
    }
}

fn row(event: &Value) -> String {
    let start = &event["start"];
    let when = match (start["date"].as_str(), start["dateTime"].as_str()) {
        (Some(day), _) => day.to_owned(),
        (None, Some(moment)) => {
            let clock = |text: &str| DateTime::parse_from_rfc3339(text).ok();
            let end = event["end"]["dateTime"].as_str().and_then(clock);
            let end = end.map(|end| end.format("–%H:%M").to_string()).unwrap_or_default();
            clock(moment).map(|start| start.format("%Y-%m-%d %H:%M").to_string() + &end).unwrap_or_default()
        }
        (None, None) => String::new(),
    };
    let summary = event["summary"].as_str().unwrap_or("(no title)");
    let place = event["location"].as_str().unwrap_or_default();
    format!(
        "<tr><td class=\"when\">{}</td><td>{} <span class=\"soft\">{}</span></td></tr>\n",
        escape(&when),
        escape(summary),
        escape(place)
    )
}
