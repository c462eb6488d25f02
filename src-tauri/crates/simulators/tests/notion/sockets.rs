//! Over real sockets: cut connections, slow answers, going away and coming back, the control API, the page for people.

use std::time::{Duration, Instant};

use chrono::Utc;
use serde_json::{Value, json};
use synodic_simulators::fault::{Effect, Fault};
use synodic_simulators::notion::{DemoWorkspace, NotionOptions, NotionSimulator, RunningNotion, seed_demo};

async fn running() -> (NotionSimulator, DemoWorkspace, RunningNotion) {
    let simulator = NotionSimulator::new(NotionOptions::default());
    let world = seed_demo(&simulator, Utc::now(), chrono_tz::Europe::Berlin);
    let running = simulator.listen("127.0.0.1:0".parse().unwrap()).await.unwrap();
    (simulator, world, running)
}

fn client() -> reqwest::Client {
    synodic_simulators::client_builder().no_proxy().build().unwrap()
}

fn query(running: &RunningNotion, world: &DemoWorkspace) -> reqwest::RequestBuilder {
    let endpoints = running.endpoints();
    let url = format!("{}/data_sources/{}/query", endpoints.api_url, world.projects);
    let request = client().post(url).bearer_auth(&endpoints.access_token);
    request.header("Notion-Version", "2026-03-11").json(&json!({}))
}

#[tokio::test]
async fn the_endpoints_lead_to_the_api_and_the_page() {
    let (_, world, running) = running().await;
    assert!(running.endpoints().api_url.ends_with("/v1"));
    let page = query(&running, &world).send().await.unwrap().json::<Value>().await.unwrap();
    assert!(page["results"].as_array().unwrap().len() >= 12, "{page:#}");
    let html =
        client().get(format!("http://{}/", running.address())).send().await.unwrap().text().await.unwrap();
    assert!(html.contains("Kick-off with Harbour &amp; Sons") && html.contains("Lesung: Neue Stimmen"));
}

#[tokio::test]
async fn cut_connections_and_answers_look_as_they_should() {
    let (simulator, world, running) = running().await;
    let control = simulator.control();
    for effect in [Effect::DropBefore, Effect::DropAfter] {
        control.inject(Fault::new(effect).times(1));
        let error = query(&running, &world).send().await.unwrap_err();
        assert!(error.is_request() && error.status().is_none(), "{error:?}");
    }
    control.inject(Fault::new(Effect::TruncatedBody).times(1));
    let answer = query(&running, &world).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    assert!(answer.text().await.is_err());
    control.inject(Fault::new(Effect::SlowDrip { bytes: 4096, millis: 5 }).times(1));
    let begun = Instant::now();
    query(&running, &world).send().await.unwrap().json::<Value>().await.unwrap();
    assert!(begun.elapsed() >= Duration::from_millis(15));
}

#[tokio::test]
async fn the_network_goes_and_comes_back() {
    let (simulator, world, running) = running().await;
    let (address, request) = (running.address(), query(&running, &world));
    running.stop().await;
    assert!(request.try_clone().unwrap().send().await.unwrap_err().is_connect());
    let _again = simulator.listen(address).await.unwrap();
    assert_eq!(request.send().await.unwrap().status(), 200, "nothing was forgotten, not even the token");
}

#[tokio::test]
async fn the_control_api_is_a_person_and_an_administrator() {
    let (simulator, world, running) = running().await;
    let send = async |method: &str, path: &str, body: Value| {
        let url = format!("{}{path}", running.endpoints().control_url);
        let request = client().request(method.parse().unwrap(), url).json(&body);
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), 200, "{method} {path}");
        answer.json::<Value>().await.unwrap()
    };
    let title = |text: &str| json!({ "Name": { "title": [{ "text": { "content": text } }] } });
    let rows = format!("/data_sources/{}/pages", world.veranstaltungen);
    let page = send("POST", &rows, json!({ "properties": title("Konzert") })).await;
    let path = format!("/pages/{}", page["id"].as_str().unwrap());
    let edited = send("PATCH", &path, json!({ "properties": title("Konzert im Park") })).await;
    assert_eq!(edited["properties"]["Name"]["title"][0]["plain_text"], "Konzert im Park");
    send("PATCH", &path, json!({ "in_trash": true })).await;
    let count = async |query: &str| {
        send("GET", &format!("{rows}{query}"), Value::Null).await.as_array().unwrap().len()
    };
    assert_eq!(count("?all=true").await, count("").await + 1);
    send("PATCH", &path, json!({ "in_trash": false })).await;
    let twin = send("POST", &format!("{path}/duplicate"), Value::Null).await;
    assert_ne!(twin["id"], page["id"]);
    send("DELETE", &path, Value::Null).await;
    let there = json!({ "parent": { "data_source_id": world.projects } });
    let moved = send("POST", &format!("/pages/{}/move", twin["id"].as_str().unwrap()), there).await;
    assert_eq!(moved["parent"]["data_source_id"], json!(world.projects));
    let blocks = format!("/pages/{}/blocks", twin["id"].as_str().unwrap());
    send("POST", &blocks, json!({ "children": [{ "divider": {} }] })).await;
    assert_eq!(send("GET", &blocks, Value::Null).await[0]["type"], "divider");
    let source = format!("/data_sources/{}", world.veranstaltungen);
    let renamed = send("PATCH", &source, json!({ "properties": { "Ort": { "name": "Wo" } } })).await;
    assert_eq!(renamed["properties"]["Wo"]["type"], "rich_text");
    let database = renamed["parent"]["database_id"].clone();
    send("PUT", "/sharing", json!({ "object": database, "shared": false })).await;
    send("POST", "/faults", json!({ "effect": { "kind": "drop_before" }, "times": 1 })).await;
    assert_eq!(send("GET", "/faults", Value::Null).await.as_array().unwrap().len(), 1);
    send("DELETE", "/faults", Value::Null).await;
    send("PUT", "/quota", json!({ "window_seconds": 1, "per_connection": 0 })).await;
    assert_eq!(query(&running, &world).send().await.unwrap().status(), 429);
    send("PUT", "/quota", Value::Null).await;
    let other =
        send("POST", "/connections", json!({ "name": "Second", "capabilities": { "insert": false } })).await;
    assert!(other["access_token"].as_str().unwrap().starts_with("ntn_"));
    send("POST", "/revoke", json!({})).await;
    assert_eq!(query(&running, &world).send().await.unwrap().status(), 401);
    let requests = send("GET", "/requests", Value::Null).await;
    assert_eq!(requests.as_array().unwrap().len(), 2, "the control API itself is not logged");
    assert_eq!(simulator.control().people().len(), 2);
}
