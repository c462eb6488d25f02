//! There is no room on the disk: an edit is refused in plain words or kept, and when there is room again all goes on.

use synodic_engine::EngineError;
use synodic_engine::view::{EventDraft, FailureCode, NotifyAttendees};
use synodic_model::CalendarId;
use synodic_store::{OpenOptions, Store, StoreError};
use synodic_tests::world::{World, meeting};

/// A long text, of which each event needs more than a page.
fn long(title: &str) -> synodic_model::EventContent {
    let mut content = meeting(title, 3);
    content.description = "All that was said. ".repeat(300);
    content
}

async fn create(world: &World, calendar: CalendarId, title: &str) -> Result<(), EngineError> {
    let draft = EventDraft { calendar_id: calendar, content: long(title), notify: NotifyAttendees::Nobody };
    world.engine.create_event(draft).await.map(drop)
}

fn pages(world: &World) -> u32 {
    let length = std::fs::metadata(world.folder.path().join("synodic.db")).unwrap().len();
    u32::try_from(length / 4096).unwrap()
}

#[tokio::test]
async fn a_new_replica_on_a_disk_with_little_room_is_made_or_refused() {
    let folder = tempfile::tempdir().unwrap();
    let whole = folder.path().join("whole.db");
    Store::open(&whole, OpenOptions::default()).await.unwrap().close().await;
    let needed = u32::try_from(std::fs::metadata(&whole).unwrap().len() / 4096).unwrap();
    for room in 1..=needed {
        let path = folder.path().join(format!("synodic-{room}.db"));
        let options = OpenOptions { max_pages: Some(room), ..OpenOptions::default() };
        match Store::open(&path, options).await {
            Ok(store) => store.close().await,
            Err(error) => {
                assert!(matches!(error, StoreError::Full { .. }), "{room} pages: {error:?}");
                assert!(error.to_string().contains("free some space"), "{room} pages: {error}");
            }
        }
        let store = Store::open(&path, OpenOptions::default()).await.unwrap();
        store.audit().await.unwrap_or_else(|error| panic!("{room} pages: {error}"));
        store.close().await;
    }
}

#[tokio::test]
async fn at_every_page_count_what_was_acknowledged_is_kept_and_sent_once_there_is_room() {
    let mut world = World::new().await;
    let calendar = world.linked().await;
    let (mut kept, mut refused) = (Vec::new(), 0);
    for room in 0..30 {
        world.leave().await;
        let limit = OpenOptions { max_pages: Some(pages(&world) + room % 10), ..OpenOptions::default() };
        world.come_back_with(limit).await;
        for number in 0..4 {
            let title = format!("Edit {room:02}.{number}");
            match create(&world, calendar.id, &title).await {
                Ok(()) => kept.push(title),
                Err(error) => {
                    assert_eq!(error.code(), FailureCode::Storage, "{error}");
                    assert!(error.to_string().contains("the disk is full"), "{error}");
                    refused += 1;
                }
            }
        }
        // What was refused is not there, what was not refused is.
        assert_eq!(world.titles().await, kept, "room for {room}");
        // Sync may or may not get along; it must not lose or double anything.
        world.engine.sync_pass(None).await.unwrap();
        if room % 7 == 6 {
            world.crash().await;
            assert_eq!(world.titles().await, kept, "after a crash with room for {room}");
        }
    }
    assert!(refused > 10 && kept.len() > 10, "{refused} were refused, {} were not", kept.len());
    world.restart().await;
    for _ in 0..2 {
        world.pass().await;
    }
    let quiet = world.pass().await;
    assert_eq!((quiet.pending, quiet.failed, quiet.pushed), (0, 0, 0), "{quiet:?}");
    assert_eq!(world.remote_titles(), kept, "each is there once");
    let store = world.replica().await;
    store.audit().await.unwrap();
    store.close().await;
}

#[tokio::test]
async fn a_full_disk_during_a_pull_is_said_and_goes_on_from_there() {
    let mut world = World::new().await;
    world.linked().await;
    for number in 0..120 {
        let id = world.phone_adds(&format!("There {number:03}"), 1 + number % 28);
        world.phone_changes(&id, serde_json::json!({ "description": "All that was said. ".repeat(300) }));
    }
    world.leave().await;
    for room in [0, 1, 2, 5, 10, 40] {
        let limit = OpenOptions { max_pages: Some(pages(&world) + room), ..OpenOptions::default() };
        world.come_back_with(limit).await;
        let report = world.pass().await;
        assert!(report.links.iter().any(|link| link.error.is_some()), "room for {room}: {report:?}");
        let snapshot = world.engine.snapshot();
        let storage = snapshot.storage.unwrap_or_else(|| panic!("room for {room}: nothing is said"));
        assert!(storage.contains("the disk is full"), "{storage}");
        assert!(snapshot.integrations[0].retry_at.is_some(), "it is tried again");
        world.leave().await;
    }
    world.come_back().await;
    world.pass().await;
    assert_eq!(world.titles().await, world.remote_titles());
    assert_eq!(world.titles().await.len(), 120);
    assert_eq!(world.engine.snapshot().storage, None, "and it is said no more");
    assert_eq!(world.requests("POST") + world.requests("PATCH") + world.requests("DELETE"), 0);
}
