//! The real program, killed.

use std::collections::BTreeMap;
use std::os::unix::process::ExitStatusExt;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use serde_json::json;
use synodic_engine::view::EventView;
use synodic_model::CalendarId;
use synodic_tests::desktop::home::program;
use synodic_tests::world::{ADA, World, meeting};
use tokio::process::{Child, Command};

/// More boundaries than a round has.
const MANY: u64 = 1000;
/// Kills at random moments; `SYNODIC_KILLS` says how many instead.
const KILLS: u64 = 36;
/// How long the program may live that is killed at random, at most.
const LONGEST_LIFE: u64 = 400;
/// How long a round may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// A world whose engine lives in this process while edits are made, and in another one while they are sent.
struct Battlefield {
    world: World,
    calendar: CalendarId,
    /// What there has to be, by title.
    events: BTreeMap<String, EventView>,
    round: u32,
}

impl Battlefield {
    async fn new() -> Self {
        let world = World::new().await;
        let calendar = world.linked().await.id;
        Self { world, calendar, events: BTreeMap::new(), round: 0 }
    }

    /// Some of everything is edited, here and there; then the engine makes room for the real program.
    async fn edit(&mut self) {
        self.round += 1;
        let day = 1 + self.round % 28;
        for name in ["new", "changed", "deleted"] {
            let title = format!("{name} {}", self.round);
            let event = self.world.create(self.calendar, meeting(&title, day)).await;
            self.events.insert(title, event);
        }
        if self.round > 1 {
            let before = format!("changed {}", self.round - 1);
            let after = format!("changed twice {}", self.round - 1);
            let event = self.events.remove(&before).unwrap();
            let event = self.world.change(event.id, |content| content.title.clone_from(&after)).await;
            self.events.insert(after, event);
            let event = self.events.remove(&format!("deleted {}", self.round - 1)).unwrap();
            self.world.delete(event.id).await;
        }
        self.world.phone_adds(&format!("phone {}", self.round), day);
        if self.round > 2 {
            let there = self.world.remote(&format!("new {}", self.round - 2));
            self.world.phone_changes(there["id"].as_str().unwrap(), json!({ "location": "there" }));
        }
        self.world.leave().await;
    }

    fn start(&self, arguments: &[&str], end: Option<u64>) -> Child {
        let mut command = Command::new(program());
        command.args(arguments).env_clear().envs(self.world.environment()).env("TZ", "Europe/Berlin");
        if let Some(end) = end {
            command.env("SYNODIC_TEST_END_AT", end.to_string());
        }
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true);
        command.spawn().unwrap()
    }

    /// Looks whether everything is there, once, and nothing else.
    async fn recover(&mut self, how: &str) {
        let check = Command::new("sqlite3")
            .arg(self.world.folder.path().join("synodic.db"))
            .arg("PRAGMA integrity_check; PRAGMA foreign_key_check;")
            .output()
            .await
            .unwrap();
        assert_eq!(String::from_utf8_lossy(&check.stdout).trim(), "ok", "{how}");
        self.world.come_back().await;
        self.world.pass().await;
        self.world.pass().await;
        let last = self.world.pass().await;
        assert_eq!((last.pushed, last.pending, last.failed), (0, 0, 0), "{how}: {last:?}");
        let mut expected: Vec<_> = self.events.keys().cloned().collect();
        expected.extend((1..=self.round).map(|round| format!("phone {round}")));
        expected.sort();
        assert_eq!(self.world.titles().await, expected, "{how}, here");
        assert_eq!(self.world.remote_titles(), expected, "{how}, there");
        // Also what was deleted again would be a twin.
        let mut made: Vec<_> =
            self.world.google.all_events(ADA).iter().map(|event| event["id"].clone()).collect();
        let events = 4 * usize::try_from(self.round).unwrap();
        made.sort_by_key(ToString::to_string);
        made.dedup();
        assert!(made.len() <= events, "{how}: {} events were made for {events}", made.len());
    }
}

async fn ended(mut child: Child) -> ExitStatus {
    tokio::time::timeout(PATIENCE, child.wait()).await.expect("it does not end").unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_at_every_boundary_it_loses_and_doubles_nothing() {
    let mut field = Battlefield::new().await;
    for end in 1..MANY {
        field.edit().await;
        let status = ended(field.start(&["sync", "--json"], Some(end))).await;
        field.recover(&format!("killed at boundary {end}")).await;
        if status.signal().is_none() {
            assert!(status.success(), "{status}");
            assert!(end > 20, "a round of {end} boundaries is none: was it killed at all?");
            eprintln!("killed at each of {} boundaries", end - 1);
            return;
        }
    }
    panic!("no run came to its end");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_at_any_moment_it_loses_and_doubles_nothing() {
    let kills = std::env::var("SYNODIC_KILLS").ok().map_or(KILLS, |kills| kills.parse().unwrap());
    let mut field = Battlefield::new().await;
    let mut survived = 0;
    for kill in 0..kills {
        field.edit().await;
        let arguments: &[&str] = if kill % 2 == 0 { &["serve"] } else { &["sync"] };
        let mut child = field.start(arguments, None);
        // Spread over its life without a pattern, and the same in every run.
        let life = Duration::from_millis(kill.wrapping_mul(0x9e37_79b9) % LONGEST_LIFE);
        match tokio::time::timeout(life, child.wait()).await {
            Ok(_) => survived += 1,
            Err(_) => child.kill().await.unwrap(),
        }
        field.recover(&format!("kill {kill} after {life:?}")).await;
    }
    eprintln!("killed {} times, came to its end {survived} times before", kills - survived);
}
