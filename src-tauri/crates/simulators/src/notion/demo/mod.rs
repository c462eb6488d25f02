//! A believable workspace: one database with English columns, one with German ones.
//!
//! Everybody in it is made up.

mod plan;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use uuid::Uuid;

use self::plan::Plan;
use super::NotionSimulator;
use super::user::Capabilities;

/// The ids of what [`seed_demo`] made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DemoWorkspace {
    /// The internal connection's bot.
    pub bot: Uuid,
    /// The internal connection's token.
    pub token: String,
    /// The data source "Projects".
    pub projects: Uuid,
    /// The data source "Veranstaltungen", whose columns have German names.
    pub veranstaltungen: Uuid,
    /// The zone that its people live in.
    pub zone: Tz,
}

/// Fills a simulator with a workspace around the week that `now` is in. Call it once.
pub fn seed_demo(simulator: &NotionSimulator, now: DateTime<Utc>, zone: Tz) -> DemoWorkspace {
    let control = simulator.control();
    let ada = control.add_person("Ada Moreau", "ada.moreau@example.com");
    let ben = control.add_person("Ben Okafor", "ben.okafor@example.com");
    let (bot, token) = control.add_connection("Synodic", Capabilities::default());
    let plan = Plan::new(control, now.with_timezone(&zone).date_naive(), zone);
    let projects = plan.projects(ada, ben);
    let veranstaltungen = plan.veranstaltungen(ada, ben);
    DemoWorkspace { bot, token, projects, veranstaltungen, zone }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::notion::NotionOptions;

    #[test]
    fn the_workspace_is_lively_and_has_one_of_everything() {
        let simulator = NotionSimulator::new(NotionOptions::default());
        let now = "2026-05-13T10:00:00Z".parse().unwrap();
        let world = seed_demo(&simulator, now, chrono_tz::Europe::Berlin);
        let control = simulator.control();
        let all = [world.projects, world.veranstaltungen].map(|source| control.pages(source));
        assert!(all[0].len() >= 12 && all[1].len() >= 8, "{} and {}", all[0].len(), all[1].len());
        let some = |place: usize, what: &str, test: &dyn Fn(&Value) -> bool| {
            assert!(all[place].iter().any(|page| test(&page["properties"])), "no page {what}");
        };
        let date = |name: &'static str| move |page: &Value| page[name]["date"].clone();
        let (when, wann) = (date("Date"), date("Datum"));
        some(0, "without a date", &|page| when(page).is_null());
        some(0, "with a time and an end", &|page| {
            when(page)["start"].as_str().is_some_and(|start| start.contains('T'))
                && when(page)["end"].is_string()
        });
        some(0, "of several days", &|page| {
            when(page)["start"].as_str().is_some_and(|start| start.len() == 10)
                && when(page)["end"].is_string()
        });
        some(0, "with formatting", &|page| page["Notes"].to_string().contains("\"bold\":true"));
        some(1, "with a place", &|page| !page["Ort"]["rich_text"][0].is_null());
        some(1, "with a time and no end", &|page| {
            wann(page)["start"].as_str().is_some_and(|start| start.contains('T'))
                && wann(page)["end"].is_null()
        });
        some(1, "with people", &|page| page["Personen"]["people"][0]["name"] == "Ada Moreau");
        assert!(all[1][0]["properties"]["Status"]["status"]["name"].is_string());
    }
}
