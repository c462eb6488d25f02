//! Webhooks: the handshake, events, their signatures, and how they come late, twice, or not at all.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};
use synodic_simulators::notion::webhook::NewSubscription;
use synodic_simulators::notion::webhook::courier::{Courier, Delivery, WebhookMessage};
use synodic_simulators::notion::{NotionOptions, WebhookOptions};
use uuid::Uuid;

use crate::bench::{Bench, id, named};

/// Keeps messages instead of sending them, and answers with the statuses it was given, then with 200.
#[derive(Debug, Default)]
struct Drawer {
    messages: Mutex<Vec<WebhookMessage>>,
    answers: Mutex<Vec<u16>>,
}

impl Courier for Drawer {
    fn deliver(&self, message: WebhookMessage) -> Delivery {
        self.messages.lock().unwrap().push(message);
        let status = self.answers.lock().unwrap().pop().unwrap_or(200);
        Box::pin(async move { Ok(status) })
    }
}

impl Drawer {
    /// Waits until so many events have come and no more follow; the handshake does not count.
    async fn events(&self, count: usize) -> Vec<Value> {
        for _ in 0..400 {
            if self.messages.lock().unwrap().len() > count {
                break;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        // The simulator looks for due events every 20 milliseconds; nothing more may come of that.
        tokio::time::sleep(Duration::from_millis(60)).await;
        let messages = self.messages.lock().unwrap();
        messages.iter().skip(1).map(|message| serde_json::from_str(&message.body).unwrap()).collect()
    }

    async fn kinds(&self, count: usize) -> Vec<String> {
        let mut kinds = self
            .events(count)
            .await
            .iter()
            .map(|event| event["type"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>();
        kinds.sort_unstable();
        kinds
    }
}

struct Listening {
    bench: Bench,
    drawer: Arc<Drawer>,
    subscription: Uuid,
}

/// A bench with an active subscription to events; to all when none are named.
async fn listening(events: &[&str], change: impl FnOnce(&mut WebhookOptions)) -> Listening {
    let drawer = Arc::new(Drawer::default());
    let mut webhooks = WebhookOptions { courier: Some(drawer.clone()), ..WebhookOptions::default() };
    change(&mut webhooks);
    let bench = Bench::with(NotionOptions { webhooks, ..NotionOptions::default() });
    let new = NewSubscription {
        url: "https://example.org/hook".to_owned(),
        events: events.iter().map(|event| (*event).to_owned()).collect(),
        bot: None,
        api_version: None,
    };
    let made = bench.control.try_subscribe(&new).unwrap();
    assert_eq!(made["state"], "pending");
    drawer.events(0).await;
    let handshake = drawer.messages.lock().unwrap()[0].clone();
    assert!(handshake.headers.is_empty(), "nobody could check a signature yet");
    let token = serde_json::from_str::<Value>(&handshake.body).unwrap()["verification_token"].clone();
    let subscription = id(&made);
    assert!(bench.control.try_verify(subscription, "secret_wrong").is_err());
    bench.control.try_verify(subscription, token.as_str().unwrap()).unwrap();
    Listening { bench, drawer, subscription }
}

#[tokio::test]
async fn an_event_tells_what_happened_but_not_what_it_holds() {
    let Listening { bench, drawer, subscription } = listening(&["page.properties_updated"], |_| {}).await;
    let page = bench.titled("secret words").await;
    bench.set(&page, json!({ "Done": { "checkbox": true } })).await.ok();
    bench.control.edit_page(id(&page), json!({ "properties": { "Name": named("more words") } }));
    let events = drawer.events(2).await;
    assert_eq!(events.len(), 2);
    let event = events.iter().find(|event| event["authors"][0]["type"] == "bot").unwrap();
    assert_eq!(event["entity"], json!({ "id": page["id"], "type": "page" }));
    assert_eq!(event["data"]["updated_properties"], json!([page["properties"]["Done"]["id"]]));
    let parent = json!({ "id": bench.database, "type": "database", "data_source_id": bench.source });
    assert_eq!(event["data"]["parent"], parent);
    assert_eq!((&event["subscription_id"], &event["attempt_number"]), (&json!(subscription), &json!(1)));
    assert_eq!((&event["api_version"], &event["workspace_name"]), (&json!("2026-03-11"), &json!("Home")));
    assert_eq!((&event["timestamp"], event.get("accessible_by")), (&json!("2026-05-04T08:00:20.000Z"), None));
    assert!(events.iter().any(|event| event["authors"] == json!([{ "id": bench.ada, "type": "person" }])));
    let messages = drawer.messages.lock().unwrap();
    assert!(messages.iter().all(|message| !message.body.contains("words")));
    let signature = &messages[1].headers[0];
    assert_eq!(signature.0, "X-Notion-Signature");
    assert!(signature.1.starts_with("sha256=") && signature.1.len() == 7 + 64);
}

#[tokio::test]
async fn everything_that_can_happen_to_a_row_is_told() {
    let Listening { bench, drawer, .. } = listening(&[], |_| {}).await;
    let page = bench.titled("A").await;
    let edit = |body: Value| bench.control.edit_page(id(&page), body);
    edit(json!({ "properties": { "Done": { "checkbox": true } } }));
    edit(json!({ "is_locked": true }));
    edit(json!({ "is_locked": false }));
    bench.control.try_write_blocks(id(&page), &json!([{ "divider": {} }])).unwrap();
    bench.control.trash_page(id(&page));
    bench.control.restore_page(id(&page));
    let lone = bench.control.add_lone_page("Elsewhere", None);
    bench.control.try_move_page(id(&page), &json!({ "page_id": lone })).unwrap();
    let rename =
        json!({ "properties": { "Notes": { "name": "Notiz" }, "Mail": null, "New": { "checkbox": {} } } });
    bench.control.edit_data_source(bench.source, rename);
    let kinds = drawer.kinds(12).await;
    for kind in [
        "page.created",
        "page.properties_updated",
        "page.locked",
        "page.unlocked",
        "page.content_updated",
        "page.deleted",
        "page.undeleted",
        "page.moved",
        "data_source.content_updated",
        "data_source.schema_updated",
    ] {
        assert!(kinds.iter().any(|known| known == kind), "{kind}: {kinds:?}");
    }
    let events = drawer.events(12).await;
    let schema = events.iter().find(|event| event["type"] == "data_source.schema_updated").unwrap();
    assert_eq!(schema["entity"], json!({ "id": bench.source, "type": "data_source" }));
    let mut actions = schema["data"]["updated_properties"].as_array().unwrap().iter();
    assert!(actions.any(|change| change["name"] == "Notiz" && change["action"] == "updated"));
}

#[tokio::test]
async fn bursts_become_one_event_and_opposites_none() {
    let window = Duration::from_secs(60);
    let Listening { bench, drawer, .. } = listening(&[], |options| options.aggregation = window).await;
    let page = bench.titled("A").await;
    bench.clock.advance(window);
    assert_eq!(drawer.kinds(2).await, ["data_source.content_updated", "page.created"]);
    bench.set(&page, json!({ "Done": { "checkbox": true } })).await.ok();
    bench.clock.advance(Duration::from_secs(10));
    bench.control.edit_page(id(&page), json!({ "properties": { "Cost": { "number": 1 } } }));
    let brief = bench.titled("brief").await;
    bench.set(&brief, json!({ "Done": { "checkbox": true } })).await.ok();
    bench.control.trash_page(id(&brief));
    bench.clock.advance(window);
    let events = drawer.events(4).await;
    let of =
        |kind: &str| events.iter().skip(2).filter(|event| event["type"] == kind).cloned().collect::<Vec<_>>();
    let updates = of("page.properties_updated");
    assert_eq!(updates.len(), 1, "{events:#?}");
    assert_eq!(updates[0]["data"]["updated_properties"].as_array().unwrap().len(), 2);
    assert_eq!(updates[0]["authors"].as_array().unwrap().len(), 2);
    assert!(
        of("page.created").is_empty() && of("page.deleted").is_empty(),
        "what came and went was never there"
    );
}

#[tokio::test]
async fn what_is_not_answered_well_is_tried_eight_times_within_a_day() {
    let Listening { bench, drawer, .. } = listening(&["page.created"], |_| {}).await;
    drawer.answers.lock().unwrap().extend([500; 8]);
    bench.titled("A").await;
    let mut waits = 0_u64;
    for attempt in 1..=8_u32 {
        let events = drawer.events(usize::try_from(attempt).unwrap()).await;
        assert_eq!(events.len(), usize::try_from(attempt).unwrap());
        assert_eq!(events.last().unwrap()["attempt_number"], attempt);
        let wait = 60 * 3_u64.pow(attempt - 1);
        if attempt < 8 {
            waits += wait;
        }
        bench.clock.advance(Duration::from_secs(wait));
    }
    assert_eq!(drawer.events(8).await.len(), 8, "and then it is lost");
    let ids = drawer.events(8).await.iter().map(id).collect::<std::collections::BTreeSet<_>>();
    assert_eq!(ids.len(), 1, "attempts are one event");
    assert!((18..25).contains(&(waits / 3600)), "the last comes after {waits} seconds");
}

#[tokio::test]
async fn events_come_twice_or_never_or_in_another_order() {
    let loud = listening(&["page.created"], |options| options.duplicated = 1.0).await;
    loud.bench.titled("A").await;
    let events = loud.drawer.events(2).await;
    assert_eq!((events.len(), &events[0]["id"]), (2, &events[1]["id"]));

    let quiet = listening(&["page.created"], |options| options.lost = 1.0).await;
    quiet.bench.titled("A").await;
    assert!(quiet.drawer.events(0).await.is_empty());

    let most = Duration::from_secs(60);
    let wild = listening(&["page.created"], |options| options.disorder = most).await;
    let mut made = Vec::new();
    for number in 0..8 {
        made.push(wild.bench.titled(&number.to_string()).await["id"].clone());
    }
    assert!(!wild.bench.control.waiting_webhooks().is_empty());
    wild.bench.clock.advance(most);
    let told =
        wild.drawer.events(8).await.iter().map(|event| event["entity"]["id"].clone()).collect::<Vec<_>>();
    assert_eq!(told.len(), 8);
    assert_ne!(told, made);
}

#[tokio::test]
async fn a_subscription_can_be_paused_and_ended() {
    let Listening { bench, drawer, subscription } = listening(&["page.created"], |_| {}).await;
    bench.control.pause(subscription, true);
    bench.titled("A").await;
    assert!(drawer.events(0).await.is_empty());
    bench.control.pause(subscription, false);
    bench.titled("B").await;
    assert_eq!(drawer.events(1).await.len(), 1);
    bench.control.unsubscribe(subscription);
    bench.titled("C").await;
    assert_eq!(drawer.events(1).await.len(), 1);
}

#[tokio::test]
async fn nothing_is_told_of_what_is_not_shared() {
    let Listening { bench, drawer, .. } = listening(&[], |_| {}).await;
    bench.control.share(bench.database, None, false);
    bench.control.add_page(bench.source, json!({ "properties": { "Name": named("private") } }));
    assert!(drawer.events(0).await.is_empty());
}
