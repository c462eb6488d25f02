//! The bodies of pages: blocks, nesting, limits, Markdown.

use std::time::Duration;

use serde_json::{Value, json};
use synodic_simulators::notion::NotionOptions;

use crate::bench::{Bench, id, named, text};

fn paragraph(content: &str) -> Value {
    json!({ "paragraph": { "rich_text": text(content) } })
}

fn children(page: &Value) -> String {
    format!("/blocks/{}/children", page["id"].as_str().unwrap())
}

#[tokio::test]
async fn blocks_are_created_with_a_page_and_read_back() {
    let bench = Bench::new();
    let body = json!({
        "parent": { "data_source_id": bench.source },
        "properties": { "Name": named("A") },
        "children": [
            paragraph("one"),
            { "to_do": { "rich_text": text("task"), "checked": true } },
            { "toggle": { "rich_text": text("more"), "children": [paragraph("inside")] } },
            { "divider": {} },
        ],
    });
    let page = bench.post("/pages", body).await.ok();
    let listed = bench.get(&children(&page)).await.ok();
    let blocks = listed["results"].as_array().unwrap();
    let kinds = blocks.iter().map(|block| block["type"].as_str().unwrap()).collect::<Vec<_>>();
    assert_eq!(kinds, ["paragraph", "to_do", "toggle", "divider"]);
    assert_eq!(blocks[1]["to_do"]["checked"], true);
    assert_eq!(blocks[0]["parent"], json!({ "type": "page_id", "page_id": page["id"] }));
    assert_eq!(blocks[2]["has_children"], true);
    let inner = bench.get(&children(&blocks[2])).await.ok();
    assert_eq!(inner["results"][0]["paragraph"]["rich_text"][0]["plain_text"], "inside");
    let colour = json!({ "to_do": { "color": "red" } });
    let path = format!("/blocks/{}", blocks[1]["id"].as_str().unwrap());
    let changed = bench.send("PATCH", &path, colour).await.ok();
    assert_eq!((&changed["to_do"]["checked"], &changed["to_do"]["color"]), (&json!(true), &json!("red")));
    assert_eq!(changed["to_do"]["rich_text"][0]["plain_text"], "task");
    let itself = bench.get(&format!("/blocks/{}", page["id"].as_str().unwrap())).await.ok();
    assert_eq!((&itself["type"], &itself["child_page"]["title"]), (&json!("child_page"), &json!("A")));
}

#[tokio::test]
async fn deleted_blocks_go_to_the_trash_and_so_do_pages() {
    let bench = Bench::new();
    let page = bench.titled("A").await;
    let added = bench.send("PATCH", &children(&page), json!({ "children": [paragraph("x")] })).await.ok();
    let path = format!("/blocks/{}", added["results"][0]["id"].as_str().unwrap());
    assert_eq!(bench.send("DELETE", &path, Value::Null).await.ok()["in_trash"], true);
    assert!(bench.get(&children(&page)).await.ok()["results"].as_array().unwrap().is_empty());
    bench.send("PATCH", &path, paragraph("y")).await.refused(400, "validation_error");
    bench.send("PATCH", &path, json!({ "in_trash": false })).await.ok();
    let whole = format!("/blocks/{}", page["id"].as_str().unwrap());
    bench.send("DELETE", &whole, Value::Null).await.ok();
    assert_eq!(bench.read(&page).await.ok()["in_trash"], true);
    bench
        .send("PATCH", &children(&page), json!({ "children": [paragraph("z")] }))
        .await
        .refused(400, "validation_error");
}

#[tokio::test]
async fn one_request_brings_only_so_much() {
    let bench = Bench::new();
    let page = bench.titled("A").await;
    let append = async |list: Value| bench.send("PATCH", &children(&page), json!({ "children": list })).await;
    let answer = append(json!(vec![paragraph("x"); 101])).await;
    assert!(answer.refused(400, "validation_error").contains("body.children.length should be ≤ `100`"));
    let nest = |inner: Value| json!([{ "toggle": { "rich_text": text("t"), "children": inner } }]);
    append(nest(nest(json!([paragraph("third level")])))).await.ok();
    append(nest(nest(nest(json!([paragraph("fourth level")]))))).await.refused(400, "validation_error");
    let wide = json!({ "toggle": { "rich_text": [], "children": vec![paragraph("x"); 100] } });
    let answer = append(json!(vec![wide; 11])).await;
    assert!(answer.refused(400, "validation_error").contains("should be ≤ `1000`"));
    append(json!([{ "hologram": {} }])).await.refused(400, "validation_error");
    append(json!([{ "paragraph": {} }])).await.refused(400, "validation_error");
}

#[tokio::test]
async fn a_change_of_the_body_may_leave_the_pages_time_alone() {
    for touches in [true, false] {
        let bench = Bench::with(NotionOptions { body_edits_touch_page: touches, ..NotionOptions::default() });
        let page = bench.titled("A").await;
        bench.clock.advance(Duration::from_secs(120));
        bench.send("PATCH", &children(&page), json!({ "children": [paragraph("x")] })).await.ok();
        let read = bench.read(&page).await.ok();
        assert_eq!(read["last_edited_time"] != page["last_edited_time"], touches);
        bench.control.try_write_blocks(id(&page), &json!([paragraph("by hand")])).unwrap();
        let read = bench.read(&page).await.ok();
        assert_eq!(read["last_edited_time"], "2026-05-04T08:02:00.000Z");
    }
}

#[tokio::test]
async fn a_body_can_be_markdown() {
    let bench = Bench::new();
    let body = json!({
        "parent": { "data_source_id": bench.source },
        "properties": { "Name": named("A") },
        "markdown": "# Agenda\n- first\n- second",
    });
    let page = bench.post("/pages", body).await.ok();
    let path = format!("/pages/{}/markdown", page["id"].as_str().unwrap());
    let read = bench.get(&path).await.ok();
    assert_eq!(
        (&read["object"], &read["markdown"]),
        (&json!("page_markdown"), &json!("# Agenda\n- first\n- second"))
    );
    let replace = json!({ "type": "replace_content", "replace_content": { "new_str": "new" } });
    assert_eq!(bench.send("PATCH", &path, replace).await.ok()["markdown"], "new");
    let insert = json!({ "type": "insert_content", "insert_content": { "content": "old", "position": { "type": "start" } } });
    assert_eq!(bench.send("PATCH", &path, insert).await.ok()["markdown"], "old\nnew");
    bench.patch(&page, json!({ "erase_content": true })).await.ok();
    assert_eq!(bench.get(&path).await.ok()["markdown"], "");
}
