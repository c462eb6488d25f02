//! The replica is damaged while nobody looks: it is moved aside, what was not sent is found in it and sent once, and all
//! else comes from the service again.

use std::fs;
use std::path::PathBuf;

use synodic_engine::Engine;
use synodic_engine::view::{CalendarView, EventTarget};
use synodic_tests::world::{ADA, World, meeting};

/// Events that both sides have.
pub(crate) const SHARED: u32 = 60;
/// What the person does before the damage.
pub(crate) const MADE: &str = "Made offline";
pub(crate) const RENAMED: &str = "Renamed offline";

/// A world with a calendar full of events and three edits that wait, whose program has ended.
pub(crate) async fn with_unsent() -> (World, CalendarView) {
    let world = World::new().await;
    let calendar = world.linked().await;
    for number in 0..SHARED {
        world.phone_adds(&format!("Shared {number}"), 1 + number % 28);
    }
    world.pass().await;
    world.create(calendar.id, meeting(MADE, 3)).await;
    let renamed = world.find("Shared 7").await;
    world.change(renamed.id, |content| content.title = RENAMED.into()).await;
    let deleted = world.find("Shared 8").await;
    world.delete(deleted.id).await;
    world.leave().await;
    (world, calendar)
}

pub(crate) fn replica(world: &World) -> PathBuf {
    world.folder.path().join("synodic.db")
}

/// Starts the program; returns what it says of the damage, if it saw any.
pub(crate) async fn start(world: &mut World) -> Option<String> {
    let clock = std::sync::Arc::new(synodic_engine::clock::SystemClock);
    world.engine = Engine::start(world.config(), clock).await.unwrap();
    world.engine.salvage()
}

pub(crate) fn sorted(titles: impl IntoIterator<Item = String>) -> Vec<String> {
    let mut titles: Vec<_> = titles.into_iter().collect();
    titles.sort();
    titles
}

/// What Google has when everything that waited was sent.
fn all_sent() -> Vec<String> {
    let shared =
        (0..SHARED).filter(|number| ![7, 8].contains(number)).map(|number| format!("Shared {number}"));
    sorted(shared.chain([MADE.to_owned(), RENAMED.to_owned()]))
}

/// Passes until nothing is left to do, and sees that both sides agree and nothing was made twice or lost at Google.
async fn settles(world: &World, what: &str) -> Vec<String> {
    for _ in 0..2 {
        let report = world.pass().await;
        assert!(report.links.iter().all(|link| link.error.is_none()), "{what}: {report:?}");
    }
    let quiet = world.pass().await;
    assert_eq!((quiet.pending, quiet.failed, quiet.pushed), (0, 0, 0), "{what}: {quiet:?}");
    let remote = world.remote_titles();
    assert_eq!(world.titles().await, remote, "{what}: both sides are the same");
    for number in (0..SHARED).filter(|number| ![7, 8].contains(number)) {
        let title = format!("Shared {number}");
        assert_eq!(remote.iter().filter(|known| **known == title).count(), 1, "{what}: {title}");
    }
    for (title, former) in [(MADE, None), (RENAMED, Some("Shared 7"))] {
        let count = remote.iter().filter(|known| *known == title || Some(known.as_str()) == former).count();
        assert!(count <= 1, "{what}: {title} is there {count} times");
    }
    remote
}

#[tokio::test]
async fn a_torn_replica_is_moved_aside_and_its_edits_are_sent() {
    let (mut world, _) = with_unsent().await;
    let whole = fs::read(replica(&world)).unwrap();
    fs::write(replica(&world), &whole[..whole.len() - 1000]).unwrap();
    let told = start(&mut world).await.unwrap();
    assert!(told.contains("synodic.db.damaged-") && told.contains("3 edits"), "{told}");
    assert_eq!(world.engine.snapshot().recovered, Some(told));
    let aside = fs::read_dir(world.folder.path()).unwrap().map(|entry| entry.unwrap().path());
    let aside: Vec<_> = aside.filter(|path| path.display().to_string().contains(".damaged-")).collect();
    assert_eq!(aside.len(), 1, "{aside:?}");
    assert_eq!(fs::read(&aside[0]).unwrap(), whole[..whole.len() - 1000], "it is kept as it was");
    assert_eq!(settles(&world, "torn").await, all_sent());

    world.restart().await;
    assert_eq!(world.engine.salvage(), None, "a whole replica is left alone");
    assert!(world.engine.snapshot().recovered.is_some(), "whoever was not there is still told");
    assert_eq!(settles(&world, "afterwards").await, all_sent());
}

#[tokio::test]
async fn a_file_of_zeros_is_replaced_and_nothing_is_made_twice() {
    let (mut world, _) = with_unsent().await;
    let length = fs::read(replica(&world)).unwrap().len();
    fs::write(replica(&world), vec![0; length]).unwrap();
    let told = start(&mut world).await.unwrap();
    assert!(told.contains("connect your accounts again"), "{told}");
    let account = world.connect().await;
    world.link(None, account, ADA, synodic_model::sync::SyncDirection::Bidirectional).await;
    let before = sorted((0..SHARED).map(|number| format!("Shared {number}")));
    assert_eq!(world.remote_titles(), before);
    world.pass().await;
    assert_eq!(world.titles().await, before);
    assert_eq!(world.remote_titles(), before, "nothing is made or deleted at Google");
}

#[tokio::test]
async fn accounts_come_from_the_latest_backup_when_the_file_has_none() {
    let (mut world, _) = with_unsent().await;
    let backups = world.folder.path().join("backups");
    fs::create_dir_all(&backups).unwrap();
    fs::copy(replica(&world), backups.join("synodic-2026-11-20.db")).unwrap();
    let length = fs::read(replica(&world)).unwrap().len();
    fs::write(replica(&world), vec![0; length]).unwrap();
    let told = start(&mut world).await.unwrap();
    assert!(!told.contains("connect your accounts again"), "{told}");
    world.pass().await;
    assert_eq!(world.titles().await, sorted((0..SHARED).map(|number| format!("Shared {number}"))));
    assert!(world.engine.event(EventTarget::Event { id: world.find("Shared 7").await.id }).await.is_ok());
}

#[tokio::test]
async fn a_program_that_ends_while_it_moves_the_file_is_followed_by_one_that_finishes() {
    let (mut world, _) = with_unsent().await;
    let whole = fs::read(replica(&world)).unwrap();
    fs::write(replica(&world), &whole[..whole.len() - 1000]).unwrap();
    assert!(start(&mut world).await.is_some());
    world.leave().await;
    // As it was just before the new replica got its name: the damaged one is aside, and its place is empty.
    let stamp = "20261126-120000";
    let waiting = world.folder.path().join(format!("synodic.db-whole-{stamp}"));
    fs::rename(replica(&world), waiting).unwrap();
    assert!(start(&mut world).await.is_some());
    assert_eq!(settles(&world, "half moved").await, all_sent());
}
