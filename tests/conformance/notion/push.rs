use synodic_model::{EventStatus, Recurrence};
use synodic_providers::Class;

use super::*;

#[tokio::test]
async fn an_event_comes_back_as_it_went() {
    let world = World::new().await;
    let samples = [
        lunch(),
        EventContent::new("Urlaub", all_day("2026-11-30", "2026-12-05")),
        EventContent::new("Feiertag", all_day("2026-12-25", "2026-12-26")),
        EventContent::new(
            "Call",
            zoned("2026-11-24T09:00:00", "2026-11-24T10:00:00", chrono_tz::Asia::Tokyo),
        ),
        EventContent {
            status: EventStatus::Tentative,
            location: "Raum 2, 1. Stock".into(),
            description: "😀 ".repeat(1500),
            url: Some("https://example.org/".into()),
            recurrence: Some(Recurrence::from_rule("FREQ=WEEKLY;BYDAY=TU").unwrap()),
            ..lunch()
        },
        EventContent::new("", all_day("2026-12-25", "2026-12-26")),
    ];
    for (number, sample) in samples.iter().enumerate() {
        let created = world.create(identity(number as u128), sample).await.unwrap();
        let mut expected = sample.clone();
        expected.canonicalize();
        assert_eq!(world.as_known(sample, &created), expected, "what both sides agree on");
        let read = world.read(&created.id).await.unwrap().unwrap();
        assert_eq!(read.version, created.version);
        assert_eq!(read.marker.map(|marker| marker.identity), Some(identity(number as u128)));
        assert_eq!(read.content.when, sample.when, "with its zone, which the mark keeps");
    }
}

/// Trap 12.
#[tokio::test]
async fn a_change_leaves_everything_else_as_it_is() {
    let world = World::new().await;
    let page = world.row("Zahnarzt", day("2026-11-25"));
    let bold = json!([
        { "text": { "content": "Karte " } },
        { "text": { "content": "mitnehmen" }, "annotations": { "bold": true } },
    ]);
    world.edit(
        page,
        json!({ "Beschreibung": { "rich_text": bold }, "Zustand": { "select": { "name": "Idee" } } }),
    );
    let (changes, _) = world.pull(None).await.unwrap();
    let there = present(&changes[0]).clone();
    let before = world.page(&there.id);
    let desired = EventContent { title: "Zahnärztin".into(), ..there.content.clone() };
    let returned = world.update(&there, &desired).await.unwrap();
    assert_eq!(returned.content.title, "Zahnärztin");
    let after = world.page(&there.id);
    for name in ["Beschreibung", "Zustand", "Zeitraum", "Synodic", "Belegt"] {
        assert_eq!(before["properties"][name], after["properties"][name], "{name}");
    }
    // Even where the text itself changes, what is around the change keeps its look.
    let desired = EventContent { description: "Karte und Geld mitnehmen".into(), ..desired };
    world.update(&returned, &desired).await.unwrap();
    let runs = world.page(&there.id)["properties"]["Beschreibung"]["rich_text"].clone();
    let bold = runs.as_array().unwrap().iter().find(|run| run["annotations"]["bold"] == true).unwrap();
    assert_eq!(bold["plain_text"], "mitnehmen");
}

#[tokio::test]
async fn a_change_that_notion_cannot_see_is_no_write() {
    let world = World::new().await;
    let created = world.create(identity(1), &lunch()).await.unwrap();
    world.control.clear_requests();
    let html = EventContent { description: "<p></p>".into(), ..world.as_known(&lunch(), &created) };
    world.update(&created, &html).await.unwrap();
    assert!(world.requests().iter().all(|request| request.starts_with("GET")), "{:?}", world.requests());
}

/// Trap 15.
#[tokio::test]
async fn options_are_chosen_by_id_and_never_made() {
    let world = World::new().await;
    let options =
        || world.control.data_source(world.source)["properties"]["Zustand"]["select"]["options"].clone();
    let before = options();
    let status = |status| EventContent { status, ..lunch() };
    let created = world.create(identity(1), &status(EventStatus::Tentative)).await.unwrap();
    assert_eq!(world.page(&created.id)["properties"]["Zustand"]["select"]["name"], "Vorgemerkt");
    let cancelled = world.update(&created, &status(EventStatus::Cancelled)).await.unwrap();
    assert_eq!(world.page(&created.id)["properties"]["Zustand"]["select"]["name"], "Abgesagt");
    world.update(&cancelled, &status(EventStatus::Confirmed)).await.unwrap();
    assert_eq!(world.page(&created.id)["properties"]["Zustand"]["select"]["name"], "Bestätigt");
    assert_eq!(options(), before);
}

#[tokio::test]
async fn a_page_that_was_changed_meanwhile_is_not_overwritten() {
    let world = World::new().await;
    let page = world.row("Zahnarzt", day("2026-11-25"));
    let (changes, _) = world.pull(None).await.unwrap();
    let there = present(&changes[0]).clone();
    world.retitle(page, "Zahnärztin");
    let desired = EventContent { title: "Arzt".into(), ..there.content.clone() };
    assert!(matches!(world.update(&there, &desired).await, Err(ProviderError::VersionMismatch)));
    let deleted =
        world.notion.delete(world.linked(), &there.id, Some(&there.version), NotifyAttendees::Nobody).await;
    assert!(matches!(deleted, Err(ProviderError::VersionMismatch)));
    assert_eq!(world.titles(), ["Zahnärztin"]);
}

#[tokio::test]
async fn a_deletion_is_the_trash_and_one_that_has_happened_is_no_error() {
    let world = World::new().await;
    let created = world.create(identity(1), &lunch()).await.unwrap();
    let delete = async || {
        let version = Some(&created.version);
        world.notion.delete(world.linked(), &created.id, version, NotifyAttendees::Nobody).await
    };
    delete().await.unwrap();
    assert_eq!(world.page(&created.id)["in_trash"], true);
    delete().await.unwrap();
    world.control.purge_page(created.id.as_str().parse().unwrap());
    delete().await.unwrap();
    world.control.share(world.database, Some(world.bot), false);
    assert_eq!(delete().await.unwrap_err().class(), Class::Permanent, "a wish is kept while all is hidden");
}

/// Trap 17.
#[tokio::test]
async fn a_page_in_the_trash_is_gone_and_not_a_bad_request() {
    let world = World::new().await;
    let created = world.create(identity(1), &lunch()).await.unwrap();
    world.control.trash_page(created.id.as_str().parse().unwrap());
    let desired = EventContent { title: "Abendessen".into(), ..lunch() };
    assert!(matches!(world.update(&created, &desired).await, Err(ProviderError::Gone)));
    assert_eq!(world.read(&created.id).await.unwrap(), None);
}

/// Trap 18.
#[tokio::test]
async fn a_page_that_is_not_shown_is_not_gone() {
    let world = World::new().await;
    let created = world.create(identity(1), &lunch()).await.unwrap();
    world.control.share(created.id.as_str().parse().unwrap(), Some(world.bot), false);
    let desired = EventContent { title: "Abendessen".into(), ..lunch() };
    assert_eq!(world.update(&created, &desired).await.unwrap_err().class(), Class::Permanent);
    assert_eq!(world.read(&created.id).await.unwrap_err().class(), Class::Permanent);
}

/// Trap 13.
#[tokio::test]
async fn a_long_text_is_taken_in_pieces_and_one_beyond_all_limits_is_refused_with_a_reason() {
    let world = World::new().await;
    let long = EventContent { description: "ä😀".repeat(4000), ..lunch() };
    let created = world.create(identity(1), &long).await.unwrap();
    assert_eq!(created.content.description, long.description);
    let endless = EventContent { description: "x".repeat(200_000), ..lunch() };
    let error = world.create(identity(2), &endless).await.unwrap_err();
    assert!(
        error.class() == Class::Permanent && error.to_string().contains("description is too long"),
        "{error}"
    );
}

/// Trap 23.
#[tokio::test]
async fn no_template_is_applied_to_what_we_create() {
    let world = World::new().await;
    world.control.add_page(
        world.source,
        json!({ "is_template": true, "properties": {
        "Bezeichnung": { "title": [{ "text": { "content": "Vorlage" } }] },
        "Ort": { "rich_text": [{ "text": { "content": "Büro" } }] },
    } }),
    );
    let created = world.create(identity(1), &lunch()).await.unwrap();
    world.minutes_pass(1);
    let read = world.read(&created.id).await.unwrap().unwrap();
    assert_eq!(read.version, created.version);
}

#[tokio::test]
async fn a_flight_keeps_both_its_zones() {
    let world = World::new().await;
    let at = |text: &str, zone| ZonedTime::new(text.parse().unwrap(), zone);
    let when = When::Zoned {
        start: at("2026-11-24T12:00:00", BERLIN),
        end: at("2026-11-25T08:00:00", chrono_tz::Asia::Tokyo),
    };
    let created = world.create(identity(1), &EventContent::new("Flug", when)).await.unwrap();
    assert_eq!(created.content.when, when);
    // Somebody moves it in Notion, where only the offset of their own zone is known.
    let page = created.id.as_str().parse().unwrap();
    world.edit(
        page,
        json!({ "Zeitraum": { "date": {
        "start": "2026-11-24T14:00:00+01:00", "end": "2026-11-25T02:00:00+01:00" } } }),
    );
    let moved = world.read(&created.id).await.unwrap().unwrap();
    let expected = When::Zoned {
        start: at("2026-11-24T14:00:00", BERLIN),
        end: at("2026-11-25T10:00:00", chrono_tz::Asia::Tokyo),
    };
    assert_eq!(moved.content.when, expected);
}
