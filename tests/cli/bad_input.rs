//! What cannot be done is refused in one sentence, and leaves nothing behind.

use std::fs;
use std::net::TcpListener;

use serde_json::{Value, json};
use synodic_tests::desktop::home::{Home, Outcome};
use synodic_tests::desktop::story::{Stage, tell};

/// A home with one local calendar and one event in it.
async fn home_with_an_event(stage: &Stage) -> Home {
    let home = Home::new(stage.folder());
    home.json(["calendar", "add", "Mine"]).await;
    add(&home, &["--title", "Here before", "--start", "2027-03-16T10:00"]).await.done();
    home
}

async fn add(home: &Home, what: &[&str]) -> Outcome {
    home.run(["event", "add", "--json", "--calendar", "Mine"].iter().chain(what)).await
}

/// All that there is in that year.
async fn everything(home: &Home) -> Value {
    home.json(["event", "list", "--from", "2027-01-01", "--to", "2028-01-01"]).await
}

#[test]
fn what_is_no_event_is_refused_and_nothing_is_half_written() {
    tell("cli-bad-event", async |stage: Stage| {
        let home = home_with_an_event(&stage).await;
        let before = everything(&home).await;
        let id = before[0]["event_id"].as_str().unwrap();
        let endless_title = "x".repeat(100_000);
        let start = ["--title", "Bad", "--start", "2027-03-16T10:00"];
        let bad: [(&[&str], &[&str]); 6] = [
            (&["--end", "2027-03-16T09:00"], &["ends before"]),
            (&["--tz", "Europe/Berln"], &["Europe/Berln", "zone"]),
            (&["--rrule", "FREQ=SOMETIMES"], &["FREQ=SOMETIMES"]),
            (&["--rrule", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"], &["never"]),
            (&["--end", "teatime"], &["teatime"]),
            (&["--description", &endless_title], &["long"]),
        ];
        for (what, words) in bad {
            add(&home, &[&start, what].concat()).await.refused(2, words);
            let edited = home.run(["event", "edit", id, "--json"].iter().chain(what)).await;
            edited.refused(2, words);
            assert_eq!(everything(&home).await, before, "after {words:?}");
        }
        add(&home, &["--title", &endless_title, "--start", "2027-03-16"])
            .await
            .refused(2, &["title", "long"]);
        assert_eq!(everything(&home).await, before);
        assert_eq!(home.json(["queue", "list"]).await, json!([]));
    });
}

#[test]
fn what_is_not_there_is_named() {
    tell("cli-not-there", async |stage: Stage| {
        let home = home_with_an_event(&stage).await;
        let nobody = "00000000-0000-7000-8000-000000000000";
        home.run(["event", "show", nobody]).await.refused(1, &["event"]);
        home.run(["event", "delete", nobody]).await.refused(1, &["event"]);
        home.run(["account", "remove", "nobody@example.org", "--keep-events"])
            .await
            .refused(1, &["nobody@example.org"]);
        home.run(["calendar", "link", "Mine", "elsewhere"]).await.refused(1, &["elsewhere"]);
        let add = ["event", "add", "--calendar", "Yours", "--title", "x", "--start", "2027-03-15"];
        home.run(add).await.refused(1, &["Yours", "calendar list"]);
        home.run(["account", "add", "google", "--no-browser"]).await.refused(1, &["GOOGLE_CLIENT_ID"]);
        assert_eq!(home.run(["calendar", "lst"]).await.code, Some(2));
    });
}

#[test]
fn a_data_folder_that_cannot_be_written_is_named() {
    tell("cli-unwritable", async |stage: Stage| {
        let home = Home::new(stage.folder());
        let in_the_way = home.folder().join("file");
        fs::write(&in_the_way, "not a folder").unwrap();
        // Nobody can write into /proc, not even root.
        for folder in [in_the_way.join("data"), "/proc/synodic".into()] {
            let folder = folder.display().to_string();
            let outcome = home.run(["calendar", "list", "--json", "--data-dir", &folder]).await;
            outcome.refused(1, &[&folder, "--data-dir"]);
        }
        assert_eq!(fs::read_to_string(&in_the_way).unwrap(), "not a folder");
    });
}

#[test]
fn a_port_that_is_taken_is_named() {
    tell("cli-port-taken", async |stage: Stage| {
        let taken = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = taken.local_addr().unwrap().to_string();
        let home = Home::new(stage.folder());
        home.run(["simulate", "google", "--json", "--listen", &address]).await.refused(1, &[&address]);
        let home = home.with("SYNODIC_WEBHOOK_LISTEN", &address);
        let outcome = home.run(["serve"]).await;
        let sentence = outcome.stderr.lines().last().unwrap_or_default().to_owned();
        let port = taken.local_addr().unwrap().port().to_string();
        Outcome { stderr: sentence, ..outcome }.refused(1, &[&port]);
        // A single command needs no port and works meanwhile.
        home.json(["calendar", "list"]).await;
    });
}

#[test]
fn a_second_engine_is_refused_and_the_first_goes_on() {
    tell("cli-second-start", async |stage: Stage| {
        let home = Home::new(stage.folder());
        let mut first = home.start("serve", ["serve"]);
        first.says("serving").await;
        home.run(["serve"]).await.refused(1, &["another Synodic", "--data-dir"]);
        assert!(first.runs());
        home.json(["calendar", "list"]).await;
        first.terminate();
        assert!(first.ended().await.success(), "{}", first.said());
        let mut again = home.start("serve-again", ["serve"]);
        again.says("serving").await;
    });
}

#[test]
fn a_damaged_replica_is_moved_aside_and_what_can_be_read_goes_on() {
    tell("cli-damaged", async |stage: Stage| {
        let home = home_with_an_event(&stage).await;
        let replica = home.replica();
        let before = everything(&home).await;
        let mut bytes = fs::read(&replica).unwrap();
        bytes.truncate(bytes.len() - 100);
        fs::write(&replica, &bytes).unwrap();
        let outcome = home.run(["calendar", "list", "--json"]).await;
        assert!(
            outcome.stderr.contains("damaged") && outcome.stderr.contains("moved aside"),
            "{}",
            outcome.stderr
        );
        assert!(outcome.done().stdout.contains("Mine"));
        assert_eq!(everything(&home).await, before, "a calendar that is kept nowhere else is found in it");
        let folder = fs::read_dir(replica.parent().unwrap()).unwrap().map(|entry| entry.unwrap().path());
        let aside: Vec<_> = folder.filter(|path| path.display().to_string().contains(".damaged-")).collect();
        assert_eq!(aside.len(), 1, "{aside:?}");
        assert_eq!(fs::read(&aside[0]).unwrap(), bytes, "not a byte of it was touched");
        let again = home.run(["calendar", "list", "--json"]).await;
        assert!(!again.stderr.contains("damaged"), "it is told once: {}", again.stderr);
    });
}

#[test]
fn a_file_that_was_never_a_replica_is_named_and_kept() {
    tell("cli-foreign", async |stage: Stage| {
        let home = home_with_an_event(&stage).await;
        let replica = home.replica();
        fs::write(&replica, "a letter to my aunt, which is no database at all".repeat(50)).unwrap();
        home.run(["calendar", "list", "--json"])
            .await
            .refused(1, &[replica.file_name().unwrap().to_str().unwrap()]);
        assert!(fs::read_to_string(&replica).unwrap().starts_with("a letter to my aunt"));
    });
}

#[test]
fn a_replica_of_a_newer_version_is_named_and_kept() {
    tell("cli-newer", async |stage: Stage| {
        let home = home_with_an_event(&stage).await;
        let newer = "insert into _sqlx_migrations (version, description, success, checksum, execution_time)
                     values (99990101000000, 'from the future', 1, x'00', 1)";
        let status = home.command("sqlite3").arg(home.replica()).arg(newer).status().await.unwrap();
        assert!(status.success(), "sqlite3 can write it");
        home.run(["calendar", "list", "--json"]).await.refused(1, &["newer", "update"]);
    });
}
