//! Over real sockets: cut connections, cut answers, push messages, going away and coming back.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::http::HeaderMap;
use axum::routing::post;
use serde_json::{Value, json};
use synodic_simulators::fault::{Effect, Fault};
use synodic_simulators::google::{GoogleOptions, GoogleSimulator, RunningGoogle, seed_demo};

use crate::bench::{ADA, timed};

async fn running() -> (GoogleSimulator, RunningGoogle) {
    let simulator = GoogleSimulator::new(GoogleOptions::default());
    simulator.control().add_account(ADA, "Ada");
    let running = simulator.listen("127.0.0.1:0".parse().unwrap()).await.unwrap();
    (simulator, running)
}

fn client() -> reqwest::Client {
    synodic_simulators::client_builder().no_proxy().build().unwrap()
}

async fn send(running: &RunningGoogle, body: Option<Value>) -> reqwest::Result<Value> {
    let endpoints = running.endpoints();
    let url = format!("{}/calendars/primary/events", endpoints.api_url);
    let client = client();
    let request = match body {
        Some(body) => client.post(url).json(&body),
        None => client.get(url),
    };
    request.bearer_auth(&endpoints.access_token).send().await?.json().await
}

#[tokio::test]
async fn the_endpoints_lead_to_the_api() {
    let (_, running) = running().await;
    assert!(running.endpoints().api_url.ends_with("/calendar/v3"));
    assert_eq!(send(&running, None).await.unwrap()["kind"], "calendar#events");
    let page = client().get(format!("http://{}/", running.address())).send().await.unwrap();
    assert_eq!(page.status(), 200);
}

#[tokio::test]
async fn a_dropped_connection_has_no_answer_at_all() {
    let (simulator, running) = running().await;
    let control = simulator.control();
    control.inject(Fault::new(Effect::DropBefore).times(1));
    let error = send(&running, Some(timed("x", 5, 9))).await.unwrap_err();
    assert!(error.is_request() && error.status().is_none(), "{error:?}");
    assert!(control.events(ADA).is_empty());
    control.inject(Fault::new(Effect::DropAfter).times(1));
    let error = send(&running, Some(timed("x", 5, 9))).await.unwrap_err();
    assert!(error.is_request(), "{error:?}");
    assert_eq!(control.events(ADA).len(), 1);
}

#[tokio::test]
async fn a_truncated_answer_begins_well_and_then_ends() {
    let (simulator, running) = running().await;
    simulator.control().inject(Fault::new(Effect::TruncatedBody).times(1));
    let endpoints = running.endpoints();
    let url = format!("{}/calendars/primary/events", endpoints.api_url);
    let answer = client().get(url).bearer_auth(&endpoints.access_token).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    let error = answer.text().await.unwrap_err();
    assert!(error.is_body() || error.is_decode(), "{error:?}");
    send(&running, None).await.unwrap();
}

#[tokio::test]
async fn the_network_goes_and_comes_back() {
    let (simulator, running) = running().await;
    send(&running, Some(timed("x", 5, 9))).await.unwrap();
    let (address, endpoints) = (running.address(), running.endpoints().clone());
    running.stop().await;
    let url = format!("{}/calendars/primary/events", endpoints.api_url);
    let request = || client().get(&url).bearer_auth(&endpoints.access_token).send();
    assert!(request().await.unwrap_err().is_connect());
    let again = simulator.listen(address).await.unwrap();
    assert_eq!(again.address(), address);
    let page = request().await.unwrap().json::<Value>().await.unwrap();
    assert_eq!(page["items"].as_array().unwrap().len(), 1, "nothing was forgotten, not even the token");
}

#[tokio::test]
async fn push_messages_arrive_without_a_body() {
    let seen = Arc::new(Mutex::new(Vec::<(HeaderMap, usize)>::new()));
    let keep = seen.clone();
    let hook = Router::new().route(
        "/hook",
        post(async move |headers: HeaderMap, body: axum::body::Bytes| {
            keep.lock().unwrap().push((headers, body.len()));
        }),
    );
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}/hook", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, hook).await.unwrap() });

    let (simulator, running) = running().await;
    let endpoints = running.endpoints();
    let watch = json!({ "id": "one", "type": "web_hook", "address": address, "token": "secret" });
    let url = format!("{}/calendars/primary/events/watch", endpoints.api_url);
    client().post(url).bearer_auth(&endpoints.access_token).json(&watch).send().await.unwrap();
    simulator.control().put_event(ADA, timed("x", 5, 9));
    for _ in 0..400 {
        if seen.lock().unwrap().len() >= 2 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let seen = seen.lock().unwrap();
    let mut states =
        seen.iter().map(|(headers, _)| headers["x-goog-resource-state"].clone()).collect::<Vec<_>>();
    states.sort();
    assert_eq!(states, ["exists", "sync"]);
    assert!(seen.iter().all(|(headers, length)| headers["x-goog-channel-token"] == "secret" && *length == 0));
}

#[tokio::test]
async fn the_demonstration_can_be_listed_and_looked_at() {
    let simulator = GoogleSimulator::new(GoogleOptions::default());
    let world = seed_demo(&simulator, chrono::Utc::now(), chrono_tz::America::New_York);
    let running = simulator.listen("127.0.0.1:0".parse().unwrap()).await.unwrap();
    let endpoints = running.endpoints();
    let get = |path: String| {
        client().get(endpoints.api_url.clone() + &path).bearer_auth(&endpoints.access_token).send()
    };
    let list = get("/users/me/calendarList".into()).await.unwrap().json::<Value>().await.unwrap();
    assert_eq!(list["items"].as_array().unwrap().len(), 4);
    let page = get(format!("/calendars/{}/events", world.work)).await.unwrap().json::<Value>().await.unwrap();
    assert!(page["items"].as_array().unwrap().len() > 12);
    let html =
        client().get(format!("http://{}/", running.address())).send().await.unwrap().text().await.unwrap();
    assert!(html.contains("Stand-up") && html.contains("Call with Harbour &amp; Sons"));
}
