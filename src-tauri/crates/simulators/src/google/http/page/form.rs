//! The form behind an event: to change, answer or delete it, as a person does with a phone.

use axum::Router;
use axum::body::Bytes;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use chrono::{DateTime, Days, NaiveDate, NaiveTime, TimeDelta};
use chrono_tz::Tz;
use serde_json::{Value, json};

use super::super::query::Query;
use super::{calendars, title, words, zone};
use crate::google::GoogleSimulator;
use crate::google::error::ApiError;
use crate::google::state::State as Google;
use crate::html::{escape, page};

/// The rules that can be chosen, and what they are called.
const RULES: [(&str, &str); 5] = [
    ("", "does not repeat"),
    ("RRULE:FREQ=DAILY", "every day"),
    ("RRULE:FREQ=WEEKLY", "every week"),
    ("RRULE:FREQ=MONTHLY", "every month"),
    ("RRULE:FREQ=YEARLY", "every year"),
];

pub(super) fn routes() -> Router<GoogleSimulator> {
    Router::new().route("/event", get(show).post(submit))
}

/// Writes text for a query.
pub(super) fn encoded(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

async fn show(State(simulator): State<GoogleSimulator>, RawQuery(query): RawQuery) -> Response {
    let query = Query::parse(query.as_deref());
    let known = match (query.get("calendar"), query.get("event")) {
        (Some(calendar), Some(event)) => simulator.control().find(calendar, event),
        _ => None,
    };
    if query.get("event").is_some() && known.is_none() {
        return trouble("It is not there any more.");
    }
    let state = simulator.state();
    let body = form(&state, &query, known.as_ref());
    page(StatusCode::OK, "Simulated Google Calendar: event", "", &body)
}

/// Carries out what the form says, and goes back to the overview.
async fn submit(State(simulator): State<GoogleSimulator>, headers: HeaderMap, body: Bytes) -> Response {
    if is_from_elsewhere(&headers) {
        return (StatusCode::FORBIDDEN, "this form is on another page").into_response();
    }
    let form = Query::parse(std::str::from_utf8(&body).ok());
    let field = |name: &str| form.get(name).unwrap_or_default();
    let (control, calendar, event) = (simulator.control(), field("calendar"), field("event"));
    let done = match field("do") {
        "delete" => control.try_delete_event(calendar, event),
        answer @ ("accepted" | "tentative" | "declined") => {
            control.try_answer(calendar, event, calendar, answer).map(|_| ())
        }
        _ => written(&simulator, &form).and_then(|event| control.try_put_event(calendar, event).map(|_| ())),
    };
    match done {
        Ok(()) => {
            (StatusCode::SEE_OTHER, [(header::LOCATION, HeaderValue::from_static("/"))]).into_response()
        }
        Err(error) => trouble(&error.to_string()),
    }
}

/// Whether a browser says that a page of somebody else's sent the form.
fn is_from_elsewhere(headers: &HeaderMap) -> bool {
    let text = |name: header::HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    let host = text(header::HOST).unwrap_or_default();
    text(header::ORIGIN).is_some_and(|origin| origin.strip_prefix("http://") != Some(host))
}

fn trouble(reason: &str) -> Response {
    let body = format!(
        "<main class=\"card\"><h1>That did not work</h1><p>{}</p>\
         <div class=\"actions\"><a class=\"button\" href=\"/\">Back</a></div></main>\n",
        escape(reason)
    );
    page(StatusCode::BAD_REQUEST, "Simulated Google Calendar", "", &body)
}

/// The event that the form describes, as the API takes it.
fn written(simulator: &GoogleSimulator, form: &Query) -> Result<Value, ApiError> {
    let field = |name: &str| form.get(name).unwrap_or_default();
    let zone = field("zone").parse::<Tz>().unwrap_or(simulator.shared.options.time_zone);
    let day = |name: &str| {
        let day = field(name).parse::<NaiveDate>();
        day.map_err(|_| ApiError::invalid(format!("Invalid value for: {name}")))
    };
    let (first, last) = (day("day")?, day("end_day")?);
    let mut event = json!({
        "summary": field("summary"),
        "location": field("location"),
        "description": field("description"),
    });
    if form.get("all_day").is_some() {
        let side = |day: NaiveDate| json!({ "date": day.to_string(), "dateTime": null, "timeZone": null });
        event["start"] = side(first);
        event["end"] = side(last.checked_add_days(Days::new(1)).unwrap_or(last));
    } else {
        let side = |day: NaiveDate, name: &str| {
            let time = NaiveTime::parse_from_str(field(name), "%H:%M").unwrap_or_default();
            let wall = day.and_time(time).format("%Y-%m-%dT%H:%M:%S").to_string();
            json!({ "dateTime": wall, "timeZone": zone.name(), "date": null })
        };
        event["start"] = side(first, "start");
        event["end"] = side(last, "end");
    }
    match form.get("repeat") {
        Some("") => event["recurrence"] = Value::Null,
        Some(rule) if RULES.iter().any(|(known, _)| *known == rule) => event["recurrence"] = json!([rule]),
        // Whatever else it is, it stays.
        _ => {}
    }
    if !field("event").is_empty() {
        event["id"] = json!(field("event"));
    }
    Ok(event)
}

fn form(state: &Google, query: &Query, known: Option<&Value>) -> String {
    let nothing = json!({});
    let event = known.unwrap_or(&nothing);
    let calendar = query.get("calendar").unwrap_or_default();
    let mut owners = state.accounts.iter().filter(|(_, account)| account.entries.contains_key(calendar));
    let first = || state.accounts.keys().next().map(String::as_str);
    let email = query.get("account").or_else(|| owners.next().map(|(email, _)| email.as_str()));
    let email = email.or_else(first).unwrap_or_default();
    let zone = zone(state, email);
    let times = Times::of(event, zone).unwrap_or_else(|| Times::next_hour(state, zone));
    let text = |name: &str| escape(event[name].as_str().unwrap_or_default());
    let hidden = |name: &str, value: &str| {
        format!("<input type=\"hidden\" name=\"{name}\" value=\"{}\">\n", escape(value))
    };
    let id = event["id"].as_str().unwrap_or_default();
    let place = if known.is_some() { hidden("calendar", calendar) } else { choice(state, email) };
    format!(
        "<main class=\"card wide\">\n<h1>{}</h1>\n{}<form method=\"post\" action=\"/event\">\n{}{}{place}\
         <label>Title <input name=\"summary\" value=\"{}\"></label>\n\
         <div class=\"pair\"><label>From <input type=\"date\" name=\"day\" value=\"{}\" required></label>\
         <label>at <input type=\"time\" name=\"start\" value=\"{}\"></label></div>\n\
         <div class=\"pair\"><label>To <input type=\"date\" name=\"end_day\" value=\"{}\" required></label>\
         <label>at <input type=\"time\" name=\"end\" value=\"{}\"></label></div>\n\
         <label class=\"tick\"><input type=\"checkbox\" name=\"all_day\"{}> All day</label>\n\
         {}<label>Place <input name=\"location\" value=\"{}\"></label>\n\
         <label>Description <textarea name=\"description\" rows=\"4\">{}</textarea></label>\n{}</form>\n</main>\n",
        if known.is_some() { "Event" } else { "New event" },
        about(event, calendar),
        hidden("event", id),
        hidden("zone", zone.name()),
        text("summary"),
        times.first,
        times.start,
        times.last,
        times.end,
        if times.is_day { " checked" } else { "" },
        repeat(event),
        text("location"),
        text("description"),
        actions(event, known.is_some()),
    )
}

/// What is to be known about an event before it is changed.
fn about(event: &Value, calendar: &str) -> String {
    match event["recurringEventId"].as_str() {
        Some(series) => format!(
            "<p class=\"soft\">One time of several. <a href=\"/event?calendar={}&amp;event={}\">Show the whole \
             series</a></p>\n",
            encoded(calendar),
            encoded(series)
        ),
        None => String::new(),
    }
}

fn choice(state: &Google, email: &str) -> String {
    let options = calendars(state, email).into_iter().map(|(place, entry)| {
        format!("<option value=\"{}\">{}</option>\n", escape(&place.id), escape(title(place, entry)))
    });
    format!("<label>Calendar <select name=\"calendar\">\n{}</select></label>\n", options.collect::<String>())
}

/// The choice of a rule; an occurrence has none.
fn repeat(event: &Value) -> String {
    if event["recurringEventId"].is_string() {
        return String::new();
    }
    let lines = event["recurrence"].as_array().into_iter().flatten().filter_map(Value::as_str);
    let lines = lines.map(str::to_owned).collect::<Vec<_>>();
    let now = lines.join("\n");
    let mut options = String::new();
    if !RULES.iter().any(|(rule, _)| *rule == now) {
        let words = words::recurrence(&lines).unwrap_or_default();
        options.push_str(&format!("<option value=\"keep\" selected>{}</option>\n", escape(&words)));
    }
    for (rule, words) in RULES {
        let selected = if rule == now { " selected" } else { "" };
        options.push_str(&format!("<option value=\"{rule}\"{selected}>{words}</option>\n"));
    }
    format!("<label>Repeats <select name=\"repeat\">\n{options}</select></label>\n")
}

fn actions(event: &Value, is_known: bool) -> String {
    let button = |value: &str, words: &str, class: &str| {
        format!("<button class=\"{class}\" name=\"do\" value=\"{value}\">{words}</button>")
    };
    // Pressing Enter presses the first button.
    let mut buttons = button("save", "Save", "primary");
    let is_guest = event["organizer"]["self"] != true && event["attendees"].is_array();
    if is_guest {
        for (answer, words) in [("accepted", "Accept"), ("tentative", "Maybe"), ("declined", "Decline")] {
            buttons.push_str(&button(answer, words, ""));
        }
    }
    if is_known {
        buttons.push_str(&button("delete", "Delete", "danger"));
    }
    format!("<div class=\"actions\">{buttons}<a class=\"button\" href=\"/\">Cancel</a></div>\n")
}

/// The times of an event as the form's fields have them; the last day is included.
struct Times {
    first: NaiveDate,
    start: String,
    last: NaiveDate,
    end: String,
    is_day: bool,
}

impl Times {
    fn of(event: &Value, zone: Tz) -> Option<Self> {
        let day = |side: &str| event[side]["date"].as_str()?.parse::<NaiveDate>().ok();
        if let Some((first, end)) = day("start").zip(day("end")) {
            let (start, end_time) = ("09:00".to_owned(), "10:00".to_owned());
            return Some(Self { first, start, last: end.pred_opt()?, end: end_time, is_day: true });
        }
        let moment = |side: &str| {
            let moment = DateTime::parse_from_rfc3339(event[side]["dateTime"].as_str()?).ok()?;
            Some(moment.with_timezone(&zone).naive_local())
        };
        let (start, end) = (moment("start")?, moment("end")?);
        let clock = |time: chrono::NaiveDateTime| time.format("%H:%M").to_string();
        let (first, last) = (start.date(), end.date());
        Some(Self { first, start: clock(start), last, end: clock(end), is_day: false })
    }

    /// An hour that has not begun.
    fn next_hour(state: &Google, zone: Tz) -> Self {
        let hour = |hours| state.now().with_timezone(&zone).naive_local() + TimeDelta::hours(hours);
        let clock = |hours| hour(hours).format("%H:00").to_string();
        let (first, last) = (hour(1).date(), hour(2).date());
        Self { first, start: clock(1), last, end: clock(2), is_day: false }
    }
}
