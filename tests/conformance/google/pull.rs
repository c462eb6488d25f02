//! Pages and cursors.

use std::time::Duration;

use serde_json::json;
use synodic_model::{ExternalId, RemoteCalendarId};
use synodic_providers::{Linked, Provider, ProviderError, PullPosition, RemoteChange};
use synodic_simulators::fault::Effect;
use synodic_simulators::google::{AccessRole, NewCalendar};

use super::{ADA, BERLIN, World, entered, identity, lunch, present};

fn ids(changes: &[RemoteChange]) -> Vec<String> {
    let mut ids: Vec<_> = changes
        .iter()
        .map(|change| match change {
            RemoteChange::Present(event) => event.id.to_string(),
            RemoteChange::Removed { id } => format!("-{id}"),
            RemoteChange::Complete { series, .. } => panic!("{series} is named as a whole"),
            RemoteChange::Unreadable { reason, .. } => panic!("{reason}"),
        })
        .collect();
    ids.sort();
    ids
}

#[tokio::test]
async fn the_account_is_the_address_of_its_primary_calendar() {
    let world = World::new().await;
    assert_eq!(world.google.account().await.unwrap(), ADA);
}

#[tokio::test]
async fn every_calendar_is_listed_with_what_may_be_done_to_it() {
    let world = World::new().await;
    for (summary, access_role) in [("Club", AccessRole::Owner), ("Holidays", AccessRole::Reader)] {
        let summary = summary.to_owned();
        world.control.add_calendar(ADA, NewCalendar { summary, access_role, ..NewCalendar::default() });
    }
    let mut calendars = world.google.remote_calendars().await.unwrap();
    calendars.sort_by(|left, right| left.name.cmp(&right.name));
    let seen: Vec<_> =
        calendars.iter().map(|calendar| (calendar.access.may_write(), calendar.primary)).collect();
    assert_eq!(seen, [(true, false), (false, false), (true, true)], "{calendars:?}");
    assert!(calendars.iter().all(|calendar| calendar.time_zone.as_deref() == Some(BERLIN.name())));
    assert!(calendars.iter().all(|calendar| calendar.color.is_some()));
}

#[tokio::test]
async fn a_cursor_brings_what_has_changed_since() {
    let world = World::new().await;
    for id in ["first", "other"] {
        world.control.put_event(ADA, entered(id, "Lunch"));
    }
    let (changes, cursor) = world.pull(None).await.unwrap();
    assert_eq!(ids(&changes), ["first", "other"]);
    assert_eq!(world.pull(Some(&cursor)).await.unwrap().0, []);

    world.control.put_event(ADA, json!({ "id": "first", "summary": "Brunch" }));
    world.control.delete_event(ADA, "other");
    world.control.put_event(ADA, entered("third", "Tea"));
    let (changes, _) = world.pull(Some(&cursor)).await.unwrap();
    assert_eq!(ids(&changes), ["-other", "first", "third"]);
}

#[tokio::test]
async fn our_own_write_comes_back_as_the_state_we_know() {
    let world = World::new().await;
    let (_, cursor) = world.pull(None).await.unwrap();
    let created = world.create(identity(1), &lunch()).await.unwrap();
    let (changes, _) = world.pull(Some(&cursor)).await.unwrap();
    assert_eq!(changes.len(), 1);
    assert_eq!(present(&changes[0]), &created);
}

#[tokio::test]
async fn short_and_empty_pages_lose_nothing() {
    let world = World::with(|options| {
        options.page_size_cap = Some(7);
        options.ragged_pages = true;
    })
    .await;
    let expected: Vec<_> = (100..200).map(|number| format!("event{number}")).collect();
    for id in &expected {
        world.control.put_event(ADA, entered(id, "Lunch"));
    }
    let pages = world.pages(None).await.unwrap();
    assert!(pages.iter().any(|page| page.changes.is_empty()), "no page was empty");
    let changes: Vec<_> = pages.into_iter().flat_map(|page| page.changes).collect();
    assert_eq!(ids(&changes), expected);
}

#[tokio::test]
async fn a_cursor_too_old_asks_for_a_full_listing() {
    let world = World::new().await;
    world.control.put_event(ADA, entered("first", "Lunch"));
    let (_, cursor) = world.pull(None).await.unwrap();
    world.control.expire_sync_tokens();
    assert!(matches!(world.pull(Some(&cursor)).await, Err(ProviderError::CursorLost)));
    assert_eq!(ids(&world.pull(None).await.unwrap().0), ["first"]);
    assert!(matches!(world.pull(Some("nonsense")).await, Err(ProviderError::CursorLost)));
}

#[tokio::test]
async fn a_cut_listing_is_no_listing() {
    let world = World::with(|options| options.page_size_cap = Some(10)).await;
    for number in 100..150 {
        world.control.put_event(ADA, entered(&format!("event{number}"), "Lunch"));
    }
    for effect in [Effect::TruncatedBody, Effect::DropAfter, Effect::HtmlBadGateway { applied: false }] {
        world
            .control
            .inject(synodic_simulators::fault::Fault::new(effect).on("GET", "/events").after(2).times(1));
        world.pull(None).await.unwrap_err();
    }
    assert_eq!(world.pull(None).await.unwrap().0.len(), 50);
}

#[tokio::test]
async fn a_deleted_event_is_not_there_to_be_read() {
    let world = World::new().await;
    world.control.put_event(ADA, entered("first", "Lunch"));
    assert!(world.read(&ExternalId::new("first")).await.is_some());
    world.control.delete_event(ADA, "first");
    assert_eq!(world.read(&ExternalId::new("first")).await, None);
    world.clock.advance(Duration::from_secs(1));
    assert_eq!(world.read(&ExternalId::new("never")).await, None);
}

#[tokio::test]
async fn a_calendar_that_may_only_be_read_says_so_of_its_events() {
    let world = World::new().await;
    let calendar = world.control.add_calendar(
        ADA,
        NewCalendar {
            summary: "Holidays".to_owned(),
            access_role: AccessRole::Reader,
            ..NewCalendar::default()
        },
    );
    world.control.put_event(&calendar, entered("first", "New Year"));
    let page = world
        .google
        .pull(Linked::plain(&RemoteCalendarId::new(calendar)), &PullPosition::default())
        .await
        .unwrap();
    assert!(present(&page.changes[0]).read_only);
}

#[tokio::test]
async fn ids_with_strange_characters_reach_their_calendar() {
    let world = World::new().await;
    let id = "en.usa#holiday@group.v.calendar.google.com";
    world.control.add_calendar(
        ADA,
        NewCalendar { id: Some(id.to_owned()), summary: "US".to_owned(), ..NewCalendar::default() },
    );
    world.control.put_event(id, entered("first", "Thanksgiving"));
    let page =
        world.google.pull(Linked::plain(&RemoteCalendarId::new(id)), &PullPosition::default()).await.unwrap();
    assert_eq!(page.changes.len(), 1);
}
