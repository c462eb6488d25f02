//! `synodic audit`: what is here is compared with what is there.

use serde_json::json;
use synodic_tests::desktop::google::{EMAIL, Google, event};
use synodic_tests::desktop::home::Home;
use synodic_tests::desktop::story::{Stage, tell};

#[test]
fn a_comparison_says_how_much_was_compared_and_what_came_of_it() {
    tell("cli-audit", async |stage: Stage| {
        let google = Google::start().await;
        let home = google.at_home(Home::new(stage.folder()));
        let nothing = home.run(["audit"]).await.done();
        assert!(nothing.stdout.contains("Nothing is linked"), "{nothing:#?}");

        google.connect(&home, "Mine").await;
        let day = "2027-03-15".parse().unwrap();
        google.add(&event("Stand-up", day, 9)).await;
        google.add(&event("Lunch", day, 12)).await;
        home.json(["sync"]).await;
        let same = home.run(["audit", EMAIL]).await.done();
        assert!(
            same.stdout.contains("“ada@example.org” of ada@example.org: 2 events compared, all the same."),
            "{same:#?}"
        );
        let told = home.json(["audit"]).await;
        assert_eq!(
            (&told["links"][0]["checked"], &told["links"][0]["drifted"]),
            (&json!(2), &json!(0)),
            "{told:#}"
        );
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
