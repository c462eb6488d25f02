//! A person's Notion, simulated in this process: a workspace with the demo's databases, one of them in German.

use std::net::SocketAddr;

use serde_json::{Value, json};
use synodic_simulators::notion::{
    Control, DemoWorkspace, NotionOptions, NotionSimulator, RunningNotion, seed_demo,
};
use uuid::Uuid;

use super::home::Home;

/// What the database with the German properties is called.
pub const VERANSTALTUNGEN: &str = "Veranstaltungen";

/// A simulated Notion with one connection, which may see everything.
#[derive(Debug)]
pub struct Notion {
    simulator: NotionSimulator,
    running: RunningNotion,
    workspace: DemoWorkspace,
}

impl Notion {
    /// Starts it with a fortnight of pages around this week.
    ///
    /// # Panics
    /// When it cannot listen.
    pub async fn start() -> Self {
        let time_zone = chrono_tz::Europe::Berlin;
        let simulator = NotionSimulator::new(NotionOptions { time_zone, ..NotionOptions::default() });
        let workspace = seed_demo(&simulator, chrono::Utc::now(), time_zone);
        let address = SocketAddr::from(([127, 0, 0, 1], 0));
        let running = simulator.listen(address).await.expect("a port is free");
        Self { simulator, running, workspace }
    }

    /// Points a home at this Notion.
    #[must_use]
    pub fn at_home(&self, home: Home) -> Home {
        home.with("SYNODIC_NOTION_API_URL", self.running.endpoints().api_url.clone())
    }

    /// Plays the rest of the world.
    pub fn control(&self) -> Control {
        self.simulator.control()
    }

    /// The connection's secret, as a person copies it.
    pub fn token(&self) -> &str {
        &self.workspace.token
    }

    /// The pages of [`VERANSTALTUNGEN`].
    pub fn pages(&self) -> Vec<Value> {
        self.control().pages(self.workspace.veranstaltungen)
    }

    /// The one page of [`VERANSTALTUNGEN`] that is called `title`.
    ///
    /// # Panics
    /// When there is none, or more than one.
    pub fn page(&self, title: &str) -> Value {
        let called = |page: &Value| words(page, "Name") == title;
        let mut found: Vec<_> = self.pages().into_iter().filter(called).collect();
        assert_eq!(found.len(), 1, "pages called {title:?}: {found:#?}");
        found.remove(0)
    }

    /// Adds a text property to [`VERANSTALTUNGEN`], as a person does in Notion.
    ///
    /// # Panics
    /// When Notion does not take it.
    pub fn add_text_property(&self, name: &str) {
        let properties = json!({ name: { "rich_text": {} } });
        self.control().edit_data_source(self.workspace.veranstaltungen, json!({ "properties": properties }));
    }

    /// Writes into a text property of a page, as a person does in Notion.
    ///
    /// # Panics
    /// When there is no such page or property.
    pub fn write(&self, title: &str, property: &str, text: &str) {
        let id = self.page(title)["id"].as_str().and_then(|id| Uuid::parse_str(id).ok());
        let properties = json!({ property: { "rich_text": [{ "text": { "content": text } }] } });
        self.control().edit_page(id.expect("a page has an id"), json!({ "properties": properties }));
    }
}

/// What stands in a title or a text property of a page.
pub fn words(page: &Value, property: &str) -> String {
    let value = &page["properties"][property];
    let runs = value["type"].as_str().and_then(|kind| value[kind].as_array());
    runs.into_iter().flatten().filter_map(|run| run["plain_text"].as_str()).collect()
}
