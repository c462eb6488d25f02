//! Calendar files in and out, alone and beside an engine that runs already.

use std::fs;

use serde_json::{Value, json};
use synodic_tests::desktop::home::Home;
use synodic_tests::desktop::story::{Stage, tell};

const FILE: &str = "BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:lunch\nDTSTART:20270316T110000Z\nDURATION:PT1H\nSUMMARY:Lunch\n\
    END:VEVENT\nBEGIN:VEVENT\nUID:band\nDTSTART;TZID=Europe/Berlin:20270317T190000\nDURATION:PT2H\nSUMMARY:Band\n\
    RRULE:FREQ=WEEKLY;COUNT=3\nEND:VEVENT\nEND:VCALENDAR\n";

#[test]
fn files_come_in_and_go_out_alone() {
    tell("cli-files-alone", async |stage: Stage| {
        in_and_out(&Home::new(stage.folder())).await;
    });
}

#[test]
fn files_come_in_and_go_out_beside_a_running_engine() {
    tell("cli-files-beside", async |stage: Stage| {
        let home = Home::new(stage.folder());
        let mut serve = home.start("serve", ["serve"]);
        serve.says("serving").await;
        in_and_out(&home).await;
        serve.terminate();
        assert!(serve.ended().await.success(), "{}", serve.said());
    });
}

async fn titles(home: &Home) -> Vec<Value> {
    let events = home.json(["event", "list", "--from", "2027-01-01", "--to", "2028-01-01"]).await;
    events.as_array().unwrap().iter().map(|event| event["title"].clone()).collect()
}

async fn in_and_out(home: &Home) {
    let file = home.folder().join("club.ics");
    let file = file.to_str().unwrap();
    fs::write(file, FILE).unwrap();
    home.json(["calendar", "add", "Mine"]).await;

    let preview = home.json(["import", file, "--calendar", "Mine", "--dry-run"]).await;
    assert_eq!((&preview["new"], &preview["rows"][1]["fate"]), (&json!(2), &json!("new")), "{preview:#}");
    assert!(titles(home).await.is_empty(), "nothing is written");

    let report = home.json(["import", file, "--calendar", "Mine"]).await;
    assert_eq!((&report["created"], &report["same"]), (&json!(2), &json!(0)), "{report:#}");
    assert_eq!(titles(home).await, ["Lunch", "Band", "Band", "Band"]);
    let again = home.json(["import", file, "--calendar", "Mine"]).await;
    assert_eq!((&again["created"], &again["same"]), (&json!(0), &json!(2)), "{again:#}");

    fs::write(file, FILE.replace("SUMMARY:Lunch", "SUMMARY:Brunch")).unwrap();
    let kept = home.json(["import", file, "--calendar", "Mine"]).await;
    assert_eq!((&kept["skipped"], &titles(home).await[0]), (&json!(1), &json!("Lunch")));
    let replaced = home.json(["import", file, "--calendar", "Mine", "--replace"]).await;
    assert_eq!((&replaced["replaced"], &titles(home).await[0]), (&json!(1), &json!("Brunch")));

    let out = home.folder().join("out.ics");
    let exported = home.json(["export", "--calendar", "Mine", "--output", out.to_str().unwrap()]).await;
    assert_eq!(exported["events"], 2);
    let printed = home.run(["export", "--calendar", "Mine"]).await.done().stdout;
    assert!(printed.starts_with("BEGIN:VCALENDAR") && printed.contains("SUMMARY:Brunch"), "{printed}");
    home.json(["calendar", "add", "Copy"]).await;
    let copied = home.json(["import", out.to_str().unwrap(), "--calendar", "Copy"]).await;
    assert_eq!(copied["created"], 2);

    fs::write(file, "%PDF-1.7").unwrap();
    home.run(["import", file, "--calendar", "Mine"]).await.refused(2, &["BEGIN:VCALENDAR"]);
    home.run(["import", "/nowhere.ics", "--calendar", "Mine"]).await.refused(2, &["/nowhere.ics"]);
}
