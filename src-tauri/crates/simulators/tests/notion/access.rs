//! Who sees what, may do what, and how often: sharing, capabilities, tokens, limits, search.

use std::time::Duration;

use axum::body::Body;
use axum::http::Request;
use serde_json::{Value, json};
use synodic_simulators::notion::{Capabilities, Limits, NewDatabase, NotionOptions, UserInformation};

use crate::bench::{Answer, Bench, id, named};

/// The same bench with another token.
fn signed_in(bench: &Bench, token: &str) -> Bench {
    Bench {
        token: token.to_owned(),
        simulator: bench.simulator.clone(),
        control: bench.control.clone(),
        clock: bench.clock.clone(),
        ..*bench
    }
}

async fn found(bench: &Bench, body: Value) -> Vec<Value> {
    let list = bench.post("/search", body).await.ok();
    list["results"].as_array().unwrap().iter().map(|result| result["id"].clone()).collect()
}

#[tokio::test]
async fn what_is_not_shared_is_not_there() {
    let bench = Bench::new();
    let page = bench.titled("A").await;
    bench.control.share(bench.database, None, false);
    let database = format!("/databases/{}", bench.database);
    for answer in [
        bench.read(&page).await,
        bench.query(json!({})).await,
        bench.get(&database).await,
        bench.set(&page, json!({ "Name": named("B") })).await,
        bench.create(json!({ "Name": named("B") })).await,
    ] {
        let message = answer.refused(404, "object_not_found");
        assert!(message.contains("are shared with your integration"), "{message}");
    }
    assert!(found(&bench, json!({})).await.is_empty());
    bench.control.share(bench.database, Some(bench.bot), true);
    bench.read(&page).await.ok();
    bench.control.share(id(&page), Some(bench.bot), false);
    bench.read(&page).await.refused(404, "object_not_found");
    assert!(bench.titles(json!({})).await.is_empty(), "one row can be hidden, too");
}

#[tokio::test]
async fn other_workspaces_are_other_worlds() {
    let bench = Bench::new();
    let (_, token) = bench.control.add_workspace("Elsewhere");
    let there = signed_in(&bench, &token);
    there.query(json!({})).await.refused(404, "object_not_found");
    assert!(found(&there, json!({})).await.is_empty());
    assert_eq!(there.get("/users/me").await.ok()["bot"]["workspace_name"], "Elsewhere");
}

#[tokio::test]
async fn capabilities_are_checked_one_by_one() {
    let bench = Bench::new();
    let page = bench.titled("A").await;
    let allow = |change: &dyn Fn(&mut Capabilities)| {
        let mut capabilities = Capabilities::default();
        change(&mut capabilities);
        bench.control.set_capabilities(bench.bot, capabilities);
    };
    allow(&|may| may.insert = false);
    bench.create(json!({ "Name": named("B") })).await.refused(403, "restricted_resource");
    bench.set(&page, json!({ "Name": named("B") })).await.ok();
    allow(&|may| may.update = false);
    bench.set(&page, json!({ "Name": named("C") })).await.refused(403, "restricted_resource");
    allow(&|may| may.read = false);
    bench.query(json!({})).await.refused(403, "restricted_resource");
    allow(&|may| may.users = UserInformation::None);
    bench.get("/users").await.refused(403, "restricted_resource");
    let me = bench.get("/users/me").await.ok();
    assert_eq!(me["id"], json!(bench.bot), "the bot itself can always be asked for");
    let guests = json!({ "Guests": { "people": [{ "id": bench.ada }] } });
    let shown = bench.set(&page, guests).await.ok();
    assert_eq!(shown["properties"]["Guests"]["people"], json!([{ "object": "user", "id": bench.ada }]));
    allow(&|may| may.users = UserInformation::WithoutEmail);
    let shown = bench.read(&page).await.ok();
    let ada = &shown["properties"]["Guests"]["people"][0];
    assert_eq!((&ada["name"], ada["person"].get("email")), (&json!("Ada"), None));
}

#[tokio::test]
async fn a_token_and_a_version_are_required() {
    let bench = Bench::new();
    let send = async |headers: &[(&str, &str)]| -> Answer {
        let request =
            headers.iter().fold(Request::builder().uri("/v1/users/me"), |request, (name, value)| {
                request.header(*name, *value)
            });
        bench.raw(request.body(Body::empty()).unwrap()).await
    };
    let bearer = format!("Bearer {}", bench.token);
    assert_eq!(send(&[]).await.refused(401, "unauthorized"), "API token is invalid.");
    send(&[("authorization", "Bearer ntn_wrong")]).await.refused(401, "unauthorized");
    send(&[("authorization", &bearer)]).await.refused(400, "missing_version");
    let strange = [("authorization", bearer.as_str()), ("notion-version", "2031-01-01")];
    send(&strange).await.refused(400, "validation_error");
    let answer = send(&[("authorization", &bearer), ("notion-version", "2025-09-03")]).await;
    assert_eq!(
        answer.header("date"),
        "Mon, 04 May 2026 08:00:20 GMT",
        "the time is that of the simulator's clock"
    );
    answer.ok();
    bench.control.try_revoke(None).unwrap();
    send(&[("authorization", &bearer)]).await.refused(401, "unauthorized");
}

#[tokio::test]
async fn limits_say_when_to_come_back() {
    let limits = Some(Limits::each_second(3));
    let bench = Bench::with(NotionOptions { limits, ..NotionOptions::default() });
    for _ in 0..3 {
        bench.get("/users/me").await.ok();
    }
    let answer = bench.get("/users/me").await;
    answer.refused(429, "rate_limited");
    assert_eq!(answer.header("retry-after"), "1");
    assert_eq!(
        answer.body["additional_data"],
        json!({ "rate_limit_reason": "public_api_request_rate_limit", "retry_after": "1" })
    );
    bench.clock.advance(Duration::from_secs(1));
    bench.get("/users/me").await.ok();
    bench.control.set_limits(Some(Limits { retry_after: false, per_connection: 0, ..Limits::default() }));
    let answer = bench.get("/users/me").await;
    answer.refused(429, "rate_limited");
    assert_eq!(answer.header("retry-after"), "");
    bench.control.set_limits(None);
    bench.get("/users/me").await.ok();
    assert_eq!(Limits::business().per_connection, 600);
}

#[tokio::test]
async fn two_writes_to_one_page_may_collide() {
    let bench = Bench::with(NotionOptions { conflicts: 0.5, seed: 1, ..NotionOptions::default() });
    let page = bench.titled("A").await;
    let mut refused = 0;
    for number in 0..20 {
        let before = bench.read(&page).await.ok();
        let answer = bench.set(&page, json!({ "Cost": { "number": number } })).await;
        if answer.status == 409 {
            let message = answer.refused(409, "conflict_error");
            assert_eq!(message, "Conflict occurred while saving. Please try again.");
            assert_eq!(
                bench.read(&page).await.ok()["properties"],
                before["properties"],
                "nothing was applied"
            );
            refused += 1;
        } else {
            answer.ok();
        }
    }
    assert!((3..18).contains(&refused), "{refused} of 20");
    bench.clock.advance(Duration::from_secs(10));
    bench.set(&page, json!({ "Cost": { "number": 1 } })).await.ok();
}

#[tokio::test]
async fn a_full_workspace_takes_nothing_new() {
    let bench = Bench::with(NotionOptions { block_limit: Some(1), ..NotionOptions::default() });
    let page = bench.titled("A").await;
    let answer = bench.create(json!({ "Name": named("B") })).await;
    answer.refused(403, "restricted_resource");
    assert_eq!(answer.body["additional_data"]["block_limit"], "1");
    bench.set(&page, json!({ "Name": named("edits still work") })).await.ok();
}

#[tokio::test]
async fn search_knows_titles_kinds_and_the_trash() {
    let bench = Bench::new();
    let page = bench.titled("Concert").await;
    bench.titled("Dentist").await;
    assert_eq!(found(&bench, json!({ "query": "conc" })).await, [page["id"].clone()]);
    let kind = |value: &str| json!({ "filter": { "property": "object", "value": value } });
    assert_eq!(found(&bench, kind("data_source")).await, [json!(bench.source)]);
    assert_eq!(found(&bench, kind("page")).await.len(), 2);
    bench.post("/search", kind("database")).await.refused(400, "validation_error");
    bench.control.trash_page(id(&page));
    assert!(found(&bench, json!({ "query": "conc" })).await.is_empty());
    assert_eq!(found(&bench, json!({ "filter": { "in_trash": true } })).await, [page["id"].clone()]);
}

#[tokio::test]
async fn search_learns_slowly_but_not_of_what_was_shared_by_itself() {
    let lag = Duration::from_secs(30);
    let bench = Bench::with(NotionOptions { search_lag: lag, ..NotionOptions::default() });
    let page = bench.titled("Concert").await;
    assert!(found(&bench, json!({ "query": "Concert" })).await.is_empty());
    let new = NewDatabase { title: "New".to_owned(), private: true, ..NewDatabase::default() };
    let (database, source) = bench.control.add_database(new);
    assert!(found(&bench, json!({ "query": "New" })).await.is_empty());
    bench.control.share(database, Some(bench.bot), true);
    bench.control.share(source, Some(bench.bot), true);
    assert_eq!(found(&bench, json!({ "query": "New" })).await, [json!(source)]);
    bench.clock.advance(lag);
    assert_eq!(found(&bench, json!({ "query": "Concert" })).await, [page["id"].clone()]);
}
