//! Every command, twice: working alone under the replica's lock, and beside an engine that runs already.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use synodic_tests::desktop::google::{CALENDAR, EMAIL, Google, TEAM};
use synodic_tests::desktop::home::Home;
use synodic_tests::desktop::story::{Stage, tell};

#[test]
fn every_command_works_alone() {
    tell("cli-alone", async |stage: Stage| {
        let google = Google::start().await;
        let home = google.at_home(Home::new(stage.folder()));
        every_command(&home, &google).await;
    });
}

#[test]
fn every_command_works_beside_a_running_engine() {
    tell("cli-beside", async |stage: Stage| {
        let google = Google::start().await;
        let home = google.at_home(Home::new(stage.folder()));
        let mut serve = home.start("serve", ["serve"]);
        serve.says("serving").await;
        every_command(&home, &google).await;
        serve.terminate();
        assert!(serve.ended().await.success(), "{}", serve.said());
    });
}

/// A person's first session at the terminal, from signing in to leaving.
async fn every_command(home: &Home, google: &Google) {
    let account = google.sign_in(home).await;
    assert_eq!((&account["provider"], &account["account"]), (&json!("google"), &json!(EMAIL)));
    assert_eq!(home.json(["account", "list"]).await, json!([account]));

    link_a_calendar(home).await;
    let id = add_an_event(home, google).await;
    change_the_event(home, google, &id).await;
    repeat_an_event(home, google).await;
    delete_the_event(home, google, &id).await;

    let status = home.json(["status"]).await;
    assert_eq!((&status["pending"], &status["failed"]), (&json!(0), &json!(0)), "{status:#}");
    assert_eq!(status["integrations"][0]["account"], EMAIL, "{status:#}");
    assert_eq!(home.json(["queue", "list"]).await, json!([]));

    leave(home, google, &account["id"]).await;
}

async fn link_a_calendar(home: &Home) {
    let remotes = home.json(["calendar", "remotes"]).await;
    let names: Vec<&Value> = list(&remotes).iter().map(|remote| &remote["name"]).collect();
    assert!(names.contains(&&json!(EMAIL)) && names.contains(&&json!(TEAM)), "{remotes:#}");
    assert!(list(&remotes).iter().all(|remote| remote["linked_to"].is_null()), "{remotes:#}");

    let linked = home.json(["calendar", "link", "Mine", CALENDAR]).await;
    assert_eq!(linked["name"], "Mine");
    assert_eq!(linked["links"][0]["remote_calendar_id"], CALENDAR);
    assert_eq!(linked["links"][0]["direction"], "bidirectional");
    let calendars = home.json(["calendar", "list"]).await;
    assert!(list(&calendars).iter().any(|calendar| calendar["id"] == linked["id"]), "{calendars:#}");
    let remotes = home.json(["calendar", "remotes", EMAIL]).await;
    let linked_now = list(&remotes).iter().filter(|remote| remote["linked_to"] == linked["id"]).count();
    assert_eq!(linked_now, 1, "{remotes:#}");
}

async fn add_an_event(home: &Home, google: &Google) -> String {
    let event = home
        .json([
            "event",
            "add",
            "--calendar",
            "Mine",
            "--title",
            "Übergabe 🎼",
            "--start",
            "2027-03-15T09:00",
            "--end",
            "2027-03-15T09:45",
            "--location",
            "Café Größenwahn",
        ])
        .await;
    assert_eq!(event["content"]["title"], "Übergabe 🎼");
    let start = &event["content"]["when"]["start"];
    assert_eq!((&start["local"], &start["zone"]), (&json!("2027-03-15T09:00:00"), &json!("Europe/Berlin")));
    let id = event["id"].as_str().unwrap().to_owned();

    let shown = home.json(["event", "show", &id]).await;
    assert_eq!(shown["content"], event["content"]);
    let listed = home.json(["event", "list", "--from", "2027-03-15", "--to", "2027-03-16"]).await;
    assert_eq!(list(&listed).len(), 1, "{listed:#}");
    assert_eq!(
        (&listed[0]["event_id"], &listed[0]["starts_at"]),
        (&json!(id), &json!("2027-03-15T08:00:00Z"))
    );
    let found = home.json(["event", "search", "grossenwahn", "uber"]).await;
    assert_eq!(found, json!([]), "an ß is no double s");
    assert_eq!(home.json(["event", "search", "größenw", "uber"]).await, listed);

    let report = home.json(["sync"]).await;
    assert_eq!((&report["pending"], &report["failed"]), (&json!(0), &json!(0)), "{report:#}");
    let there = google.has("Übergabe 🎼").await;
    assert_eq!(there["location"], "Café Größenwahn");
    assert_eq!(there["start"]["timeZone"], "Europe/Berlin");
    id
}

async fn change_the_event(home: &Home, google: &Google, id: &str) {
    let changed =
        home.json(["event", "edit", id, "--title", "Handover", "--start", "2027-03-16T10:00"]).await;
    let when = &changed["content"]["when"];
    assert_eq!(when["start"]["local"], "2027-03-16T10:00:00");
    assert_eq!(when["end"]["local"], "2027-03-16T10:45:00", "a new start keeps how long it lasts");
    assert_eq!(changed["content"]["location"], "Café Größenwahn", "what was not named stays");
    home.json(["sync"]).await;
    let there = google.has("Handover").await;
    assert!(there["start"]["dateTime"].as_str().unwrap().starts_with("2027-03-16T10:00:00"), "{there:#}");
    google.has_no("Übergabe 🎼").await;
}

async fn repeat_an_event(home: &Home, google: &Google) {
    let series = home
        .json([
            "event",
            "add",
            "--calendar",
            "Mine",
            "--title",
            "Stand-up",
            "--start",
            "2027-03-22T09:00",
            "--rrule",
            "FREQ=WEEKLY;BYDAY=MO;COUNT=3",
        ])
        .await;
    let id = series["id"].as_str().unwrap();
    let listed = home.json(["event", "list", "--from", "2027-03-22", "--to", "2027-05-01"]).await;
    let starts: Vec<&str> = list(&listed).iter().map(|row| row["starts_at"].as_str().unwrap()).collect();
    let nine_before_and_after_the_clocks_change =
        ["2027-03-22T08:00:00Z", "2027-03-29T07:00:00Z", "2027-04-05T07:00:00Z"];
    assert_eq!(starts, nine_before_and_after_the_clocks_change);

    home.json(["event", "edit", id, "--occurrence", "20270329T070000Z", "--title", "Stand-up, outside"])
        .await;
    home.json(["event", "delete", id, "--occurrence", "20270405T070000Z"]).await;
    let listed = home.json(["event", "list", "--from", "2027-03-22", "--to", "2027-05-01"]).await;
    let titles: Vec<&str> = list(&listed).iter().map(|row| row["title"].as_str().unwrap()).collect();
    assert_eq!(titles, ["Stand-up", "Stand-up, outside"]);

    home.json(["sync"]).await;
    let master = google.has("Stand-up").await;
    // Google puts the parts of a rule into an order of its own.
    let rule = master["recurrence"][0].as_str().unwrap().trim_start_matches("RRULE:");
    let parts: BTreeSet<&str> = rule.split(';').collect();
    assert_eq!(parts, BTreeSet::from(["FREQ=WEEKLY", "BYDAY=MO", "COUNT=3"]), "{master:#}");
    let outside = google.has("Stand-up, outside").await;
    assert_eq!(outside["recurringEventId"], master["id"]);
    home.json(["event", "delete", id]).await;
    home.json(["sync"]).await;
    google.has_no("Stand-up").await;
}

async fn delete_the_event(home: &Home, google: &Google, id: &str) {
    assert_eq!(home.json(["event", "delete", id]).await, json!({ "deleted": id }));
    let listed = home.json(["event", "list", "--from", "2027-03-01", "--to", "2027-06-01"]).await;
    assert_eq!(listed, json!([]));
    home.json(["sync"]).await;
    google.has_no("Handover").await;
    home.run(["event", "show", id, "--json"]).await.refused(1, &["not there any more"]);

    let deleted = home.json(["history", "deleted"]).await;
    assert_eq!(deleted[0]["title"], "Handover", "{deleted:#}");
    home.json(["history", "revert", &deleted[0]["history_id"].to_string()]).await;
    let history = home.json(["history", "show", id]).await;
    let changes: Vec<&str> = list(&history).iter().map(|line| line["change"].as_str().unwrap()).collect();
    assert_eq!(changes.last(), Some(&"created"), "{history:#}");
    home.json(["sync"]).await;
    google.has("Handover").await;
    home.json(["event", "delete", id]).await;
    home.json(["sync"]).await;
    google.has_no("Handover").await;
    for nothing in [["review", "list"], ["conflict", "list"]] {
        assert_eq!(home.json(nothing).await, json!([]));
    }
    let policy = home.json(["conflict", "policy", "Mine", "ask"]).await;
    assert_eq!(policy[0]["policy"], "ask");
}

async fn leave(home: &Home, google: &Google, account: &Value) {
    google.add(&synodic_tests::desktop::google::event("Stays", "2027-03-17".parse().unwrap(), 9)).await;
    home.json(["sync"]).await;
    home.json(["calendar", "unlink", "Mine", CALENDAR]).await;
    let listed = home.json(["event", "list", "--from", "2027-03-17", "--to", "2027-03-18"]).await;
    assert_eq!(list(&listed).len(), 1, "who parts keeps what they have: {listed:#}");

    let removed = home.json(["account", "remove", EMAIL, "--remove-events"]).await;
    assert_eq!(&removed["id"], account);
    assert_eq!(home.json(["account", "list"]).await, json!([]));
    google.has("Stays").await;
}

fn list(value: &Value) -> &[Value] {
    value.as_array().unwrap_or_else(|| panic!("no list: {value:#}"))
}
