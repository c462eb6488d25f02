//! The same workspace through the versions of the API.

use serde_json::{Value, json};

use crate::bench::{Bench, named, text};

const OLD: &str = "2022-06-28";
const SOURCES: &str = "2025-09-03";
const NEWEST: &str = "2026-03-11";

#[tokio::test]
async fn the_trash_has_two_names_until_it_has_one() {
    let bench = Bench::new();
    let page = bench.titled("A").await;
    let path = format!("/pages/{}", page["id"].as_str().unwrap());
    let trashed = bench.in_version(SOURCES, "PATCH", &path, json!({ "archived": true })).await.ok();
    assert_eq!((&trashed["archived"], &trashed["in_trash"]), (&json!(true), &json!(true)));
    let seen = bench.in_version(NEWEST, "GET", &path, Value::Null).await.ok();
    assert_eq!((seen.get("archived"), &seen["in_trash"]), (None, &json!(true)));
    let answer = bench.in_version(NEWEST, "PATCH", &path, json!({ "archived": false })).await;
    assert!(answer.refused(400, "validation_error").contains("body.archived should be not present"));
}

#[tokio::test]
async fn a_database_was_a_table_once() {
    let bench = Bench::new();
    let page = bench.titled("A").await;
    let path = format!("/databases/{}", bench.database);
    let old = bench.in_version(OLD, "GET", &path, Value::Null).await.ok();
    assert_eq!(old["properties"]["Name"]["type"], "title");
    assert!(old.get("data_sources").is_none());
    let rows = bench.in_version(OLD, "POST", &format!("{path}/query"), json!({})).await.ok();
    assert_eq!(rows["results"][0]["parent"], json!({ "type": "database_id", "database_id": bench.database }));
    assert_eq!(rows["results"][0]["id"], page["id"]);
    bench
        .in_version(SOURCES, "POST", &format!("{path}/query"), json!({}))
        .await
        .refused(400, "invalid_request_url");
    let source = format!("/data_sources/{}", bench.source);
    bench.in_version(OLD, "GET", &source, Value::Null).await.refused(400, "invalid_request_url");
    let parent = json!({ "parent": { "database_id": bench.database }, "properties": { "Name": named("B") } });
    bench.in_version(OLD, "POST", "/pages", parent).await.ok();
    let kind = json!({ "filter": { "property": "object", "value": "database" } });
    let found = bench.in_version(OLD, "POST", "/search", kind).await.ok();
    assert_eq!(found["results"][0]["object"], "database");
    let rename = json!({ "properties": { "Notes": { "name": "Notiz" } } });
    let changed = bench.in_version(OLD, "PATCH", &path, rename).await.ok();
    assert_eq!(changed["properties"]["Notiz"]["type"], "rich_text");
}

#[tokio::test]
async fn several_data_sources_are_too_much_for_old_clients() {
    let bench = Bench::new();
    let second = bench.control.try_add_data_source(bench.database, "Second", &[].into()).unwrap();
    let path = format!("/databases/{}", bench.database);
    let new = bench.in_version(NEWEST, "GET", &path, Value::Null).await.ok();
    assert_eq!(new["data_sources"].as_array().unwrap().len(), 2);
    let parent = json!({ "parent": { "database_id": bench.database }, "properties": {} });
    for answer in [
        bench.in_version(OLD, "GET", &path, Value::Null).await,
        bench.in_version(OLD, "POST", &format!("{path}/query"), json!({})).await,
        bench.in_version(NEWEST, "POST", "/pages", parent).await,
    ] {
        let message = answer.refused(400, "validation_error");
        assert_eq!(message, "Databases with multiple data sources are not supported in this API version.");
        assert_eq!(
            answer.body["additional_data"],
            json!({
                "error_type": "multiple_data_sources_for_database",
                "database_id": bench.database,
                "child_data_source_ids": [bench.source, second],
                "minimum_api_version": "2025-09-03",
            })
        );
    }
    let wrong = format!("/data_sources/{}/query", bench.database);
    bench.post(&wrong, json!({})).await.refused(404, "object_not_found");
}

#[tokio::test]
async fn appended_blocks_were_placed_otherwise() {
    let bench = Bench::new();
    let page = bench.titled("A").await;
    let path = format!("/blocks/{}/children", page["id"].as_str().unwrap());
    let block = |content: &str| json!([{ "paragraph": { "rich_text": text(content) } }]);
    let first = bench.send("PATCH", &path, json!({ "children": block("1") })).await.ok();
    let after = first["results"][0]["id"].clone();
    bench.send("PATCH", &path, json!({ "children": block("3") })).await.ok();
    bench.in_version(SOURCES, "PATCH", &path, json!({ "children": block("2"), "after": after })).await.ok();
    let answer = bench.send("PATCH", &path, json!({ "children": block("x"), "after": after })).await;
    assert!(answer.refused(400, "validation_error").contains("body.after should be not present"));
    let start = json!({ "children": block("0"), "position": { "type": "start" } });
    bench.send("PATCH", &path, start).await.ok();
    let listed = bench.get(&path).await.ok();
    let texts = listed["results"].as_array().unwrap().iter();
    let texts = texts.map(|block| block["paragraph"]["rich_text"][0]["plain_text"].as_str().unwrap());
    assert_eq!(texts.collect::<Vec<_>>(), ["0", "1", "2", "3"]);
}

#[tokio::test]
async fn requests_that_make_no_sense_are_told_apart() {
    let bench = Bench::new();
    bench.get("/nowhere").await.refused(400, "invalid_request_url");
    bench.send("DELETE", "/search", Value::Null).await.refused(400, "invalid_request_url");
    let answer = bench.get("/pages/not-an-id").await;
    assert!(answer.refused(400, "validation_error").contains("path.page_id should be a valid uuid"));
    let bare = bench.source.simple().to_string();
    bench.get(&format!("/data_sources/{bare}")).await.ok();
    let request = axum::http::Request::builder()
        .method("POST")
        .uri("/v1/search")
        .header("authorization", format!("Bearer {}", bench.token))
        .header("notion-version", NEWEST);
    let answer = bench.raw(request.body("{".into()).unwrap()).await;
    assert_eq!(answer.refused(400, "invalid_json"), "Error parsing JSON body.");
    let large = json!({ "query": "x".repeat(600 * 1024) });
    assert!(bench.post("/search", large).await.refused(400, "validation_error").contains("body.length"));
}
