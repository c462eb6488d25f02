//! Columns: added, renamed, retyped and removed, by clients and by people; and what people do with rows.

use serde_json::{Value, json};
use synodic_simulators::notion::NewDatabase;

use crate::bench::{Bench, id, named, text, title};

fn path(bench: &Bench) -> String {
    format!("/data_sources/{}", bench.source)
}

async fn change(bench: &Bench, properties: Value) -> crate::bench::Answer {
    bench.send("PATCH", &path(bench), json!({ "properties": properties })).await
}

#[tokio::test]
async fn ids_outlive_names() {
    let bench = Bench::new();
    let page = bench.create(json!({ "Notes": { "rich_text": text("kept") } })).await.ok();
    let before = bench.get(&path(&bench)).await.ok();
    let notes = &before["properties"]["Notes"]["id"];
    bench.control.edit_data_source(bench.source, json!({ "properties": { "Notes": { "name": "Notiz" } } }));
    let after = bench.get(&path(&bench)).await.ok();
    assert_eq!(after["properties"]["Notiz"]["id"], *notes);
    assert!(after["properties"].get("Notes").is_none());
    let page = bench.read(&page).await.ok();
    assert_eq!(page["properties"]["Notiz"]["rich_text"][0]["plain_text"], "kept");
    bench.set(&page, json!({ "Notes": { "rich_text": [] } })).await.refused(400, "validation_error");
    bench.set(&page, json!({ notes.as_str().unwrap(): { "rich_text": [] } })).await.ok();
}

#[tokio::test]
async fn ids_are_percent_encoded_and_go_into_paths_as_they_are() {
    let bench = Bench::new();
    let page = bench.titled("A").await;
    let source = bench.get(&path(&bench)).await.ok();
    let ids =
        source["properties"].as_object().unwrap().values().map(|property| property["id"].as_str().unwrap());
    assert!(ids.clone().any(|id| id.contains('%')), "some of them must be");
    for property in ids {
        let path = format!("/pages/{}/properties/{property}", page["id"].as_str().unwrap());
        let item = bench.get(&path).await.ok();
        let shown = if item["object"] == "list" { &item["property_item"]["id"] } else { &item["id"] };
        assert_eq!(shown, property);
    }
}

#[tokio::test]
async fn a_client_adds_changes_and_removes_columns() {
    let bench = Bench::new();
    let page = bench
        .create(json!({ "Notes": { "rich_text": text("12") }, "Area": { "select": { "name": "Home" } } }))
        .await;
    let page = page.ok();
    let source = change(
        &bench,
        json!({
            "Sync ID": { "rich_text": {} },
            "Notes": { "number": { "format": "euro" } },
            "Mail": null,
            "Area": { "select": { "options": [{ "name": "Home" }, { "name": "Garden", "color": "green" }] } },
        }),
    )
    .await
    .ok();
    let properties = &source["properties"];
    assert_eq!(properties["Sync ID"]["type"], "rich_text");
    assert_eq!(properties["Notes"]["number"]["format"], "euro");
    assert!(properties.get("Mail").is_none());
    let options = properties["Area"]["select"]["options"].as_array().unwrap();
    assert_eq!(
        options.iter().map(|option| option["name"].as_str().unwrap()).collect::<Vec<_>>(),
        ["Home", "Garden"]
    );
    assert_eq!(options[1]["color"], "green");
    let read = bench.read(&page).await.ok();
    assert_eq!(read["properties"]["Notes"]["number"], 12, "what can be kept is kept");
    assert_eq!(read["properties"]["Area"]["select"]["id"], page["properties"]["Area"]["select"]["id"]);
}

#[tokio::test]
async fn impossible_columns_are_refused_and_nothing_is_done() {
    let bench = Bench::new();
    let before = bench.get(&path(&bench)).await.ok();
    for properties in [
        json!({ "Name": null }),
        json!({ "Nope": null }),
        json!({ "Nope": { "name": "Other" } }),
        json!({ "Name": { "date": {} } }),
        json!({ "Second": { "title": {} } }),
        json!({ "Notes": { "name": "When" } }),
        json!({ "Odd": { "hologram": {} } }),
        json!({ "Lone": { "rollup": { "relation_property_name": "Nope", "rollup_property_name": "Name", "function": "count" } } }),
    ] {
        let half = json!({ "A first": { "checkbox": {} } });
        let mut all = half.as_object().unwrap().clone();
        all.extend(properties.as_object().unwrap().clone());
        change(&bench, Value::Object(all)).await.refused(400, "validation_error");
    }
    assert_eq!(bench.get(&path(&bench)).await.ok()["properties"], before["properties"]);
}

#[tokio::test]
async fn people_have_column_types_that_no_client_knows() {
    let bench = Bench::new();
    bench.control.edit_data_source(bench.source, json!({ "properties": { "Odd": { "hologram": {} } } }));
    let page = bench.titled("A").await;
    assert_eq!(page["properties"]["Odd"]["type"], "hologram");
    bench.set(&page, json!({ "Odd": { "hologram": {} } })).await.refused(400, "validation_error");
    let rolled = json!({ "properties": { "Start": { "formula": { "type": "number", "number": 7 } } } });
    let page = bench.control.edit_page(id(&page), rolled);
    assert_eq!(
        page["properties"]["Start"]["formula"]["number"], 7,
        "by hand, a formula can come to anything"
    );
}

#[tokio::test]
async fn relations_are_cut_at_25_and_rollups_follow_them() {
    let bench = Bench::new();
    change(
        &bench,
        json!({ "Related": { "relation": { "data_source_id": bench.source, "single_property": {} } } }),
    )
    .await
    .ok();
    let rollup =
        json!({ "relation_property_name": "Related", "rollup_property_name": "Cost", "function": "sum" });
    change(&bench, json!({ "Sum": { "rollup": rollup } })).await.ok();
    let mut ids = Vec::new();
    for number in 0..30 {
        let page = bench.create(json!({ "Cost": { "number": number } })).await.ok();
        ids.push(json!({ "id": page["id"] }));
    }
    let page = bench.create(json!({ "Related": { "relation": ids } })).await.ok();
    let related = &page["properties"]["Related"];
    assert_eq!((related["relation"].as_array().unwrap().len(), &related["has_more"]), (25, &json!(true)));
    assert_eq!(page["properties"]["Sum"]["rollup"]["number"], 435.0);
    let property = related["id"].as_str().unwrap();
    let item = format!("/pages/{}/properties/{property}", page["id"].as_str().unwrap());
    let first = bench.get(&format!("{item}?page_size=20")).await.ok();
    let next = first["next_cursor"].as_str().unwrap();
    assert!(
        first["property_item"]["next_url"]
            .as_str()
            .unwrap()
            .contains(&format!("/properties/{property}?start_cursor="))
    );
    let rest = bench.get(&format!("{item}?page_size=20&start_cursor={next}")).await.ok();
    assert_eq!(rest["results"].as_array().unwrap().len(), 10);
    bench.control.share(id(&ids[0]), Some(bench.bot), false);
    let page = bench.read(&page).await.ok();
    assert_eq!(
        page["properties"]["Related"]["relation"][0]["id"], ids[1]["id"],
        "what is not shared looks absent"
    );
}

#[tokio::test]
async fn mentions_are_cut_at_25_where_the_whole_page_is_read() {
    let bench = Bench::new();
    let mention = json!({ "mention": { "user": { "id": bench.ada } } });
    let page = bench.create(json!({ "Notes": { "rich_text": vec![mention; 30] } })).await.ok();
    let notes = &page["properties"]["Notes"];
    assert_eq!(notes["rich_text"].as_array().unwrap().len(), 25);
    assert_eq!(notes["rich_text"][0]["plain_text"], "@Ada");
    let path =
        format!("/pages/{}/properties/{}", page["id"].as_str().unwrap(), notes["id"].as_str().unwrap());
    assert_eq!(bench.get(&path).await.ok()["results"].as_array().unwrap().len(), 30);
}

#[tokio::test]
async fn a_duplicate_copies_everything_but_the_number() {
    let bench = Bench::new();
    let page =
        bench.create(json!({ "Name": named("A"), "Notes": { "rich_text": text("marker") } })).await.ok();
    let children = json!([{ "paragraph": { "rich_text": text("body") } }]);
    bench.control.try_write_blocks(id(&page), &children).unwrap();
    let twin = bench.control.try_duplicate_page(id(&page)).unwrap();
    assert_ne!(twin["id"], page["id"]);
    assert_eq!(twin["properties"]["Notes"]["rich_text"], page["properties"]["Notes"]["rich_text"]);
    assert_eq!(twin["properties"]["Number"]["unique_id"]["number"], 2);
    assert_eq!(bench.control.blocks(id(&twin))[0]["paragraph"]["rich_text"][0]["plain_text"], "body");
}

#[tokio::test]
async fn a_row_moves_and_takes_what_fits() {
    let bench = Bench::new();
    let page = bench
        .create(
            json!({ "Name": named("A"), "Notes": { "rich_text": text("kept") }, "Cost": { "number": 3 } }),
        )
        .await;
    let page = page.ok();
    let properties = json!({ "Titel": { "title": {} }, "Notes": { "rich_text": {} } });
    let Value::Object(properties) = properties else { unreachable!() };
    let new = NewDatabase {
        title: "Other".to_owned(),
        properties: properties.into_iter().collect(),
        ..NewDatabase::default()
    };
    let (_, other) = bench.control.add_database(new);
    let path = format!("/pages/{}/move", page["id"].as_str().unwrap());
    let moved = bench.post(&path, json!({ "parent": { "data_source_id": other } })).await.ok();
    assert_eq!(moved["parent"]["data_source_id"], json!(other));
    assert_eq!(moved["properties"]["Titel"]["title"][0]["plain_text"], "A");
    assert_eq!(moved["properties"]["Notes"]["rich_text"][0]["plain_text"], "kept");
    assert!(bench.titles(json!({})).await.is_empty());
    let back = json!({ "data_source_id": bench.source });
    let page = bench.control.try_move_page(id(&page), &back).unwrap();
    assert_eq!((title(&page).as_str(), &page["properties"]["Cost"]["number"]), ("A", &Value::Null));
}

#[tokio::test]
async fn a_template_fills_a_page_after_the_answer() {
    let bench = Bench::new();
    let pattern = bench.control.add_page(
        bench.source,
        json!({
            "is_template": true,
            "properties": { "Name": named("Weekly"), "Area": { "select": { "name": "Work" } } },
            "children": [{ "paragraph": { "rich_text": text("Agenda") } }],
        }),
    );
    let templates = bench.get(&format!("{}/templates", path(&bench))).await.ok();
    assert_eq!(
        templates["templates"],
        json!([{ "id": pattern["id"], "name": "Weekly", "is_default": true }])
    );
    assert!(templates.get("results").is_none());
    assert!(bench.titles(json!({})).await.is_empty(), "a template is no row");
    let parent = json!({ "data_source_id": bench.source });
    let create = async |more: Value| {
        let mut body = json!({ "parent": parent, "properties": { "Name": named("Mine") } });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        bench.post("/pages", body).await
    };
    let page = create(json!({ "template": { "type": "default" } })).await.ok();
    assert_eq!((title(&page).as_str(), &page["properties"]["Area"]["select"]), ("Mine", &Value::Null));
    bench.clock.advance(std::time::Duration::from_secs(2));
    let page = bench.read(&page).await.ok();
    assert_eq!(
        (title(&page).as_str(), &page["properties"]["Area"]["select"]["name"]),
        ("Weekly", &json!("Work"))
    );
    assert_eq!(bench.control.blocks(id(&page)).len(), 1);
    let zone = json!({ "template": { "type": "default", "timezone": "Mars/Olympus" } });
    create(zone).await.refused(400, "validation_error");
    let both = json!({ "template": { "type": "default" }, "children": [] });
    create(both).await.refused(400, "validation_error");
    create(json!({ "template": { "type": "none" } })).await.ok();
}
