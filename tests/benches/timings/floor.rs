//! The least that a first pull could do: it fetches the same pages and parses them, and inserts the same rows in
//! transactions of the same size. What it inserts is known to it beforehand, so that it need not understand what it has
//! parsed, nor ask what is there already.

use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::Value;
use synodic_model::Event;
use synodic_model::sync::{Calendar, EventSync, Integration, Link};
use synodic_store::{Durability, OpenOptions, Store};

use crate::google::Place;

pub(crate) struct Floor {
    client: reqwest::Client,
    access_token: String,
    calendar: Calendar,
    integration: Integration,
    link: Link,
    pages: Vec<Page>,
}

/// A page and what becomes of it.
struct Page {
    address: String,
    events: Vec<Event>,
    syncs: Vec<EventSync>,
}

impl Floor {
    /// Takes what a pull of `addresses` has left in the replica in `folder`.
    pub(crate) async fn of(folder: &Path, place: &Place, addresses: Vec<String>) -> Self {
        let store = Store::open(&folder.join("synodic.db"), OpenOptions::default()).await.unwrap();
        let link = store.links().await.unwrap().remove(0);
        let calendar = store.calendar(link.calendar_id).await.unwrap().unwrap();
        let integration = store.integration(link.integration_id).await.unwrap().unwrap();
        let client = synodic_simulators::client_builder().no_proxy().build().unwrap();
        let access_token = place.tokens.access_token.clone();
        let host: reqwest::Url = place.api.parse().unwrap();
        let mut pages = Vec::new();
        for address in addresses {
            let address = host.join(&address).unwrap().to_string();
            let page = fetch(&client, &access_token, &address).await;
            let ids: Vec<_> = page["items"].as_array().unwrap().iter().map(id).collect();
            let syncs = store.event_syncs_by_external(link.id, &ids).await.unwrap();
            assert_eq!(syncs.len(), ids.len(), "the replica does not have the whole page");
            let syncs: Vec<_> = syncs.into_values().collect();
            let events: Vec<_> = syncs.iter().map(|row| row.event_id).collect();
            let events = store.events_by_ids(&events).await.unwrap().into_values().collect();
            pages.push(Page { address, events, syncs });
        }
        store.close().await;
        Self { client, access_token, calendar, integration, link, pages }
    }

    pub(crate) const fn pages(&self) -> usize {
        self.pages.len()
    }

    /// Does it once, on a new replica. How long all of it takes, and how much of that is for the pages to come.
    pub(crate) async fn measure(&self) -> (Duration, Duration) {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("synodic.db"), OpenOptions::default()).await.unwrap();
        let mut transaction = store.begin(Durability::Edit).await.unwrap();
        transaction.put_calendar(&self.calendar).await.unwrap();
        transaction.put_integration(&self.integration).await.unwrap();
        transaction.put_link(&self.link).await.unwrap();
        transaction.commit().await.unwrap();

        let from = Instant::now();
        let mut fetching = Duration::ZERO;
        for page in &self.pages {
            let asked = Instant::now();
            let parsed = fetch(&self.client, &self.access_token, &page.address).await;
            fetching += asked.elapsed();
            assert_eq!(parsed["items"].as_array().unwrap().len(), page.events.len());
            let mut transaction = store.begin(Durability::Pulled).await.unwrap();
            transaction.put_events(&page.events).await.unwrap();
            transaction.put_event_syncs(&page.syncs).await.unwrap();
            transaction.commit().await.unwrap();
        }
        let taken = from.elapsed();
        store.close().await;
        (taken, fetching)
    }
}

async fn fetch(client: &reqwest::Client, access_token: &str, address: &str) -> Value {
    let answer = client.get(address).bearer_auth(access_token).send().await.unwrap();
    assert!(answer.status().is_success(), "{address}: {}", answer.status());
    serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap()
}

fn id(item: &Value) -> synodic_model::ExternalId {
    synodic_model::ExternalId::new(item["id"].as_str().unwrap())
}
