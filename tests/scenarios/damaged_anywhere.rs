//! The replica is cut off, overwritten or blotted out anywhere: the program opens all the same, soon, with a replica
//! that is whole; what it finds unsent is sent once, and nothing is made twice.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use chrono::Utc;
use synodic_model::sync::{Operation, SyncDirection};
use synodic_store::{OpenOptions, Salvage, Store, StoreError};
use synodic_tests::world::{ADA, World};

use crate::damaged::{MADE, RENAMED, SHARED, replica, sorted, start, with_unsent};

/// The size of a page.
const PAGE: usize = 4096;
/// How long opening may take, in a debug build on a machine that does other things as well.
const PATIENCE: Duration = Duration::from_secs(4);
/// Edits that wait in the whole replica.
const UNSENT: usize = 3;

/// One way of damaging a file.
struct Damage {
    what: String,
    bytes: Vec<u8>,
}

/// Numbers that look random and are the same in every run.
struct Noise(u64);

impl Noise {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(end).unwrap()).unwrap()
    }
}

fn cut(whole: &[u8], every: usize) -> Vec<Damage> {
    let pages = (1..whole.len() / PAGE).step_by(every);
    let lengths = [1, 15, 16, 99, 100, 1000, PAGE - 1, whole.len() - 1, whole.len() - 1000];
    let lengths = lengths.into_iter().chain(pages.flat_map(|page| [page * PAGE, page * PAGE + 777]));
    lengths
        .map(|length| Damage { what: format!("cut to {length}"), bytes: whole[..length].to_vec() })
        .collect()
}

fn overwritten(whole: &[u8], every: usize) -> Vec<Damage> {
    let mut noise = Noise(0x5EED);
    let mut damages = Vec::new();
    for page in (0..whole.len() / PAGE).step_by(every) {
        let range = page * PAGE..(page + 1) * PAGE;
        let mut zeros = whole.to_vec();
        zeros[range.clone()].fill(0);
        damages.push(Damage { what: format!("page {page} of zeros"), bytes: zeros });
        let mut noisy = whole.to_vec();
        noisy[range].fill_with(|| noise.next().to_le_bytes()[0]);
        damages.push(Damage { what: format!("page {page} of noise"), bytes: noisy });
    }
    damages
}

fn flipped(whole: &[u8], times: usize) -> Vec<Damage> {
    let mut noise = Noise(0xF11F);
    let header = [0, 16, 18, 24, 28, 40, 44, 47, 56, 59, 95].into_iter();
    let anywhere: Vec<_> = (0..times).map(|_| noise.below(whole.len())).collect();
    // How a page begins tells what it is, and is hit seldom by chance.
    let beginnings = (1..whole.len() / PAGE).step_by(5).map(|page| page * PAGE);
    let places = header.chain(beginnings).chain(anywhere);
    let flip = |place: usize| {
        let mut bytes = whole.to_vec();
        bytes[place] ^= 0x41;
        Damage { what: format!("byte {place} changed"), bytes }
    };
    places.map(flip).collect()
}

/// Opens a damaged file; says what was done about it, and how many edits wait.
async fn open(path: &Path, damage: &Damage) -> Result<(Option<Salvage>, usize), StoreError> {
    let what = &damage.what;
    fs::write(path, &damage.bytes).unwrap();
    let began = Instant::now();
    let (store, salvage) = Store::open_or_salvage(path, OpenOptions::default(), Utc::now()).await?;
    assert!(began.elapsed() < PATIENCE, "{what}: it took {:?}", began.elapsed());
    // This runs SQLite's own check of everything.
    let checked = store.audit().await;
    assert!(salvage.is_none() || checked.is_ok(), "{what}: the new replica is not whole: {checked:?}");
    let unsent = store.queue_list(1000).await.map_or(0, |lines| lines.len());
    store.close().await;
    if let Some(salvage) = &salvage {
        assert_eq!(fs::read(&salvage.aside).unwrap(), damage.bytes, "{what}: it is kept as it was");
        let (store, again) = Store::open_or_salvage(path, OpenOptions::default(), Utc::now()).await.unwrap();
        assert_eq!(again, None, "{what}: what was made is whole");
        store.close().await;
    } else if checked.is_err() {
        // It was met later, and noted: the next start sees to it.
        let (store, salvage) =
            Store::open_or_salvage(path, OpenOptions::default(), Utc::now()).await.unwrap();
        assert!(salvage.is_some(), "{what}: it was noted");
        assert!(store.audit().await.is_ok(), "{what}");
        let unsent = store.queue_list(1000).await.unwrap().len();
        store.close().await;
        return Ok((salvage, unsent));
    }
    Ok((salvage, unsent))
}

/// Damages the same replica in many ways. Returns for how many of them edits were lost.
async fn sweep(damages: impl FnOnce(&[u8]) -> Vec<Damage>) -> (usize, Vec<String>) {
    let (world, _) = with_unsent().await;
    let whole = fs::read(replica(&world)).unwrap();
    let damages = damages(&whole);
    let (count, mut poorer) = (damages.len(), Vec::new());
    for damage in damages {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("synodic.db");
        match open(&path, &damage).await {
            Ok((salvage, unsent)) => {
                let is_whole = salvage.as_ref().is_none_or(|salvage| salvage.is_whole);
                assert!(!is_whole || unsent >= UNSENT, "{}: {unsent} and {salvage:?}", damage.what);
                if unsent < UNSENT {
                    poorer.push(damage.what);
                }
            }
            Err(StoreError::Damaged { .. }) => {
                assert_eq!(fs::read(&path).unwrap(), damage.bytes, "{}: it is left alone", damage.what);
                poorer.push(damage.what);
            }
            Err(error) => panic!("{}: {error}", damage.what),
        }
    }
    (count, poorer)
}

#[tokio::test]
async fn wherever_it_is_cut_off_it_opens() {
    let (count, poorer) = sweep(|whole| cut(whole, 5)).await;
    // What was cut off is gone, and the edits are among the last that was written.
    assert!(poorer.len() < count, "{poorer:?}");
    assert!(!poorer.iter().any(|what| what.starts_with("byte")));
}

#[tokio::test]
async fn whichever_page_is_overwritten_it_opens_and_finds_the_edits_that_are_elsewhere() {
    let (count, poorer) = sweep(|whole| overwritten(whole, 3)).await;
    assert!(poorer.len() * 8 < count, "of {count}: {poorer:?}");
    assert!(!poorer.iter().any(|what| what.starts_with("page 0 ")), "{poorer:?}");
}

#[tokio::test]
async fn whichever_byte_is_changed_it_opens_and_finds_the_edits() {
    let (count, poorer) = sweep(|whole| flipped(whole, 40)).await;
    assert!(poorer.len() * 20 < count, "of {count}: {poorer:?}");
}

/// How often each title is at Google.
fn there(world: &World) -> BTreeMap<String, usize> {
    let mut titles = BTreeMap::new();
    for title in world.remote_titles() {
        *titles.entry(title).or_default() += 1;
    }
    titles
}

/// Damages a replica, starts the program with it, and sees what becomes of the edits that it found.
async fn is_survived(damage: impl FnOnce(&[u8]) -> Damage) {
    let (mut world, _) = with_unsent().await;
    let whole = fs::read(replica(&world)).unwrap();
    let Damage { what, bytes } = damage(&whole);
    fs::write(replica(&world), &bytes).unwrap();
    world.google.clear_requests();
    let mut told = start(&mut world).await;
    if told.is_none() {
        // Damage in what is not always needed is found by the look of each day, and repaired at the next start.
        let store = world.replica().await;
        let is_whole = store.audit().await.is_ok();
        store.close().await;
        if !is_whole {
            world.leave().await;
            told = start(&mut world).await;
            assert!(told.is_some(), "{what}: it was noted");
        }
    }
    let found = world.engine.snapshot().queue;
    assert_eq!(world.engine.snapshot().recovered, told, "{what}: it is said");
    let calendars = world.engine.calendars().await.unwrap();
    if calendars.iter().all(|calendar| calendar.links.is_empty()) {
        let calendar = calendars.first().map(|calendar| calendar.id);
        let account = world.connect().await;
        world.link(calendar, account, ADA, SyncDirection::Bidirectional).await;
    }
    for _ in 0..2 {
        let report = world.pass().await;
        assert!(report.links.iter().all(|link| link.error.is_none()), "{what}: {report:?}");
    }
    let quiet = world.pass().await;
    assert_eq!((quiet.pending, quiet.failed, quiet.pushed), (0, 0, 0), "{what}: {quiet:?}");
    let there = there(&world);
    assert!(there.values().all(|count| *count == 1), "{what}: {there:?}");
    assert!(world.requests("POST") <= 1, "{what}: only {MADE} is new");
    for item in found {
        let count = there.get(&item.title).copied().unwrap_or_default();
        // What was deleted here comes back where it cannot be told any more what it was that was deleted.
        let is_right = if item.operation == Operation::Upsert { count == 1 } else { count <= 1 };
        assert!(is_right, "{what}: “{}” is there {count} times", item.title);
    }
    let untouched = (0..SHARED).filter(|number| ![7, 8].contains(number));
    for title in untouched.map(|number| format!("Shared {number}")) {
        assert!(there.contains_key(&title), "{what}: {title} is gone");
    }
    let shown = world.titles().await;
    assert_eq!(shown, sorted(there.into_keys()), "{what}: both sides are the same");
    assert!(shown.len() <= usize::try_from(SHARED).unwrap() + 1, "{what}: {RENAMED} is not a second one");
}

#[tokio::test]
async fn a_file_that_is_cut_off_doubles_nothing_at_the_service() {
    for share in [3, 5, 8, 9] {
        is_survived(|whole| {
            let length = whole.len() / PAGE * share / 10 * PAGE;
            Damage { what: format!("cut to {length}"), bytes: whole[..length].to_vec() }
        })
        .await;
    }
}

#[tokio::test]
async fn a_page_that_is_lost_doubles_nothing_at_the_service() {
    // The first pages say what is where, the others hold events and how they stand with Google.
    for page in [0, 1, 4, 7, 10, 13, 16, 19, 22, 25, 28, 31] {
        is_survived(|whole| {
            let mut damages = overwritten(whole, 1);
            damages.swap_remove((2 * page + page % 2).min(damages.len() - 1))
        })
        .await;
    }
}

#[tokio::test]
async fn a_file_of_one_byte_is_begun_anew_or_left_alone() {
    is_survived(|_| Damage { what: "one byte".into(), bytes: b"S".to_vec() }).await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("synodic.db");
    let foreign = Damage { what: "a note".into(), bytes: b"Buy milk.".to_vec() };
    let Err(error) = open(&path, &foreign).await else { panic!("it was taken for a replica") };
    assert!(error.to_string().contains("put a backup in its place"), "{error}");
    assert_eq!(fs::read(&path).unwrap(), foreign.bytes);
}
