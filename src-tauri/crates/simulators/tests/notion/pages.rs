//! Pages: creating, reading, changing, discarding.

use std::time::Duration;

use serde_json::{Value, json};
use synodic_simulators::notion::NotionOptions;

use crate::bench::{Bench, id, named, text, title};

#[tokio::test]
async fn a_row_holds_what_was_written() {
    let bench = Bench::new();
    let written = json!({
        "Name": named("Dinner"),
        "When": { "date": { "start": "2026-05-09T19:00:00+02:00", "end": "2026-05-09T22:00:00+02:00" } },
        "Notes": { "rich_text": [
            { "text": { "content": "bring " } },
            { "text": { "content": "wine" }, "annotations": { "bold": true } },
        ] },
        "Area": { "select": { "name": "home" } },
        "Tags": { "multi_select": [{ "name": "new" }, { "name": "food" }] },
        "Status": { "status": { "name": "Doing" } },
        "Link": { "url": "https://example.com" },
        "Guests": { "people": [{ "id": bench.ada }] },
        "Done": { "checkbox": true },
        "Cost": { "number": 12.5 },
    });
    let page = bench.create(written).await.ok();
    let read = bench.read(&page).await.ok();
    let value = |name: &str| {
        let property = &read["properties"][name];
        property[property["type"].as_str().unwrap()].clone()
    };
    assert_eq!(title(&read), "Dinner");
    assert_eq!(
        value("When"),
        json!({
            "start": "2026-05-09T19:00:00.000+02:00", "end": "2026-05-09T22:00:00.000+02:00", "time_zone": null,
        })
    );
    assert_eq!(value("Notes")[1]["annotations"]["bold"], true);
    assert_eq!(value("Notes")[1]["plain_text"], "wine");
    assert_eq!(value("Area")["name"], "Home", "the case of an option does not matter");
    assert_eq!(value("Tags").as_array().unwrap().len(), 2);
    assert_eq!(value("Status")["name"], "Doing");
    assert_eq!(value("Guests")[0]["person"]["email"], "ada@example.com");
    assert_eq!(value("Number"), json!({ "prefix": "EV", "number": 1 }));
    assert_eq!(
        value("Start")["date"]["start"],
        "2026-05-09T19:00:00.000+02:00",
        "a formula follows its column"
    );
    assert_eq!(
        read["parent"],
        json!({ "type": "data_source_id", "data_source_id": bench.source, "database_id": bench.database })
    );
    assert_eq!(read["created_by"]["id"], json!(bench.bot));
    assert!(read.get("archived").is_none());
    assert!(read["url"].as_str().unwrap().contains("Dinner-"));
}

#[tokio::test]
async fn empty_values_have_their_own_shapes() {
    let bench = Bench::new();
    let page = bench.create(json!({})).await.ok();
    let value = |name: &str| {
        let property = &page["properties"][name];
        property[property["type"].as_str().unwrap()].clone()
    };
    for name in ["Name", "Notes", "Tags", "Guests"] {
        assert_eq!(value(name), json!([]), "{name}");
    }
    for name in ["When", "Area", "Link", "Mail", "Cost"] {
        assert_eq!(value(name), Value::Null, "{name}");
    }
    assert_eq!(value("Done"), false);
    assert_eq!(value("Status")["name"], "Open", "an empty status is the default one");
}

#[tokio::test]
async fn a_patch_changes_what_it_names_and_arrays_replace() {
    let bench = Bench::new();
    let page = bench
        .create(json!({
            "Name": named("A"),
            "Tags": { "multi_select": [{ "name": "x" }, { "name": "y" }] },
            "Status": { "status": { "name": "Done" } },
            "When": { "date": { "start": "2026-05-09" } },
        }))
        .await
        .ok();
    let change = json!({
        "Tags": { "multi_select": [{ "name": "y" }] },
        "Status": { "status": null },
        "When": { "date": null },
    });
    let changed = bench.set(&page, change).await.ok();
    let properties = &changed["properties"];
    assert_eq!(title(&changed), "A");
    assert_eq!(properties["Tags"]["multi_select"].as_array().unwrap().len(), 1);
    assert_eq!(properties["Status"]["status"]["name"], "Open");
    assert_eq!(properties["When"]["date"], Value::Null);
}

#[tokio::test]
async fn columns_may_be_named_by_id() {
    let bench = Bench::new();
    let schema = bench.control.data_source(bench.source);
    let notes = schema["properties"]["Notes"]["id"].as_str().unwrap().to_owned();
    let page = bench
        .create(json!({ notes.clone(): { "rich_text": text("by id") }, "title": named("T") }))
        .await
        .ok();
    assert_eq!(title(&page), "T");
    let path =
        format!("/pages/{}?filter_properties={notes}&filter_properties=title", page["id"].as_str().unwrap());
    let only = bench.get(&path).await.ok();
    let shown = only["properties"].as_object().unwrap();
    assert_eq!(shown.keys().collect::<Vec<_>>(), ["Name", "Notes"]);
    assert_eq!(only["properties"]["Notes"]["id"], notes);
}

#[tokio::test]
async fn times_are_rounded_down_to_the_minute() {
    let bench = Bench::new();
    let page = bench.titled("A").await;
    assert_eq!(page["created_time"], "2026-05-04T08:00:00.000Z");
    bench.clock.advance(Duration::from_secs(39));
    let page = bench.set(&page, json!({ "Name": named("B") })).await.ok();
    assert_eq!(page["last_edited_time"], "2026-05-04T08:00:00.000Z", "two edits of a minute look the same");
    bench.clock.advance(Duration::from_secs(1));
    let page = bench.set(&page, json!({ "Name": named("C") })).await.ok();
    assert_eq!(page["last_edited_time"], "2026-05-04T08:01:00.000Z");
    assert_eq!(page["properties"]["Changed"]["last_edited_time"], page["last_edited_time"]);
    let page = bench.control.edit_page(id(&page), json!({ "properties": { "Done": { "checkbox": true } } }));
    assert_eq!(page["last_edited_by"]["id"], json!(bench.ada));
    assert_eq!(page["created_by"]["id"], json!(bench.bot));
}

#[tokio::test]
async fn whoever_was_there_first_edits_by_hand() {
    let bench = Bench::new();
    for number in 0..6 {
        bench.control.add_person(&format!("Guest {number}"), "guest@example.com");
    }
    let page = bench.control.add_page(bench.source, json!({ "properties": { "Name": named("A") } }));
    assert_eq!(page["created_by"]["id"], json!(bench.ada));
}

#[tokio::test]
async fn what_cannot_be_written_is_refused() {
    let bench = Bench::new();
    let page = bench.titled("A").await;
    let refused = async |properties: Value, part: &str| {
        let answer = bench.set(&page, properties.clone()).await;
        let message = answer.refused(400, "validation_error");
        assert!(message.contains(part), "{properties}: {message}");
    };
    refused(json!({ "Nope": { "checkbox": true } }), "Nope is not a property that exists").await;
    refused(json!({ "When": { "checkbox": true } }), "When is expected to be date").await;
    refused(json!({ "Status": { "status": { "name": "Never" } } }), "does not exist").await;
    refused(json!({ "Made": { "created_time": "2026-05-04T08:00:00.000Z" } }), "should be not present").await;
    refused(json!({ "Link": { "url": "" } }), "length should be ≥ `1`").await;
    refused(json!({ "Mail": { "email": "x".repeat(201) } }), "should be ≤ `200`, instead was `201`").await;
    let long = "x".repeat(2001);
    let path = "body.properties.Name.title[0].text.content.length should be ≤ `2000`, instead was `2001`";
    refused(json!({ "Name": named(&long) }), path).await;
    let many = vec![json!({ "text": { "content": "x" } }); 101];
    refused(json!({ "Notes": { "rich_text": many } }), "should be ≤ `100`, instead was `101`").await;
    refused(json!({ "When": { "date": { "start": "2026-05-04", "end": "2026-05-03" } } }), "before end date")
        .await;
    let zoned = json!({ "start": "2026-05-04T08:00:00Z", "time_zone": "Europe/Paris" });
    refused(json!({ "When": { "date": zoned } }), "must not include an offset").await;
    let unchanged = bench.read(&page).await.ok();
    assert_eq!(unchanged["properties"], page["properties"], "a refused write changes nothing");
}

#[tokio::test]
async fn a_service_that_says_nothing_of_unknown_columns_can_be_had() {
    let bench = Bench::with(NotionOptions { ignore_unknown_properties: true, ..NotionOptions::default() });
    let page = bench.create(json!({ "Nope": { "checkbox": true }, "Name": named("A") })).await.ok();
    assert_eq!(title(&page), "A");
    assert!(page["properties"].get("Nope").is_none());
}

#[tokio::test]
async fn the_trash_can_be_gone_into_and_come_out_of() {
    let bench = Bench::new();
    let page = bench.titled("A").await;
    let trashed = bench.patch(&page, json!({ "in_trash": true })).await.ok();
    assert_eq!(trashed["in_trash"], true);
    assert_eq!(bench.read(&page).await.ok()["in_trash"], true);
    let answer = bench.set(&page, json!({ "Name": named("B") })).await;
    assert_eq!(
        answer.refused(400, "validation_error"),
        "Can't edit block that is archived. You must unarchive the block before editing."
    );
    assert!(bench.titles(json!({})).await.is_empty());
    bench.patch(&page, json!({ "in_trash": false })).await.ok();
    assert_eq!(bench.titles(json!({})).await, ["A"]);
    bench.control.trash_page(id(&page));
    bench.control.restore_page(id(&page));
    assert!(bench.control.purge_page(id(&page)));
    bench.read(&page).await.refused(404, "object_not_found");
}

#[tokio::test]
async fn archived_is_not_trashed() {
    let bench = Bench::new();
    let page = bench.titled("A").await;
    let archived = bench.patch(&page, json!({ "is_archived": true })).await.ok();
    assert_eq!((&archived["is_archived"], &archived["in_trash"]), (&json!(true), &json!(false)));
    assert!(bench.titles(json!({})).await.is_empty());
    assert_eq!(bench.titles(json!({ "is_archived": true })).await, ["A"]);
    bench.set(&page, json!({ "Name": named("B") })).await.ok();
}

#[tokio::test]
async fn a_locked_page_can_still_be_written() {
    let bench = Bench::new();
    let page = bench.titled("A").await;
    bench.control.edit_page(id(&page), json!({ "is_locked": true }));
    let page = bench.set(&page, json!({ "Name": named("B") })).await.ok();
    assert_eq!((title(&page).as_str(), &page["is_locked"]), ("B", &json!(true)));
}
