//! Watch channels: registration, messages, retries, the end.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};
use synodic_simulators::google::push::{Courier, Delivery, PushMessage};
use synodic_simulators::google::{GoogleOptions, PushOptions};

use crate::bench::{ADA, Bench, timed};

/// Keeps messages instead of sending them, and answers with the statuses it was given, then with 200.
#[derive(Debug, Default)]
struct Drawer {
    messages: Mutex<Vec<PushMessage>>,
    answers: Mutex<Vec<u16>>,
}

impl Courier for Drawer {
    fn deliver(&self, message: PushMessage) -> Delivery {
        self.messages.lock().unwrap().push(message);
        let status = self.answers.lock().unwrap().pop().unwrap_or(200);
        Box::pin(async move { Ok(status) })
    }
}

impl Drawer {
    /// Waits until so many messages have come and no more follow.
    async fn headers(&self, count: usize, name: &str) -> Vec<String> {
        for _ in 0..400 {
            if self.messages.lock().unwrap().len() >= count {
                break;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        tokio::time::sleep(Duration::from_millis(30)).await;
        let messages = self.messages.lock().unwrap();
        let header = |message: &PushMessage| {
            let found = message.headers.iter().find(|(known, _)| known == name);
            found.map(|(_, value)| value.clone()).unwrap_or_default()
        };
        messages.iter().map(header).collect()
    }
}

fn bench(change: impl FnOnce(&mut PushOptions)) -> (Bench, Arc<Drawer>) {
    let drawer = Arc::new(Drawer::default());
    let mut push = PushOptions {
        courier: Some(drawer.clone()),
        first_retry: Duration::from_millis(1),
        retries: 3,
        ..PushOptions::default()
    };
    change(&mut push);
    (Bench::with(GoogleOptions { push, ..GoogleOptions::default() }), drawer)
}

fn channel(id: &str) -> Value {
    json!({ "id": id, "type": "web_hook", "address": "https://example.org/hook", "token": "secret" })
}

const WATCH: &str = "/calendars/primary/events/watch";

#[tokio::test]
async fn a_channel_greets_reports_and_stops() {
    let (bench, drawer) = bench(|_| {});
    let made = bench.post(WATCH, channel("one")).await.ok();
    assert_eq!(
        (&made["kind"], &made["id"], &made["token"]),
        (&json!("api#channel"), &json!("one"), &json!("secret"))
    );
    let week = (crate::bench::start() + chrono::TimeDelta::days(7)).timestamp_millis().to_string();
    assert_eq!(made["expiration"], week);
    assert_eq!(drawer.headers(1, "X-Goog-Resource-State").await, ["sync"]);
    bench.insert(timed("x", 5, 9)).await;
    bench.control.put_event(ADA, timed("phone", 5, 9));
    assert_eq!(drawer.headers(3, "X-Goog-Resource-State").await, ["sync", "exists", "exists"]);
    let mut numbers = drawer.headers(3, "X-Goog-Message-Number").await;
    numbers.sort_by_key(|number| number.parse::<u64>().unwrap());
    let numbers = numbers.iter().map(|number| number.parse::<u64>().unwrap()).collect::<Vec<_>>();
    assert!(numbers[0] == 1 && numbers[1] > 1 && numbers[2] > numbers[1], "{numbers:?}");
    assert_eq!(drawer.headers(3, "X-Goog-Channel-Token").await, ["secret"; 3]);
    assert_eq!(bench.control.channels().len(), 1);
    let stop = json!({ "id": "one", "resourceId": made["resourceId"] });
    assert_eq!(bench.post("/channels/stop", stop.clone()).await.status, 204);
    bench.insert(timed("y", 5, 9)).await;
    assert_eq!(drawer.headers(3, "X-Goog-Channel-ID").await.len(), 3);
    bench.post("/channels/stop", stop).await.refused(404, "notFound");
}

#[tokio::test]
async fn a_channel_ends_by_itself() {
    let (bench, drawer) = bench(|_| {});
    bench.post(WATCH, json!({ "id": "short", "type": "webhook", "address": "https://example.org", "params": { "ttl": "60" } })).await.ok();
    bench.clock.advance(Duration::from_secs(61));
    bench.insert(timed("x", 5, 9)).await;
    assert_eq!(drawer.headers(1, "X-Goog-Resource-State").await, ["sync"]);
    assert!(bench.control.channels().is_empty());
}

#[tokio::test]
async fn improper_channels_are_refused() {
    let (bench, _) = bench(|_| {});
    bench.post(WATCH, channel("one")).await.ok();
    bench.post(WATCH, channel("one")).await.refused(400, "channelIdNotUnique");
    let at = |address: &str| json!({ "id": "two", "type": "web_hook", "address": address });
    for address in ["http://example.org/hook", "http://127.0.0.1.example.org/"] {
        bench.post(WATCH, at(address)).await.refused(400, "push.webhookUrlNotHttps");
    }
    for body in [
        json!({ "type": "web_hook", "address": "https://example.org" }),
        json!({ "id": "x".repeat(65), "type": "web_hook", "address": "https://example.org" }),
        json!({ "id": "three", "type": "carrier_pigeon", "address": "https://example.org" }),
        json!({ "id": "four", "type": "web_hook", "address": "https://example.org", "token": "t".repeat(257) }),
    ] {
        assert_eq!(bench.post(WATCH, body.clone()).await.status, 400, "{body}");
    }
    bench.post(WATCH, at("http://127.0.0.1:9/hook")).await.ok();
}

#[tokio::test]
async fn loopback_can_be_refused_like_the_real_service_does() {
    let (bench, _) = bench(|push| push.allow_loopback = false);
    let body = json!({ "id": "two", "type": "web_hook", "address": "http://127.0.0.1:9/hook" });
    bench.post(WATCH, body).await.refused(400, "push.webhookUrlNotHttps");
}

#[tokio::test]
async fn only_some_failures_are_tried_again() {
    let (bench, drawer) = bench(|_| {});
    drawer.answers.lock().unwrap().extend([200, 503, 500]);
    bench.post(WATCH, channel("one")).await.ok();
    assert_eq!(drawer.headers(3, "X-Goog-Message-Number").await, ["1", "1", "1"]);
    drawer.answers.lock().unwrap().push(404);
    bench.insert(timed("x", 5, 9)).await;
    assert_eq!(drawer.headers(4, "X-Goog-Resource-State").await.len(), 4, "404 is final");
}

#[tokio::test]
async fn messages_can_be_lost_or_doubled() {
    let (quiet, drawer) = bench(|push| push.lost = 1.0);
    quiet.post(WATCH, channel("one")).await.ok();
    assert!(drawer.headers(0, "X-Goog-Channel-ID").await.is_empty());
    let (loud, drawer) = bench(|push| push.duplicated = 1.0);
    loud.post(WATCH, channel("one")).await.ok();
    assert_eq!(drawer.headers(2, "X-Goog-Message-Number").await, ["1", "1"]);
}

#[tokio::test]
async fn the_calendar_list_can_be_watched_as_well() {
    let (bench, drawer) = bench(|_| {});
    let made = bench.post("/users/me/calendarList/watch", channel("one")).await.ok();
    bench.post("/calendars", json!({ "summary": "New" })).await.ok();
    assert_eq!(drawer.headers(2, "X-Goog-Resource-State").await, ["sync", "exists"]);
    assert_eq!(drawer.headers(2, "X-Goog-Resource-ID").await[0], made["resourceId"].as_str().unwrap());
}
