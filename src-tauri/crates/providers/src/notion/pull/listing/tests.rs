use synodic_model::RemoteCalendarId;

use super::super::super::map::tests::mapping;
use super::*;

fn at(text: &str) -> DateTime<Utc> {
    DateTime::parse_from_rfc3339(text).unwrap().to_utc()
}

fn rows(times: &[&str], timestamp: &str) -> Vec<Value> {
    times.iter().map(|time| json!({ "object": "page", timestamp: time })).collect()
}

struct Case {
    id: RemoteCalendarId,
    cursor: Option<Cursor>,
    place: Option<Place>,
}

const BEGAN: &str = "2026-09-04T14:30:00.000Z";

impl Case {
    fn changes() -> Self {
        let cursor = Cursor { since: at("2026-09-04T14:20:00Z"), list_at: at("2026-09-04T15:00:00Z") };
        Self { id: RemoteCalendarId::new("d"), cursor: Some(cursor), place: None }
    }

    fn everything() -> Self {
        Self { cursor: None, ..Self::changes() }
    }

    fn listing(&self) -> Listing<'_> {
        Listing { calendar: Linked::plain(&self.id), cursor: self.cursor.clone(), place: self.place.clone() }
    }

    fn next(&self, document: &Value, rows: &[Value]) -> Result<NextPull, ProviderError> {
        self.listing().next(document, rows, at(BEGAN), at(BEGAN))
    }

    fn body(&self) -> Value {
        self.listing().call(&mapping(), PropertyKind::Date, "when").body().unwrap().clone()
    }
}

fn place(next: NextPull) -> Place {
    match next {
        NextPull::Page(text) => serde_json::from_str(&text).unwrap(),
        NextPull::Done { cursor } => panic!("done at {cursor}"),
    }
}

/// Trap 1.
#[test]
fn a_listing_of_changes_reaches_back_over_minutes_and_includes_them() {
    let filter = &Case::changes().body()["filter"];
    assert_eq!(filter["last_edited_time"]["on_or_after"], "2026-09-04T14:15:00.000Z");
    assert!(filter["last_edited_time"]["after"].is_null());
    let next = Case::changes().next(&json!({ "has_more": false, "next_cursor": null }), &[]).unwrap();
    let NextPull::Done { cursor } = next else { panic!() };
    let cursor: Cursor = serde_json::from_str(&cursor).unwrap();
    assert_eq!(cursor.since, at(BEGAN), "when this one began, not when it ended");
    assert_eq!(cursor.list_at, at("2026-09-04T15:00:00Z"), "the next full listing is not put off");
}

#[test]
fn everything_is_listed_by_what_never_moves() {
    let body = Case::everything().body();
    assert_eq!(body["sorts"], json!([{ "timestamp": "created_time", "direction": "ascending" }]));
    assert_eq!(body["filter"], json!({ "property": "when", "date": { "is_not_empty": true } }));
    assert_eq!(body["page_size"], 100);
}

/// Trap 5.
#[test]
fn a_short_page_is_not_the_last_one() {
    let document = json!({ "has_more": true, "next_cursor": "c2" });
    let next = place(
        Case::everything().next(&document, &rows(&["2026-09-01T08:00:00.000Z"], "created_time")).unwrap(),
    );
    assert_eq!(next.cursor.as_deref(), Some("c2"));
    let empty = place(Case::everything().next(&document, &[]).unwrap());
    assert_eq!(empty.cursor.as_deref(), Some("c2"));
}

/// Trap 4.
#[test]
fn a_listing_that_is_cut_off_goes_on_from_the_last_time_it_saw() {
    let document = json!({ "has_more": false, "next_cursor": null, "request_status": {
        "type": "incomplete", "incomplete_reason": "query_result_limit_reached" } });
    let seen = rows(&["2026-09-01T08:00:00.000Z", "2026-09-01T08:05:00.000Z"], "created_time");
    let next = place(Case::everything().next(&document, &seen).unwrap());
    assert_eq!((next.from, next.cursor), (Some(at("2026-09-01T08:05:00Z")), None));
    let stuck = Case {
        place: Some(Place {
            began: at(BEGAN),
            from: Some(at("2026-09-01T08:05:00Z")),
            cursor: None,
            requests: 9,
        }),
        ..Case::everything()
    };
    let same = rows(&["2026-09-01T08:05:00.000Z"], "created_time");
    assert!(stuck.next(&document, &same).is_err(), "never an end that is none");
}

#[test]
fn rows_that_move_under_a_listing_are_not_passed_over() {
    let times: Vec<String> =
        (0..100).map(|index| format!("2026-09-01T{:02}:{:02}:00.000Z", index / 60, index % 60)).collect();
    let times: Vec<&str> = times.iter().map(String::as_str).collect();
    let document = json!({ "has_more": true, "next_cursor": "c2" });
    let next = place(Case::everything().next(&document, &rows(&times, "created_time")).unwrap());
    assert_eq!(
        (next.from, next.cursor),
        (Some(at("2026-09-01T01:39:00Z")), None),
        "by the time, including it"
    );
    let crowd = ["2026-09-01T08:00:00.000Z"; 100];
    let next = place(Case::everything().next(&document, &rows(&crowd, "created_time")).unwrap());
    assert_eq!(next.cursor.as_deref(), Some("c2"), "where all have the same time, by Notion's cursor");
}

#[test]
fn a_large_data_source_is_listed_more_seldom() {
    let document = json!({ "has_more": false, "next_cursor": null });
    let list_at = |requests| {
        let place = Place { began: at(BEGAN), from: None, cursor: Some("c".into()), requests };
        let case = Case { place: Some(place), ..Case::everything() };
        let NextPull::Done { cursor } = case.next(&document, &[]).unwrap() else { panic!() };
        serde_json::from_str::<Cursor>(&cursor).unwrap().list_at - at(BEGAN)
    };
    assert_eq!(list_at(0), TimeDelta::minutes(30));
    assert_eq!(list_at(49), TimeDelta::minutes(150));
}
