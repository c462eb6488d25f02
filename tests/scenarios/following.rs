//! “This and following”: one series becomes two, here and at Google.

use serde_json::{Value, json};
use synodic_engine::view::{EventChange, EventTarget, NotifyAttendees};
use synodic_model::{EventContent, Recurrence};
use synodic_tests::world::{ADA, World, meeting};

use crate::three_way::{Three, text};

async fn series(world: &World) {
    let calendar = world.linked().await;
    let mut content = meeting("Choir", 2);
    content.recurrence = Some(Recurrence::from_rule("FREQ=WEEKLY;COUNT=5").unwrap());
    world.create(calendar.id, content).await;
    world.pass().await;
}

async fn change(world: &World, target: EventTarget, edit: impl FnOnce(&mut EventContent)) {
    let mut content = world.engine.event(target).await.unwrap().content;
    edit(&mut content);
    let change = EventChange { target, content, seen_revision: None, notify: NotifyAttendees::Nobody };
    world.engine.change_event(change).await.unwrap();
}

async fn occurrence(world: &World, index: usize) -> EventTarget {
    EventTarget::Occurrence { key: world.shown().await[index].occurrence_of.unwrap() }
}

async fn from(world: &World, index: usize) -> EventTarget {
    EventTarget::Following { key: world.shown().await[index].occurrence_of.unwrap() }
}

/// Title and day of each occurrence.
async fn shown(world: &World) -> Vec<String> {
    let line = |title: &str, day: String| format!("{day} {title}");
    let shown = world.shown().await;
    shown.iter().map(|shown| line(&shown.title, shown.starts_at.format("%d").to_string())).collect()
}

async fn settle(world: &World) {
    for _ in 0..3 {
        world.pass().await;
    }
    let last = world.pass().await;
    assert_eq!((last.pushed, last.pending, last.failed), (0, 0, 0), "nothing goes round in circles");
}

#[tokio::test]
async fn both_parts_reach_google_with_what_was_edited_of_them() {
    let world = World::new().await;
    series(&world).await;
    let moved = occurrence(&world, 3).await;
    change(&world, moved, |content| content.title = "Concert".into()).await;
    settle(&world).await;
    let split = from(&world, 2).await;
    change(&world, split, |content| content.location = "Hall".into()).await;
    let expected = ["02 Choir", "09 Choir", "16 Choir", "23 Concert", "30 Choir"];
    assert_eq!(shown(&world).await, expected);
    settle(&world).await;
    assert_eq!(shown(&world).await, expected);
    let masters: Vec<_> =
        world.google.events(ADA).into_iter().filter(|event| event["recurrence"].is_array()).collect();
    let rules: Vec<_> = masters.iter().map(|event| event["recurrence"][0].as_str().unwrap()).collect();
    assert!(rules.contains(&"RRULE:FREQ=WEEKLY;COUNT=3"), "{rules:?}");
    assert!(rules.iter().any(|rule| rule.contains("UNTIL=20261116T0759")), "{rules:?}");
    assert!(world.google.outbox().is_empty());
}

#[tokio::test]
async fn what_follows_is_deleted_there_as_well() {
    let world = World::new().await;
    series(&world).await;
    let split = from(&world, 2).await;
    world.engine.delete_event(split, NotifyAttendees::Nobody).await.unwrap();
    settle(&world).await;
    assert_eq!(shown(&world).await, ["02 Choir", "09 Choir"]);
    let rule = world.remote("Choir")["recurrence"][0].clone();
    assert!(rule.as_str().unwrap().contains("UNTIL=20261116T0759"), "{rule}");
}

/// What is to be seen at three places: each event at Google, each page in Notion, each occurrence here.
#[derive(Debug, PartialEq)]
struct Seen {
    google: Vec<Value>,
    notion: Vec<Value>,
    here: Vec<String>,
}

impl Seen {
    async fn at(three: &Three) -> Self {
        let event = |event: Value| {
            let fields = ["summary", "location", "start", "end", "recurrence", "status", "originalStartTime"];
            fields.map(|field| event[field].clone()).into_iter().collect()
        };
        let page = |page: Value| {
            let words = ["Name", "Ort", "Wiederholung"].map(|name| text(&page, name));
            json!([words, page["properties"]["Datum"]["date"]])
        };
        let in_order = |mut seen: Vec<Value>| {
            seen.sort_by_key(ToString::to_string);
            seen
        };
        let line = |title: &str, day: String| format!("{day} {title}");
        let shown = three.shown().await;
        Self {
            google: in_order(three.google.events(ADA).into_iter().map(event).collect()),
            notion: in_order(three.notion.pages(three.source).into_iter().map(page).collect()),
            here: shown.iter().map(|one| line(&one.title, one.starts_at.format("%d").to_string())).collect(),
        }
    }

    /// Passes until nobody has anything to say any more, and looks.
    async fn when_settled(three: &Three) -> Self {
        for _ in 0..4 {
            three.pass().await;
            three.minutes_pass(1);
        }
        let last = three.pass().await;
        assert_eq!((last.pushed, last.pending, last.failed), (0, 0, 0), "nothing goes round: {last:#?}");
        Self::at(three).await
    }
}

/// A change of this and what follows, which the services have confirmed, so that the occurrences which it let go have
/// left the replica, and have come back from Google as called off.
#[tokio::test]
async fn a_division_that_everybody_has_heard_of_is_taken_back_and_made_again() {
    let three = Three::new().await;
    let mut choir = meeting("Choir", 2);
    choir.recurrence = Some(Recurrence::from_rule("FREQ=WEEKLY;COUNT=5").unwrap());
    three.create(choir).await;
    let occurrence = async |index: usize| three.shown().await[index].occurrence_of.unwrap();
    let change = async |target: EventTarget, edit: &dyn Fn(&mut EventContent)| {
        let mut content = three.engine.event(target).await.unwrap().content;
        edit(&mut content);
        let change = EventChange { target, content, seen_revision: None, notify: NotifyAttendees::Nobody };
        three.engine.change_event(change).await.unwrap()
    };
    let concert = EventTarget::Occurrence { key: occurrence(3).await };
    change(concert, &|content| {
        content.title = "Concert".into();
        content.description = "In black.".into();
    })
    .await;
    let before = Seen::when_settled(&three).await;
    assert_eq!(before.here, ["02 Choir", "09 Choir", "16 Choir", "23 Concert", "30 Choir"]);

    let split = EventTarget::Following { key: occurrence(2).await };
    let divided = change(split, &|content| content.location = "Hall".into()).await;
    let after = Seen::when_settled(&three).await;
    assert_eq!(after.here, before.here);
    assert_ne!((&after.google, &after.notion), (&before.google, &before.notion));

    let back = three.engine.undo(divided.undo).await.unwrap();
    assert_eq!(Seen::when_settled(&three).await, before);
    let again = three.engine.undo(back.undo).await.unwrap();
    assert_eq!(Seen::when_settled(&three).await, after);
    three.engine.undo(again.undo).await.unwrap();
    assert_eq!(Seen::when_settled(&three).await, before);
}
