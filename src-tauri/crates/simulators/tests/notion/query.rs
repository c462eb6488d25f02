//! Queries: pages, filters, sorts, the ceiling, and the lag behind writes.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::{Value, json};
use synodic_simulators::notion::NotionOptions;

use crate::bench::{Bench, id, named, text};

/// A bench whose rows are called "0" to "n", one a day from the fourth of May.
async fn rows(options: NotionOptions, count: u32) -> Bench {
    let bench = Bench::with(options);
    for number in 0..count {
        let day = format!("2026-05-{:02}", 4 + number);
        let row = json!({ "Name": named(&number.to_string()), "When": { "date": { "start": day } } });
        bench.create(row).await.ok();
    }
    bench
}

#[tokio::test]
async fn pages_have_a_size_and_cursors_lead_on() {
    let bench = rows(NotionOptions::default(), 7).await;
    let page = bench.query(json!({ "page_size": 3 })).await.ok();
    assert_eq!((&page["object"], &page["type"]), (&json!("list"), &json!("page_or_data_source")));
    assert_eq!((page["results"].as_array().unwrap().len(), &page["has_more"]), (3, &json!(true)));
    assert!(page.get("request_status").is_none());
    assert_eq!(bench.titles(json!({ "page_size": 3 })).await.len(), 7);
    let answer = bench.query(json!({ "page_size": 101 })).await;
    assert!(
        answer.refused(400, "validation_error").contains("page_size should be ≤ `100`, instead was `101`")
    );
    bench.query(json!({ "start_cursor": "made-up" })).await.refused(400, "validation_error");
    let other = json!({ "page_size": 2, "start_cursor": page["next_cursor"], "sorts": [
        { "timestamp": "created_time", "direction": "ascending" },
    ] });
    bench.query(other).await.refused(400, "validation_error");
}

#[tokio::test]
async fn the_order_without_sorts_is_nobodys_promise() {
    let bench = rows(NotionOptions::default(), 9).await;
    let first = bench.titles(json!({})).await;
    assert_eq!(first, bench.titles(json!({ "page_size": 2 })).await, "but it is the same each time");
    let mut sorted = first.clone();
    sorted.sort_unstable();
    assert_ne!(first, sorted);
    let other = rows(NotionOptions { seed: 9, ..NotionOptions::default() }, 9).await;
    assert_ne!(first, other.titles(json!({})).await, "another seed, another order");
}

#[tokio::test]
async fn some_pages_may_be_short_although_more_follow() {
    let bench = rows(NotionOptions { ragged_pages: true, seed: 3, ..NotionOptions::default() }, 20).await;
    let mut body = json!({ "page_size": 4 });
    let (mut seen, mut short) = (BTreeSet::new(), 0);
    loop {
        let page = bench.query(body.clone()).await.ok();
        let results = page["results"].as_array().unwrap();
        seen.extend(results.iter().map(id));
        short += usize::from(results.len() < 4 && page["has_more"] == true);
        if page["has_more"] == false {
            break;
        }
        body["start_cursor"] = page["next_cursor"].clone();
    }
    assert_eq!(seen.len(), 20);
    assert!(short > 0);
}

#[tokio::test]
async fn a_cursor_drifts_when_rows_go() {
    let bench = rows(NotionOptions::default(), 6).await;
    let sorts = json!([{ "property": "When", "direction": "ascending" }]);
    let first = bench.query(json!({ "page_size": 3, "sorts": sorts })).await.ok();
    bench.control.trash_page(id(&first["results"][0]));
    let rest =
        bench.query(json!({ "page_size": 3, "sorts": sorts, "start_cursor": first["next_cursor"] })).await;
    let rest = rest.ok();
    let names = rest["results"].as_array().unwrap().iter().map(crate::bench::title).collect::<Vec<_>>();
    assert_eq!(names, ["4", "5"], "row 3 is missed");
}

#[tokio::test]
async fn timestamps_are_compared_as_they_are_shown() {
    let bench = Bench::new();
    bench.titled("early").await;
    bench.clock.advance(Duration::from_secs(60));
    bench.titled("late").await;
    let since = |word: &str, at: &str| json!({ "filter": { "timestamp": "last_edited_time", "last_edited_time": { word: at } } });
    // It is 08:01:20, but all that is left of that is 08:01.
    assert_eq!(bench.titles(since("on_or_after", "2026-05-04T08:01:00.000Z")).await, ["late"]);
    assert!(bench.titles(since("on_or_after", "2026-05-04T08:01:10.000Z")).await.is_empty());
    assert!(bench.titles(since("after", "2026-05-04T08:01:00.000Z")).await.is_empty());
    assert_eq!(bench.titles(since("before", "2026-05-04T08:01:00.000Z")).await, ["early"]);
    let column = json!({ "filter": { "property": "Changed", "last_edited_time": { "on_or_after": "2026-05-04T08:01:00Z" } } });
    assert_eq!(bench.titles(column).await, ["late"]);
}

#[tokio::test]
async fn every_kind_of_column_can_be_asked_for() {
    let bench = Bench::new();
    bench
        .create(json!({
            "Name": named("Alpha"),
            "When": { "date": { "start": "2026-05-04T10:00:00Z" } },
            "Notes": { "rich_text": text("marker-1") },
            "Area": { "select": { "name": "Work" } },
            "Tags": { "multi_select": [{ "name": "x" }] },
            "Status": { "status": { "name": "Done" } },
            "Guests": { "people": [{ "id": bench.ada }] },
            "Done": { "checkbox": true },
            "Cost": { "number": 5 },
        }))
        .await
        .ok();
    bench.create(json!({ "Name": named("Beta") })).await.ok();
    let cases = [
        (json!({ "property": "Notes", "rich_text": { "equals": "marker-1" } }), "Alpha"),
        (json!({ "property": "Notes", "rich_text": { "is_empty": true } }), "Beta"),
        (json!({ "property": "title", "title": { "starts_with": "al" } }), "Alpha"),
        (json!({ "property": "Name", "rich_text": { "does_not_contain": "lph" } }), "Beta"),
        (json!({ "property": "When", "date": { "is_not_empty": true } }), "Alpha"),
        (json!({ "property": "When", "date": { "equals": "2026-05-04" } }), "Alpha"),
        (json!({ "property": "When", "date": { "on_or_after": "today" } }), "Alpha"),
        (json!({ "property": "When", "date": { "this_week": {} } }), "Alpha"),
        (json!({ "property": "Area", "select": { "equals": ["Work", "Home"] } }), "Alpha"),
        (json!({ "property": "Area", "select": { "does_not_equal": "Work" } }), "Beta"),
        (json!({ "property": "Tags", "multi_select": { "contains": "x" } }), "Alpha"),
        (json!({ "property": "Status", "status": { "equals": "Open" } }), "Beta"),
        (json!({ "property": "Guests", "people": { "contains": bench.ada } }), "Alpha"),
        (json!({ "property": "Done", "checkbox": { "equals": false } }), "Beta"),
        (json!({ "property": "Cost", "number": { "greater_than_or_equal_to": 5 } }), "Alpha"),
        (json!({ "property": "Number", "unique_id": { "equals": 2 } }), "Beta"),
        (json!({ "property": "Start", "formula": { "date": { "is_empty": true } } }), "Beta"),
        (
            json!({ "and": [
                { "property": "Done", "checkbox": { "equals": true } },
                { "or": [
                    { "property": "Cost", "number": { "equals": 5 } },
                    { "property": "Cost", "number": { "equals": 6 } },
                ] },
            ] }),
            "Alpha",
        ),
    ];
    for (filter, found) in cases {
        assert_eq!(bench.titles(json!({ "filter": filter })).await, [found], "{filter}");
    }
}

#[tokio::test]
async fn filters_that_make_no_sense_are_refused() {
    let bench = Bench::new();
    let third = json!({ "or": [{ "property": "Done", "checkbox": { "equals": true } }] });
    let nested = json!({ "and": [{ "or": [{ "and": [third] }] }] });
    let cases = [
        (
            json!({ "property": "Nope", "checkbox": { "equals": true } }),
            "Could not find property with name or id: Nope",
        ),
        (json!({ "property": "When", "rich_text": { "equals": "x" } }), "does not match filter rich_text"),
        (json!({ "property": "When", "date": { "after": "soon" } }), "body.filter.date.after"),
        (json!({ "property": "Done", "checkbox": { "equals": "yes" } }), "body.filter.checkbox.equals"),
        (nested, "should be not present"),
        (json!({ "timestamp": "birthday", "birthday": { "before": "today" } }), "created_time"),
    ];
    for (filter, part) in cases {
        let answer = bench.query(json!({ "filter": filter })).await;
        let message = answer.refused(400, "validation_error");
        assert!(message.contains(part), "{filter}: {message}");
    }
    let sorts = json!([{ "property": "Nope", "direction": "ascending" }]);
    bench.query(json!({ "sorts": sorts })).await.refused(400, "validation_error");
}

#[tokio::test]
async fn earlier_sorts_win_and_empty_comes_last() {
    let bench = Bench::new();
    for (name, cost, day) in
        [("a", json!(2), "2026-05-05"), ("b", json!(1), "2026-05-05"), ("c", Value::Null, "2026-05-04")]
    {
        let row =
            json!({ "Name": named(name), "Cost": { "number": cost }, "When": { "date": { "start": day } } });
        bench.create(row).await.ok();
    }
    let by = |sorts: Value| json!({ "sorts": sorts });
    let (when, cost) = (
        json!({ "property": "When", "direction": "descending" }),
        json!({ "property": "Cost", "direction": "ascending" }),
    );
    assert_eq!(bench.titles(by(json!([when, cost]))).await, ["b", "a", "c"]);
    let cost = json!({ "property": "Cost", "direction": "descending" });
    assert_eq!(bench.titles(by(json!([cost]))).await, ["a", "b", "c"]);
}

#[tokio::test]
async fn one_query_has_a_ceiling_and_says_so() {
    let bench = rows(NotionOptions { query_ceiling: 5, ..NotionOptions::default() }, 6).await;
    let page = bench.query(json!({ "page_size": 3 })).await.ok();
    let incomplete = json!({ "type": "incomplete", "incomplete_reason": "query_result_limit_reached" });
    assert_eq!(page["request_status"], incomplete);
    let rest = bench.query(json!({ "page_size": 3, "start_cursor": page["next_cursor"] })).await.ok();
    assert_eq!((&rest["has_more"], &rest["request_status"]), (&json!(false), &incomplete));
    assert_eq!(rest["results"].as_array().unwrap().len(), 2);
    let narrow = json!({ "filter": { "property": "When", "date": { "on_or_after": "2026-05-07" } } });
    assert!(bench.query(narrow).await.ok().get("request_status").is_none());
}

#[tokio::test]
async fn queries_lag_behind_and_reading_does_not() {
    let lag = Duration::from_secs(5);
    let bench = Bench::with(NotionOptions { query_lag: lag, ..NotionOptions::default() });
    let page = bench.titled("A").await;
    bench.read(&page).await.ok();
    assert!(bench.titles(json!({})).await.is_empty());
    bench.clock.advance(lag);
    assert_eq!(bench.titles(json!({})).await, ["A"]);
    bench.set(&page, json!({ "Name": named("B") })).await.ok();
    bench.clock.advance(Duration::from_secs(2));
    bench.set(&page, json!({ "Name": named("C") })).await.ok();
    assert_eq!(bench.titles(json!({})).await, ["A"]);
    assert_eq!(crate::bench::title(&bench.read(&page).await.ok()), "C");
    bench.clock.advance(Duration::from_secs(3));
    assert_eq!(bench.titles(json!({})).await, ["B"]);
    bench.clock.advance(Duration::from_secs(2));
    assert_eq!(bench.titles(json!({})).await, ["C"]);
    bench.control.trash_page(id(&page));
    assert_eq!(bench.titles(json!({})).await, ["C"], "a trashed row haunts the queries for a while");
    bench.clock.advance(lag);
    assert!(bench.titles(json!({})).await.is_empty());
}
