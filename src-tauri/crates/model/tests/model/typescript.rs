//! The shapes in which the window sees our types.

use synodic_model::recurrence::Recurrence;
use synodic_model::sync::Calendar;
use synodic_model::validate::Problem;
use synodic_model::{EventContent, EventId, OriginalStart, Revision, TimeWindow, When, ZonedTime};
use ts_rs::{Config, TS};

/// The type on one line, without its comments.
fn shape<T: TS>() -> String {
    let inline = T::inline(&Config::default());
    let mut parts = inline.split("/**");
    let first = parts.next().unwrap_or_default().to_owned();
    let rest = parts.map(|part| part.split_once("*/").unwrap().1.trim_start());
    rest.fold(first, |shape, part| shape + part).replace('\n', "").replace("  ", " ")
}

#[test]
fn times_are_text() {
    assert_eq!(shape::<TimeWindow>(), "{ from: string, to: string, viewer: string, }");
    let zoned = shape::<ZonedTime>();
    assert!(zoned.contains("local: string, zone: string, fold?: "), "{zoned}");
    let when = shape::<When>();
    assert!(when.contains(r#"{ "kind": "all_day", start: string, end: string, }"#), "{when}");
    assert!(when.contains(r#""kind": "floating", start: string"#), "{when}");
    assert!(
        shape::<OriginalStart>().contains(r#""kind": "date", date: string"#),
        "{}",
        shape::<OriginalStart>()
    );
}

#[test]
fn ids_are_text_and_counts_are_numbers() {
    assert_eq!(shape::<EventId>(), "string");
    assert_eq!(shape::<Revision>(), "number");
    assert!(shape::<Calendar>().contains("position: number"));
}

#[test]
fn whole_contents_have_a_shape() {
    let content = shape::<EventContent>();
    assert!(content.contains("extras: Record<string, unknown>"), "{content}");
    assert!(shape::<Recurrence>().contains("rules: Array<string>"), "{}", shape::<Recurrence>());
    assert!(shape::<Problem>().contains("message: string"));
}

#[test]
fn json_is_what_the_shapes_say() {
    let time = ZonedTime::new("2026-11-23T09:00:00".parse().unwrap(), chrono_tz::Tz::Europe__Berlin);
    let json = serde_json::to_value(OriginalStart::Zoned { time }).unwrap();
    let expected = serde_json::json!({"kind": "zoned", "time": {"local": "2026-11-23T09:00:00", "zone": "Europe/Berlin", "fold": "earlier"}});
    assert_eq!(json, expected);
}
