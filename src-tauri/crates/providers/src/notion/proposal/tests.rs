use serde_json::{Value, json};

use super::*;

const SOURCE: &str = "1f2104cd-477e-80a0-b1c2-d3e4f5a6b7c8";

#[expect(clippy::needless_pass_by_value, reason = "tests write their properties down in place")]
fn schema(properties: Value) -> Schema {
    let document = json!({
        "object": "data_source", "id": SOURCE, "title": [{ "plain_text": "Termine" }], "in_trash": false,
        "parent": { "type": "database_id", "database_id": "2f2104cd477e80a0b1c2d3e4f5a6b7c8" },
        "icon": { "type": "emoji", "emoji": "📅" }, "properties": properties,
    });
    Schema::read(&document).unwrap()
}

fn property(id: &str, kind: &str) -> Value {
    json!({ "id": id, "type": kind, kind: {} })
}

fn options(id: &str, kind: &str, names: &[&str]) -> Value {
    let options: Vec<_> =
        names.iter().map(|name| json!({ "id": format!("o-{name}"), "name": name })).collect();
    json!({ "id": id, "type": kind, kind: { "options": options } })
}

fn german() -> Schema {
    schema(json!({
        "Bezeichnung": property("title", "title"),
        "Zeitraum": property("a%3Ab", "date"),
        "Frist": property("frist", "date"),
        "Beschreibung": property("desc", "rich_text"),
        "Ort": property("ort", "rich_text"),
        "Kürzel": property("kurz", "rich_text"),
        "Zustand": options("stat", "status", &["Bestätigt", "Vorgemerkt", "Abgesagt", "In Arbeit"]),
        "Teilnehmer": property("teil", "rich_text"),
        "Webseite": property("web", "url"),
        "Videokonferenz": property("video", "url"),
        "Wiederholung": property("wdh", "rich_text"),
        "Belegt": property("belegt", "checkbox"),
        "Erstellt": property("made", "created_time"),
    }))
}

fn chosen(proposal: &MappingProposal) -> Vec<(Slot, String)> {
    let named = proposal.mapping.slots.iter().map(|(slot, holder)| match holder {
        Holder::Property { property } => (*slot, property.name.clone()),
        Holder::PageBody => (*slot, "(page)".to_owned()),
    });
    named.collect()
}

/// Trap 7: by type and name, kept by id.
#[test]
fn german_names_are_understood_and_kept_by_their_ids() {
    let proposal = propose(&german(), chrono_tz::Europe::Berlin);
    let expected = [
        (Slot::Title, "Bezeichnung"),
        (Slot::When, "Zeitraum"),
        (Slot::Description, "Beschreibung"),
        (Slot::Location, "Ort"),
        (Slot::Status, "Zustand"),
        (Slot::Transparency, "Belegt"),
        (Slot::Attendees, "Teilnehmer"),
        (Slot::Url, "Webseite"),
        (Slot::ConferenceUrl, "Videokonferenz"),
        (Slot::Recurrence, "Wiederholung"),
    ];
    assert_eq!(chosen(&proposal), expected.map(|(slot, name)| (slot, name.to_owned())));
    assert_eq!(proposal.mapping.property(Slot::When).unwrap().id, "a%3Ab");
    assert_eq!(proposal.problem, None);
    assert_eq!(proposal.source.title, "Termine");
    assert_eq!(proposal.source.icon.as_deref(), Some("📅"));
    assert!(proposal.warnings.iter().any(|warning| warning.contains("2 dates")), "{:?}", proposal.warnings);
}

/// Trap 15.
#[test]
fn options_are_known_by_their_ids_and_those_that_say_nothing_are_left_out() {
    let proposal = propose(&german(), Tz::UTC);
    let meanings = &proposal.mapping.property(Slot::Status).unwrap().meanings;
    let expected = [
        ("o-Abgesagt", Meaning::Cancelled),
        ("o-Bestätigt", Meaning::Confirmed),
        ("o-Vorgemerkt", Meaning::Tentative),
    ];
    assert_eq!(*meanings, expected.map(|(id, meaning)| (id.to_owned(), meaning)).into());
}

#[test]
fn a_box_called_free_says_the_opposite_of_one_called_busy() {
    let meaning = |name: &str| {
        let mut properties = json!({ "Name": property("title", "title"), "Date": property("d", "date") });
        properties[name] = property("box", "checkbox");
        let proposal = propose(&schema(properties), Tz::UTC);
        proposal.mapping.property(Slot::Transparency).map(|property| property.meanings[CHECKED])
    };
    assert_eq!(meaning("Busy"), Some(Meaning::Busy));
    assert_eq!(meaning("Frei"), Some(Meaning::Free));
    assert_eq!(meaning("Done"), None, "a box that says something else is not chosen");
}

#[test]
fn a_database_without_a_date_says_what_would_help() {
    let proposal = propose(&schema(json!({ "Name": property("title", "title") })), Tz::UTC);
    assert!(proposal.problem.as_ref().unwrap().contains("create"), "{:?}", proposal.problem);
    let when = proposal.slots.iter().find(|proposed| proposed.slot == Slot::When).unwrap();
    assert_eq!(when.creatable_as.as_deref(), Some("Date"));
    assert!(when.candidates.is_empty());
}

/// Trap 22.
#[test]
fn a_computed_date_is_offered_as_one_that_can_only_be_read() {
    let properties = json!({
        "Name": property("title", "title"),
        "Date": property("f", "formula"),
        "Sum": property("r", "rollup"),
        "Created": property("c", "created_time"),
    });
    let proposal = propose(&schema(properties), Tz::UTC);
    assert!(proposal.mapping.is_read_only());
    assert_eq!(proposal.problem, None);
    assert!(proposal.warnings.iter().any(|warning| warning.contains("only read")), "{:?}", proposal.warnings);
    let when = proposal.slots.iter().find(|proposed| proposed.slot == Slot::When).unwrap();
    assert_eq!(when.candidates.len(), 3);
    assert!(when.candidates.iter().all(|candidate| candidate.read_only && candidate.note.is_some()));
}

#[test]
fn two_that_look_like_titles_are_told_apart() {
    let properties = json!({
        "Nummer": property("title", "title"), "Titel": property("t", "rich_text"), "Datum": property("d", "date"),
    });
    let proposal = propose(&schema(properties), Tz::UTC);
    assert_eq!(proposal.mapping.property(Slot::Title).unwrap().name, "Nummer");
    assert!(proposal.warnings.iter().any(|warning| warning.contains("“Titel”")), "{:?}", proposal.warnings);
    let title = proposal.slots.iter().find(|proposed| proposed.slot == Slot::Title).unwrap();
    assert_eq!(title.candidates.len(), 2, "the person may choose the other one");
}

#[test]
fn sixty_properties_and_types_of_tomorrow_are_no_obstacle() {
    let mut properties = json!({ "Name": property("title", "title"), "Datum": property("d", "date") });
    for number in 0..60 {
        properties[format!("Feld {number}")] = property(&format!("p{number}"), "rich_text");
    }
    properties["Hologram"] = json!({ "id": "h", "type": "hologram", "hologram": { "depth": 3 } });
    let proposal = propose(&schema(properties), Tz::UTC);
    assert_eq!(chosen(&proposal).len(), 2, "nothing is guessed from types alone");
    let location = proposal.slots.iter().find(|proposed| proposed.slot == Slot::Location).unwrap();
    assert_eq!(location.candidates.len(), 60);
}

/// Trap 7.
#[test]
fn a_renamed_property_stays_and_one_that_is_gone_or_of_another_type_is_said() {
    let before = propose(&german(), Tz::UTC).mapping;
    let after = schema(json!({
        "Name": property("title", "title"),
        "Wann": property("a%3Ab", "date"),
        "Treffpunkt": property("ort", "rich_text"),
        "Beschreibung": property("desc", "number"),
    }));
    let proposal = examine(&after, before.clone());
    assert_eq!(proposal.mapping.property(Slot::When).unwrap().name, "Wann");
    assert_eq!(proposal.mapping.property(Slot::Location).unwrap().name, "Treffpunkt");
    assert!(before.moved(&proposal.mapping).is_empty(), "the agreement is the same");
    let said = |words: &str| proposal.warnings.iter().any(|warning| warning.contains(words));
    assert!(said("“Beschreibung” has another type"), "{:?}", proposal.warnings);
    assert!(said("“Teilnehmer” is gone"));
    assert_eq!(proposal.problem, None);
}

#[test]
fn only_a_relation_to_the_same_data_source_can_hold_a_series() {
    let relation =
        |to: &str| json!({ "id": "rel", "type": "relation", "relation": { "data_source_id": to } });
    let series = |to: &str| {
        let properties = json!({ "Name": property("title", "title"), "Datum": property("d", "date"), "Serie": relation(to) });
        propose(&schema(properties), Tz::UTC).mapping.property(Slot::Series).is_some()
    };
    assert!(series(SOURCE));
    assert!(!series("3f2104cd-477e-80a0-b1c2-d3e4f5a6b7c8"));
}
