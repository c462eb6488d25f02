//! A disk that takes nothing: the command says so and changes nothing, and when the disk takes something again all goes on.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use serde_json::json;
use synodic_tests::desktop::google::Google;
use synodic_tests::desktop::home::{Home, Outcome};
use synodic_tests::desktop::story::{Stage, tell};

/// Starts a program as somebody whom permissions bind, also where the tests run as root.
const ANYBODY: [&str; 2] = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"];

async fn bound(home: &Home, arguments: &[&str]) -> Outcome {
    let is_root = fs::metadata("/proc/self").is_ok_and(|own| std::os::unix::fs::MetadataExt::uid(&own) == 0);
    if is_root { home.run_within(&ANYBODY, arguments).await } else { home.run(arguments).await }
}

fn permit(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

fn adding(title: &str) -> [&str; 8] {
    ["event", "add", "--calendar", "Mine", "--title", title, "--start", "2027-03-16"]
}

#[test]
fn a_folder_or_file_that_may_only_be_read_is_named_and_left_alone() {
    tell("cli-read-only", async |stage: Stage| {
        let mut google = Google::start().await;
        let home = google.at_home(Home::new(stage.folder()));
        google.connect(&home, "Mine").await;
        home.json(["sync"]).await;
        google.go_away().await;
        home.json(adding("Waits")).await;
        let replica = home.replica();
        let whole = fs::read(&replica).unwrap();

        for (path, mode, usual) in [(home.data_dir(), 0o500, 0o700), (replica.clone(), 0o400, 0o600)] {
            permit(&path, mode);
            let refused = bound(&home, &adding("Refused")).await;
            permit(&path, usual);
            assert_eq!(refused.code, Some(1), "{refused:#?}");
            let told = refused.stderr.to_lowercase();
            assert!(told.contains("writ") && told.contains("folder"), "it says what to do: {refused:#?}");
            assert!(!told.contains("panicked") && !told.contains("code:"), "in plain words: {refused:#?}");
            assert_eq!(fs::read(&replica).unwrap(), whole, "{refused:#?}");
        }
        google.come_back().await;
        home.json(["sync"]).await;
        google.has("Waits").await;
        google.has_no("Refused").await;
        assert_eq!(home.json(["queue", "list"]).await, json!([]));
    });
}

#[test]
fn a_disk_that_takes_no_more_costs_the_edit_that_was_refused_and_no_other() {
    tell("cli-no-room", async |stage: Stage| {
        let mut google = Google::start().await;
        let home = google.at_home(Home::new(stage.folder()));
        google.connect(&home, "Mine").await;
        home.json(["sync"]).await;
        google.go_away().await;
        let (mut kept, mut refused) = (Vec::new(), 0);
        // No file may grow beyond so many blocks of 512 bytes.
        for blocks in [1, 8, 24, 40, 64, 72, 80, 96, 128, 256, 1024, 4096] {
            let title = format!("With {blocks} blocks");
            let limit = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" \"$@\"");
            let outcome = home.run_within(&["sh", "-c", &limit], &adding(&title)).await;
            if outcome.code == Some(0) {
                kept.push(title);
            } else {
                assert_eq!(outcome.code, Some(1), "{outcome:#?}");
                let told = outcome.stderr.to_lowercase();
                assert!(told.contains("disk") || told.contains("written"), "{outcome:#?}");
                assert!(!told.contains("damaged") && !told.contains("panicked"), "{outcome:#?}");
                refused += 1;
            }
        }
        assert!(refused > 0 && kept.len() > 1, "{kept:?}");
        google.come_back().await;
        home.json(["sync"]).await;
        for title in &kept {
            google.has(title).await;
        }
        let listed = home.json(["event", "list", "--from", "2027-03-16", "--to", "2027-03-17"]).await;
        assert_eq!(listed.as_array().unwrap().len(), kept.len(), "what was refused is not there: {listed:#}");
        assert_eq!(home.replica_check().await.trim(), "ok");
    });
}
