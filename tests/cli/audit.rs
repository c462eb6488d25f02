//! `synodic audit`: what is here is compared with what is there.

use std::fs;

use serde_json::json;
use synodic_model::sync::Link;
use synodic_store::{Durability, OpenOptions, Store};
use synodic_tests::desktop::google::{EMAIL, Google, event};
use synodic_tests::desktop::home::Home;
use synodic_tests::desktop::story::{Stage, tell};

#[test]
fn a_comparison_says_what_was_never_told_and_puts_it_right() {
    tell("cli-audit", async |stage: Stage| {
        let google = Google::start().await;
        let home = google.at_home(Home::new(stage.folder()));
        let nothing = home.run(["audit"]).await.done();
        assert!(nothing.stdout.contains("Nothing is linked"), "{nothing:#?}");

        google.connect(&home, "Mine").await;
        let day = "2027-03-15".parse().unwrap();
        let changing = google.add(&event("Before", day, 9)).await;
        google.add(&event("Stays", day, 11)).await;
        home.json(["sync"]).await;
        let same = home.run(["audit", EMAIL]).await.done();
        assert!(
            same.stdout.contains("“ada@example.org” of ada@example.org: 2 events compared, all the same."),
            "{same:#?}"
        );

        miss(&home, async || google.change(&changing, &json!({ "summary": "After" })).await).await;
        home.json(["sync"]).await;
        assert_eq!(titles(&home).await, ["Before", "Stays"], "nobody tells of it");
        let drifted = home.json(["audit"]).await;
        assert_eq!(drifted["links"][0]["drifted"], 1, "{drifted:#}");
        assert_eq!(drifted["links"][0]["drift"][0]["title"], "Before", "{drifted:#}");
        assert_eq!(titles(&home).await, ["After", "Stays"]);
    });
}

#[test]
fn a_comparison_that_cannot_be_made_fails_and_says_why() {
    tell("cli-audit-offline", async |stage: Stage| {
        let mut google = Google::start().await;
        let home = google.at_home(Home::new(stage.folder()));
        google.connect(&home, "Mine").await;
        home.run(["audit", "nobody@example.org"]).await.refused(1, &["nobody@example.org"]);
        google.go_away().await;
        let outcome = home.run(["audit"]).await;
        assert_eq!(outcome.code, Some(1), "{outcome:#?}");
        assert!(outcome.stderr.contains("cannot be reached"), "{outcome:#?}");
        assert!(!outcome.stdout.contains("all the same"), "{outcome:#?}");
    });
}

async fn titles(home: &Home) -> Vec<String> {
    let shown = home.json(["event", "list", "--from", "2027-03-15", "--to", "2027-03-16"]).await;
    let mut titles: Vec<_> =
        shown.as_array().unwrap().iter().map(|event| event["title"].as_str().unwrap().to_owned()).collect();
    titles.sort();
    titles
}

/// Has `change` happen without anybody being told of it: the replica goes on from behind it.
async fn miss(home: &Home, change: impl AsyncFnOnce()) {
    let path = home.replica();
    let before = fs::read(&path).unwrap();
    change().await;
    home.json(["sync"]).await;
    let open = async || Store::open(&path, OpenOptions::default()).await.unwrap();
    let store = open().await;
    let cursor = store.links().await.unwrap().swap_remove(0).cursor;
    store.close().await;
    fs::write(&path, before).unwrap();
    let store = open().await;
    let link = store.links().await.unwrap().swap_remove(0);
    let mut transaction = store.begin(Durability::Edit).await.unwrap();
    transaction.put_link(&Link { cursor, ..link }).await.unwrap();
    transaction.commit().await.unwrap();
    store.close().await;
}
