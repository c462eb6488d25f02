use chrono::NaiveDate;
use serde_json::json;
use synodic_model::{EventId, ZonedTime};
use uuid::Uuid;

use super::*;
use crate::Identity;
use crate::notion::mapping::PropertyKind as Kind;

const PAGE: &str = "1f2104cd-477e-80a0-b1c2-d3e4f5a6b7c8";

pub(in crate::notion) fn mapping() -> Mapping {
    let property = |id: &str, kind: PropertyKind, meanings: &[(&str, Meaning)]| {
        super::super::mapping::Holder::Property {
            property: Property {
                id: id.to_owned(),
                name: id.to_uppercase(),
                kind,
                meanings: meanings.iter().map(|(id, meaning)| ((*id).to_owned(), *meaning)).collect(),
            },
        }
    };
    let mut mapping = Mapping::empty(chrono_tz::Europe::Berlin);
    mapping.slots = [
        (Slot::Title, property("title", Kind::Title, &[])),
        (Slot::When, property("when", Kind::Date, &[])),
        (Slot::Description, property("desc", Kind::RichText, &[])),
        (Slot::Location, property("loc", Kind::RichText, &[])),
        (
            Slot::Status,
            property("stat", Kind::Status, &[("off", Meaning::Cancelled), ("on", Meaning::Confirmed)]),
        ),
        (
            Slot::Transparency,
            property("busy", Kind::Checkbox, &[(CHECKED, Meaning::Busy), (UNCHECKED, Meaning::Free)]),
        ),
        (Slot::Attendees, property("who", Kind::RichText, &[])),
        (Slot::Url, property("url", Kind::Url, &[])),
        (Slot::Recurrence, property("rule", Kind::RichText, &[])),
        (Slot::Marker, property("mark", Kind::RichText, &[])),
    ]
    .into();
    mapping
}

/// A page as Notion shows it, with these property values over empty ones.
pub(in crate::notion) fn page(values: &Value) -> Value {
    let rich = |id: &str, kind: &str| {
        let text = values[id].as_str().unwrap_or_default();
        let runs: Vec<_> =
            if text.is_empty() { Vec::new() } else { vec![json!({ "type": "text", "plain_text": text })] };
        json!({ "id": id, "type": kind, kind: runs })
    };
    json!({
        "object": "page", "id": PAGE, "created_time": "2026-09-01T08:00:00.000Z",
        "last_edited_time": "2026-09-04T14:30:00.000Z", "in_trash": false,
        "parent": { "type": "data_source_id", "data_source_id": "d" },
        "properties": {
            "Name": rich("title", "title"), "Datum": { "id": "when", "type": "date", "date": values["when"] },
            "Text": rich("desc", "rich_text"), "Ort": rich("loc", "rich_text"),
            "Stand": { "id": "stat", "type": "status", "status": values["stat"] },
            "Belegt": { "id": "busy", "type": "checkbox", "checkbox": values["busy"].as_bool().unwrap_or(true) },
            "Wer": rich("who", "rich_text"), "Link": { "id": "url", "type": "url", "url": values["url"] },
            "Regel": rich("rule", "rich_text"), "Synodic": rich("mark", "rich_text"),
        },
    })
}

fn reading(values: &Value) -> Reading {
    read(&Page::read(&page(values)).unwrap(), &mapping(), None).unwrap().unwrap()
}

fn day() -> Value {
    json!({ "start": "2026-09-15", "end": null })
}

fn content(title: &str) -> EventContent {
    let date = NaiveDate::from_ymd_opt(2026, 9, 15).unwrap();
    EventContent::new(title, When::AllDay { start: date, end: date.succ_opt().unwrap() })
}

/// What Notion makes of properties that it was sent.
fn shown(properties: &Map<String, Value>) -> Value {
    let mut values = json!({});
    for (id, value) in properties {
        let text = ["title", "rich_text"].iter().find_map(|kind| value[*kind].as_array());
        values[id] = match text {
            Some(runs) => {
                runs.iter().map(|run| run["text"]["content"].as_str().unwrap()).collect::<String>().into()
            }
            None => {
                let mut inner = value.as_object().unwrap().values().next().unwrap().clone();
                if let Some(date) = inner.as_object_mut().filter(|date| date.contains_key("start")) {
                    // The zone is forgotten and the offset kept.
                    if let Some(zone) =
                        date.get("time_zone").and_then(Value::as_str).map(|zone| zone.parse().unwrap())
                    {
                        for end in ["start", "end"] {
                            if let Some(local) = date[end].as_str().map(|text| text.parse().unwrap()) {
                                let at = ZonedTime::new(local, zone).instant().with_timezone(&zone);
                                date.insert(end.to_owned(), at.to_rfc3339().into());
                            }
                        }
                    }
                    date.insert("time_zone".to_owned(), Value::Null);
                }
                inner
            }
        };
    }
    values
}

#[test]
fn a_page_is_read_by_the_ids_of_its_properties() {
    let read = reading(&json!({
        "title": "Zahnarzt", "when": day(), "desc": "Karte mitnehmen", "loc": "Praxis", "stat": { "id": "off" },
        "busy": false, "who": "Ada <Ada@Example.org>, bob@example.org; niemand", "url": "https://example.org/",
    }));
    let content = &read.event.content;
    assert_eq!(content.title, "Zahnarzt");
    assert_eq!(content.description, "Karte mitnehmen");
    assert_eq!(content.location, "Praxis");
    assert_eq!(content.status, EventStatus::Cancelled);
    assert_eq!(content.transparency, Transparency::Transparent);
    let people: Vec<_> =
        content.attendees.iter().map(|person| (person.email.as_str(), person.name.as_str())).collect();
    assert_eq!(people, [("ada@example.org", "Ada"), ("bob@example.org", "")]);
    assert_eq!(content.url.as_deref(), Some("https://example.org/"));
    assert_eq!(read.event.id.as_str(), PAGE);
    assert!(read.event.warnings.is_empty());
}

#[test]
fn a_page_without_a_date_is_no_event_and_one_with_an_impossible_date_is_left_alone() {
    let read = |when: Value| read(&Page::read(&page(&json!({ "when": when }))).unwrap(), &mapping(), None);
    assert_eq!(read(Value::Null), Ok(None));
    assert!(read(json!({ "start": "2026-09-15", "end": "2026-09-14" })).unwrap_err().contains("before"));
}

/// Traps 2 and 21.
#[test]
fn the_version_follows_what_a_page_says_and_nothing_else() {
    let values = json!({ "title": "Talk", "when": day() });
    let version = |document: &Value| {
        read(&Page::read(document).unwrap(), &mapping(), None).unwrap().unwrap().event.version
    };
    let first = page(&values);
    let mut same = first.clone();
    same["last_edited_time"] = json!("2026-09-04T15:00:00.000Z");
    same["url"] = json!("https://www.notion.so/Another-slug");
    same["properties"]["Name"]["title"] =
        json!([{ "plain_text": "Ta", "annotations": { "bold": true } }, { "plain_text": "lk" }]);
    assert_eq!(version(&first), version(&same));
    let other = page(&json!({ "title": "Talk!", "when": day() }));
    assert_eq!(first["last_edited_time"], other["last_edited_time"], "within the same minute");
    assert_ne!(version(&first), version(&other));
}

/// Trap 7.
#[test]
fn a_property_that_is_gone_or_of_another_type_is_a_fault_with_a_sentence() {
    let mut document = page(&json!({ "title": "Talk", "when": day(), "loc": "Here" }));
    assert!(faults(&Page::read(&document).unwrap(), &mapping()).is_empty());
    document["properties"]["Ort"] = json!({ "id": "loc", "type": "hologram", "hologram": {} });
    document["properties"].as_object_mut().unwrap().remove("Text");
    let page = Page::read(&document).unwrap();
    let faults = faults(&page, &mapping());
    assert_eq!(faults.keys().collect::<Vec<_>>(), [&Slot::Description, &Slot::Location]);
    assert!(faults[&Slot::Location].contains("the location"), "{faults:?}");
    assert_eq!(read(&page, &mapping(), None).unwrap().unwrap().event.content.location, "");
}

#[test]
fn a_rule_is_read_and_one_that_makes_no_sense_is_left_alone() {
    let rule = |text: &str| reading(&json!({ "when": day(), "rule": text })).event;
    let weekly = rule("FREQ=WEEKLY;BYDAY=TU");
    assert_eq!(weekly.content.recurrence.unwrap().rules, ["FREQ=WEEKLY;BYDAY=TU"]);
    let with_exception = rule("RRULE:FREQ=DAILY\nEXDATE;VALUE=DATE:20260917").content.recurrence.unwrap();
    assert_eq!(with_exception.exclusion_dates.len(), 1);
    for text in ["every Tuesday", "FREQ=WEEKLY;BYDAY=XX", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"] {
        let event = rule(text);
        assert_eq!(event.content.recurrence, None, "{text}");
        assert_eq!(event.warnings.len(), 1, "{text}");
    }
}

#[test]
fn a_new_page_says_everything_and_reads_back_as_what_it_was_made_from() {
    let zone = chrono_tz::Asia::Tokyo;
    let at = |hour| {
        ZonedTime::new(NaiveDate::from_ymd_opt(2026, 9, 15).unwrap().and_hms_opt(hour, 0, 0).unwrap(), zone)
    };
    let mut event = content("Review 😀");
    event.when = When::Zoned { start: at(9), end: at(10) };
    event.description = "Long. ".repeat(700);
    event.location = "Room, 2nd floor".into();
    event.status = EventStatus::Cancelled;
    event.transparency = Transparency::Transparent;
    event.url = Some("https://example.org/".into());
    event.recurrence = Some(Recurrence::from_rule("FREQ=WEEKLY").unwrap());
    event.canonicalize();
    let identity =
        Identity { event_id: EventId::new(Uuid::from_u128(1)), link: Uuid::from_u128(2), incarnation: 0 };
    let mark = Mark {
        identity: Some(identity),
        zones: marker::zones_of(&event.when, zone),
        uid: Some("u@example.org".into()),
        ..Mark::default()
    };
    let properties = new_page(&event, &mapping(), &mark).unwrap();
    assert!(properties["desc"]["rich_text"].as_array().unwrap().len() > 1, "cut into pieces");
    let mut read = reading(&shown(&properties));
    assert_eq!(read.event.marker, Some(Marker { identity }));
    assert_eq!(read.event.uid.as_deref(), Some("u@example.org"));
    read.event.content.extras.clear();
    // A trailing blank is nothing that anybody would miss; all else is the same to the letter.
    assert_eq!(read.event.content, event);
}

/// Trap 12.
#[test]
fn only_what_differs_is_sent() {
    let values = json!({ "title": "Talk", "when": day(), "loc": "Here", "desc": "Text" });
    let there = reading(&values);
    let page = Page::read(&page(&values)).unwrap();
    let mut desired = there.event.content.clone();
    assert_eq!(changed_page(&page, &there, &desired, &mapping()).unwrap(), (FieldSet::NONE, Map::new()));
    desired.location = "There".into();
    let (changed, properties) = changed_page(&page, &there, &desired, &mapping()).unwrap();
    assert_eq!(changed, FieldSet::NONE.with(Field::Location));
    assert_eq!(properties.keys().collect::<Vec<_>>(), ["loc"]);
}

/// Trap 15.
#[test]
fn a_status_that_has_no_option_is_not_invented() {
    let values =
        json!({ "title": "Talk", "when": day(), "stat": { "id": "in-progress", "name": "In progress" } });
    let there = reading(&values);
    let page = Page::read(&page(&values)).unwrap();
    let changed = |status| {
        let desired = EventContent { status, ..there.event.content.clone() };
        changed_page(&page, &there, &desired, &mapping()).unwrap().1
    };
    assert!(changed(EventStatus::Tentative).is_empty(), "the mapping has no word for it");
    assert!(changed(EventStatus::Confirmed).is_empty(), "what the person chose in Notion stays");
    assert_eq!(changed(EventStatus::Cancelled)["stat"], json!({ "status": { "id": "off" } }));
}

#[test]
fn an_end_is_never_invented_at_notion() {
    let values =
        json!({ "title": "Talk", "when": { "start": "2026-09-15T09:00:00.000+02:00", "end": null } });
    let there = reading(&values);
    assert!(there.is_open);
    let page = Page::read(&page(&values)).unwrap();
    let mut desired = there.event.content.clone();
    let When::Zoned { start, end } = desired.when else { panic!() };
    let later = |time: ZonedTime| ZonedTime::new(time.local + chrono::TimeDelta::hours(3), time.zone);
    desired.when = When::Zoned { start: later(start), end: later(end) };
    let moved = changed_page(&page, &there, &desired, &mapping()).unwrap().1;
    assert_eq!(moved["when"]["date"]["end"], Value::Null);
    desired.when = When::Zoned { start: later(start), end: later(later(end)) };
    let longer = changed_page(&page, &there, &desired, &mapping()).unwrap().1;
    assert!(longer["when"]["date"]["end"].is_string());
}

#[test]
fn a_mark_that_is_somebody_elses_text_is_not_overwritten() {
    let values =
        json!({ "title": "Talk", "when": { "start": "2026-09-15T09:00:00Z", "end": null }, "mark": "Mine" });
    let there = reading(&values);
    let page = Page::read(&page(&values)).unwrap();
    let zone = chrono_tz::Asia::Tokyo;
    let at = |hour| {
        ZonedTime::new(NaiveDate::from_ymd_opt(2026, 9, 16).unwrap().and_hms_opt(hour, 0, 0).unwrap(), zone)
    };
    let desired =
        EventContent { when: When::Zoned { start: at(9), end: at(10) }, ..there.event.content.clone() };
    let properties = changed_page(&page, &there, &desired, &mapping()).unwrap().1;
    assert_eq!(properties.keys().collect::<Vec<_>>(), ["when"]);
}
