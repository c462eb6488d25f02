//! `synodic sync`: one complete pass, and nothing when there is nothing to do.

use serde_json::json;
use synodic_simulators::fault::{Effect, Fault};
use synodic_tests::desktop::google::{Google, event};
use synodic_tests::desktop::home::Home;
use synodic_tests::desktop::story::{Stage, tell};

#[test]
fn a_second_pass_makes_one_request_per_calendar_and_changes_nothing() {
    tell("cli-sync-twice", async |stage: Stage| {
        let google = Google::start().await;
        let home = google.at_home(Home::new(stage.folder()));
        google.connect(&home, "Mine").await;
        home.json(["calendar", "link", "Team", google.team()]).await;
        for hour in 8..18 {
            google
                .add(&event(&format!("From the phone at {hour}"), "2027-03-15".parse().unwrap(), hour))
                .await;
        }
        home.json(["event", "add", "--calendar", "Team", "--title", "From here", "--start", "2027-03-16"])
            .await;

        let first = home.json(["sync"]).await;
        assert_eq!(first["pushed"], 1, "{first:#}");
        let created: u64 =
            first["links"].as_array().unwrap().iter().filter_map(|link| link["created"].as_u64()).sum();
        assert_eq!(created, 10, "{first:#}");

        let before = google.control().requests().len();
        let events_before = google.control().all_events(google.team());
        let second = home.json(["sync"]).await;
        let requests = google.requests_since(before);
        assert_eq!(requests.len(), 2, "one request for each of two calendars: {requests:#?}");
        assert!(
            requests.iter().all(|request| request.method == "GET" && request.query.contains("syncToken=")),
            "only what is new is asked for: {requests:#?}"
        );
        assert_eq!(second["requests"], 2, "{second:#}");
        assert_eq!(second["pushed"], 0, "{second:#}");
        for link in second["links"].as_array().unwrap() {
            for count in ["created", "updated", "deleted", "unreadable"] {
                assert_eq!(link[count], 0, "{second:#}");
            }
        }
        assert_eq!(google.control().all_events(google.team()), events_before, "nothing changed there");
        let listed = home.json(["event", "list", "--from", "2027-03-15", "--to", "2027-03-17"]).await;
        assert_eq!(listed.as_array().unwrap().len(), 11, "{listed:#}");
    });
}

#[test]
fn a_pass_that_cannot_reach_the_account_says_so_and_keeps_the_edit() {
    tell("cli-sync-offline", async |stage: Stage| {
        let mut google = Google::start().await;
        let home = google.at_home(Home::new(stage.folder()));
        google.connect(&home, "Mine").await;
        home.json(["sync"]).await;

        google.go_away().await;
        home.json(["event", "add", "--calendar", "Mine", "--title", "Waits", "--start", "2027-03-16"]).await;
        let outcome = home.run(["sync", "--json"]).await;
        assert_eq!(outcome.code, Some(1), "{outcome:#?}");
        assert_eq!(outcome.document()["pending"], 1, "{outcome:#?}");
        assert!(!outcome.stderr.trim().is_empty(), "the reason is told: {outcome:#?}");
        let waiting = home.json(["queue", "list"]).await;
        assert_eq!(waiting[0]["title"], "Waits", "{waiting:#}");

        google.come_back().await;
        let report = home.json(["sync"]).await;
        assert_eq!(report["pushed"], 1, "{report:#}");
        google.has("Waits").await;
        assert_eq!(home.json(["queue", "list"]).await, json!([]));
    });
}

#[test]
fn a_lost_answer_does_not_make_a_second_event() {
    tell("cli-sync-lost-answer", async |stage: Stage| {
        let google = Google::start().await;
        let home = google.at_home(Home::new(stage.folder()));
        google.connect(&home, "Mine").await;
        home.json(["event", "add", "--calendar", "Mine", "--title", "Once", "--start", "2027-03-16"]).await;
        google.inject(Fault::new(Effect::DropAfter).on("POST", "/events").times(1));
        // Whether the pass itself looks again or leaves that to the next one is its own affair.
        home.run(["sync", "--json"]).await;
        home.json(["sync"]).await;
        google.has("Once").await;
        assert_eq!(home.json(["queue", "list"]).await, json!([]));
    });
}

#[test]
fn a_refused_edit_can_be_tried_again_or_given_up() {
    tell("cli-refused", async |stage: Stage| {
        let google = Google::start().await;
        let home = google.at_home(Home::new(stage.folder()));
        google.connect(&home, "Mine").await;
        home.json(["sync"]).await;
        let refusal = Effect::Status {
            status: 403,
            reason: "forbidden".into(),
            retry_after_seconds: None,
            applied: false,
        };
        google.inject(Fault::new(refusal).on("POST", "/events"));
        for title in ["Tried again", "Given up"] {
            home.json(["event", "add", "--calendar", "Mine", "--title", title, "--start", "2027-03-16"])
                .await;
        }
        let outcome = home.run(["sync", "--json"]).await;
        assert_eq!(outcome.code, Some(1), "{outcome:#?}");
        assert_eq!(outcome.document()["failed"], 2, "{outcome:#?}");
        assert!(outcome.stderr.contains("synodic queue list"), "it says where to look: {outcome:#?}");
        assert_eq!(home.json(["status"]).await["state"], "failed");

        google.control().clear_faults();
        let queue = home.json(["queue", "list"]).await;
        let row = |title: &str| {
            let row = queue.as_array().unwrap().iter().find(|row| row["title"] == title);
            row.unwrap_or_else(|| panic!("no {title}: {queue:#}"))["id"].to_string()
        };
        home.json(["queue", "discard", &row("Given up")]).await;
        home.json(["queue", "retry", &row("Tried again")]).await;
        let report = home.json(["sync"]).await;
        assert_eq!((&report["pushed"], &report["failed"]), (&json!(1), &json!(0)), "{report:#}");
        google.has("Tried again").await;
        google.has_no("Given up").await;
        assert_eq!(home.json(["queue", "list"]).await, json!([]));
        let kept = home.json(["event", "list", "--from", "2027-03-16", "--to", "2027-03-17"]).await;
        assert_eq!(kept.as_array().unwrap().len(), 2, "what is given up stays here: {kept:#}");
    });
}
