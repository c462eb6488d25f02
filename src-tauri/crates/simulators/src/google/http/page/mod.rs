//! `GET /`: a page for people, to see what is in the calendars while a demonstration runs, and to be the phone.
//!
//! It works without scripts, which its policy forbids: it loads itself again every few seconds, and what a person does
//! is a form. All it changes, it changes through [`Control`](crate::google::Control), as any other device would.

mod form;
mod words;

use std::collections::BTreeMap;

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use chrono::{DateTime, Datelike, Days, NaiveDate};
use chrono_tz::Tz;
use serde_json::Value;

use super::query::Query;
use crate::google::GoogleSimulator;
use crate::google::calendar::{Calendar, ListEntry};
use crate::google::colors;
use crate::google::event::time::{from_wall, utc};
use crate::google::scope;
use crate::google::state::{Identity, State as Google};
use crate::html::{escape, page};

/// How often the page loads itself again, in seconds.
const REFRESH: &str = "<meta http-equiv=\"refresh\" content=\"5\">\n";

/// How many days are shown, from the Monday of this week on.
const SHOWN: u64 = 21;

/// The paths of the page.
pub(crate) fn routes() -> Router<GoogleSimulator> {
    Router::new().route("/", get(overview)).merge(form::routes())
}

async fn overview(State(simulator): State<GoogleSimulator>) -> Response {
    let state = simulator.state();
    let accounts = state.accounts.keys().map(|email| account(&state, email)).collect::<String>();
    let body = format!(
        "<main>\n<header><h1>Simulated Google Calendar</h1>\n\
         <p class=\"soft\">This is the other end: what you change here, a phone has changed. The page refreshes \
         itself.</p></header>\n{accounts}</main>\n"
    );
    page(StatusCode::OK, "Simulated Google Calendar", REFRESH, &body)
}

/// The calendars in the list of an account that are still there.
fn calendars<'a>(state: &'a Google, email: &str) -> Vec<(&'a Calendar, &'a ListEntry)> {
    let entries = state.accounts.get(email).into_iter().flat_map(|account| &account.entries);
    let live = entries.filter(|(_, entry)| entry.removed_at.is_none());
    let mut calendars =
        live.filter_map(|(id, entry)| Some((state.calendars.get(id)?, entry))).collect::<Vec<_>>();
    calendars.sort_by_key(|(place, entry)| (!entry.primary, place.summary.clone()));
    calendars
}

fn title<'a>(place: &'a Calendar, entry: &'a ListEntry) -> &'a str {
    entry.summary_override.as_deref().unwrap_or(&place.summary)
}

/// The zone that an account lives in.
fn zone(state: &Google, email: &str) -> Tz {
    state.calendars.get(email).map_or(state.options.time_zone, |place| place.time_zone)
}

fn account(state: &Google, email: &str) -> String {
    let zone = zone(state, email);
    let now = state.now().with_timezone(&zone);
    let today = now.date_naive();
    let monday = today - Days::new(u64::from(today.weekday().num_days_from_monday()));
    let mut days = (0..SHOWN).map(|day| (monday + Days::new(day), Vec::new())).collect::<BTreeMap<_, _>>();
    let mut legend = String::new();
    for (place, entry) in calendars(state, email) {
        let (color, _) = colors::calendar_color(&entry.color_id);
        legend.push_str(&format!(
            "<li><span class=\"dot\" style=\"background:{color}\"></span>{} <span class=\"soft\">{}</span></li>\n",
            escape(title(place, entry)),
            escape(entry.role.name()),
        ));
        for event in events(state, email, place, (monday, zone)) {
            note(&mut days, place, color, &event);
        }
    }
    let days = days.into_iter().map(|(day, rows)| day_list(day, today, rows)).collect::<String>();
    let name = state.accounts.get(email).map(|account| account.name.as_str()).unwrap_or_default();
    format!(
        "<section>\n<div class=\"who\"><h2>{}</h2> <span class=\"soft\">{} · {} in {}</span>\
         <a class=\"button\" href=\"/event?account={}\">New event</a></div>\n\
         <ul class=\"legend\">\n{legend}</ul>\n{days}</section>\n",
        escape(name),
        escape(email),
        now.format("%A, %H:%M:%S"),
        escape(zone.name()),
        form::encoded(email),
    )
}

/// What a calendar shows from a Monday on.
fn events(state: &Google, email: &str, place: &Calendar, (monday, zone): (NaiveDate, Tz)) -> Vec<Value> {
    let moment = |days: u64| utc(from_wall((monday + Days::new(days)).into(), zone));
    let text = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("singleEvents", "true")
        .append_pair("orderBy", "startTime")
        .append_pair("maxResults", "2500")
        .append_pair("timeZone", zone.name())
        .append_pair("timeMin", &moment(0))
        .append_pair("timeMax", &moment(SHOWN))
        .finish();
    let who = Identity { email: email.to_owned(), scopes: [scope::EVERYTHING.to_owned()].into() };
    let listed = state.list_events(&who, &place.id, &Query::parse(Some(&text)));
    listed.ok().and_then(|answer| answer["items"].as_array().cloned()).unwrap_or_default()
}

/// One line of a day, and its place among the others.
type Row = ((bool, String, String), String);

/// Notes an event on each of its days that is shown.
fn note(days: &mut BTreeMap<NaiveDate, Vec<Row>>, place: &Calendar, color: &str, event: &Value) {
    let Some(span) = Span::of(event) else {
        return;
    };
    let color = event["colorId"].as_str().and_then(colors::event_color).unwrap_or(color);
    for (day, rows) in days.range_mut(span.first..=span.last.max(span.first)) {
        let when = span.on(*day);
        let key = (span.clock.is_some(), when.clone(), event["summary"].to_string());
        rows.push((key, row(place, color, event, &when)));
    }
}

/// When an event is, by the clock on the wall.
struct Span {
    first: NaiveDate,
    /// The last day, included.
    last: NaiveDate,
    /// The times of a timed event.
    clock: Option<(String, String)>,
}

impl Span {
    fn of(event: &Value) -> Option<Self> {
        let day = |side: &str| event[side]["date"].as_str()?.parse::<NaiveDate>().ok();
        if let Some((first, end)) = day("start").zip(day("end")) {
            return Some(Self { first, last: end.pred_opt()?, clock: None });
        }
        let moment = |side: &str| DateTime::parse_from_rfc3339(event[side]["dateTime"].as_str()?).ok();
        let (start, end) = (moment("start")?.naive_local(), moment("end")?.naive_local());
        let ends_at_midnight = end.time() == chrono::NaiveTime::MIN && end > start;
        let last = if ends_at_midnight { end.date().pred_opt()? } else { end.date() };
        let clock = |time: chrono::NaiveDateTime| time.format("%H:%M").to_string();
        Some(Self { first: start.date(), last, clock: Some((clock(start), clock(end))) })
    }

    /// What is said of it on one of its days.
    fn on(&self, day: NaiveDate) -> String {
        let length = (self.last - self.first).num_days() + 1;
        match &self.clock {
            None if length <= 1 => "all day".to_owned(),
            None => format!("day {} of {length}", (day - self.first).num_days() + 1),
            Some((start, end)) if length <= 1 => format!("{start}–{end}"),
            Some((start, _)) if day == self.first => format!("{start} →"),
            Some((_, end)) if day == self.last => format!("→ {end}"),
            Some(_) => "all day".to_owned(),
        }
    }
}

fn row(place: &Calendar, color: &str, event: &Value, when: &str) -> String {
    let id = event["id"].as_str().unwrap_or_default();
    let series = event["recurringEventId"].as_str().and_then(|series| place.events.get(series));
    let mut notes = Vec::new();
    notes.extend(event["location"].as_str().map(str::to_owned));
    notes.extend(series.and_then(|master| words::recurrence(&master.content.recurrence)));
    notes.extend(event["status"].as_str().filter(|status| *status == "tentative").map(str::to_owned));
    notes.extend(event["transparency"].as_str().map(|_| "free".to_owned()));
    notes.extend(event["eventType"].as_str().filter(|kind| *kind != "default").map(str::to_owned));
    let guests = event["attendees"].as_array().map(Vec::as_slice).unwrap_or_default();
    match guests.iter().find(|guest| guest["self"] == true).and_then(|own| own["responseStatus"].as_str()) {
        Some("needsAction") => notes.push("invited, not answered".to_owned()),
        Some(answer) if event["organizer"]["self"] != true => notes.push(format!("invited, {answer}")),
        _ if guests.is_empty() => {}
        _ => notes.push(format!("{} guests", guests.len())),
    }
    let notes = notes.iter().map(|note| escape(note)).collect::<Vec<_>>().join(" · ");
    format!(
        "<li><a href=\"/event?calendar={}&amp;event={}\" style=\"--color:{color}\"><span class=\"when\">{}</span>\
         <span><span class=\"title\">{}</span> <span class=\"soft\">{notes}</span></span></a></li>\n",
        form::encoded(&place.id),
        form::encoded(id),
        escape(when),
        escape(event["summary"].as_str().unwrap_or("(no title)")),
    )
}

fn day_list(day: NaiveDate, today: NaiveDate, mut rows: Vec<Row>) -> String {
    if rows.is_empty() && day != today {
        return String::new();
    }
    rows.sort_by(|one, two| one.0.cmp(&two.0));
    let class = match day.cmp(&today) {
        std::cmp::Ordering::Less => "day past",
        std::cmp::Ordering::Equal => "day today",
        std::cmp::Ordering::Greater => "day",
    };
    let rows = rows.into_iter().map(|(_, row)| row).collect::<String>();
    let rows = if rows.is_empty() { "<li class=\"soft\">Nothing.</li>\n".to_owned() } else { rows };
    format!("<div class=\"{class}\"><h3>{}</h3>\n<ul>\n{rows}</ul></div>\n", day.format("%A, %-d %B"))
}
