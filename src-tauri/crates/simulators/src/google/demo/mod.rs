//! A believable fortnight, and a little life in it.
//!
//! Everybody in it is made up.

mod life;
mod plan;
mod weeks;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

pub use self::life::demo_life;
use self::plan::Plan;
use super::GoogleSimulator;
use super::calendar::AccessRole;
use super::control::NewCalendar;

/// The ids of what [`seed_demo`] made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DemoWorld {
    /// The account's address.
    pub email: String,
    /// The calendar "Personal", the account's primary one.
    pub personal: String,
    /// The calendar "Work".
    pub work: String,
    /// The calendar "Family".
    pub family: String,
    /// The calendar "Holidays", which is read-only.
    pub holidays: String,
    /// The zone that the account lives in.
    pub zone: Tz,
}

/// Fills a simulator with one account and its fortnight: the week that `now` is in, and the next. Call it once.
pub fn seed_demo(simulator: &GoogleSimulator, now: DateTime<Utc>, zone: Tz) -> DemoWorld {
    let control = simulator.control();
    let email = "ada.moreau@example.com".to_owned();
    control.add_account(&email, "Ada Moreau");
    let add = |summary: &str, color: &str, access_role: AccessRole, primary: bool| {
        let calendar = NewCalendar {
            summary: summary.to_owned(),
            color_id: Some(color.to_owned()),
            time_zone: Some(zone),
            access_role,
            primary,
            ..NewCalendar::default()
        };
        control.add_calendar(&email, calendar)
    };
    let world = DemoWorld {
        personal: add("Personal", "16", AccessRole::Owner, true),
        work: add("Work", "8", AccessRole::Owner, false),
        family: add("Family", "6", AccessRole::Owner, false),
        holidays: add("Holidays", "19", AccessRole::Reader, false),
        email,
        zone,
    };
    let plan = Plan::new(control, now.with_timezone(&zone).date_naive(), zone);
    weeks::work(&plan, &world);
    weeks::personal(&plan, &world);
    weeks::family(&plan, &world);
    weeks::holidays(&plan, &world);
    world
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::google::GoogleOptions;

    #[test]
    fn the_fortnight_is_lively_and_has_one_of_everything() {
        let simulator = GoogleSimulator::new(GoogleOptions::default());
        let now = "2026-05-13T10:00:00Z".parse().unwrap();
        let world = seed_demo(&simulator, now, chrono_tz::Europe::Paris);
        let control = simulator.control();
        let calendars = [&world.work, &world.personal, &world.family, &world.holidays];
        let all = calendars.iter().flat_map(|calendar| control.all_events(calendar)).collect::<Vec<_>>();
        assert!((40..120).contains(&all.len()), "{} events", all.len());
        let some = |what: &str, test: &dyn Fn(&Value) -> bool| {
            assert!(all.iter().any(test), "no event {what}");
        };
        some("that recurs", &|event| event["recurrence"].is_array());
        some("that was moved out of its series", &|event| {
            event["status"] == "confirmed" && event["recurringEventId"].is_string()
        });
        some("that was cancelled in its series", &|event| {
            event["status"] == "cancelled" && event["recurringEventId"].is_string()
        });
        some("that is tentative", &|event| event["status"] == "tentative");
        some("that was declined", &|event| event["attendees"].to_string().contains("declined"));
        some("in two zones", &|event| {
            event["start"]["timeZone"].is_string() && event["start"]["timeZone"] != event["end"]["timeZone"]
        });
        some("with a conference", &|event| event["hangoutLink"].is_string());
        some("that leaves one free", &|event| event["transparency"] == "transparent");
        for kind in ["birthday", "focusTime", "workingLocation", "outOfOffice", "fromGmail"] {
            some(kind, &|event| event["eventType"] == kind);
        }
        some("with HTML", &|event| event["description"].as_str().is_some_and(|text| text.contains("<b>")));
    }
}
