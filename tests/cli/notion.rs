//! A Notion database on the command line: connected, matched, and kept in step both ways.

use serde_json::{Value, json};
use synodic_simulators::notion::NewDatabase;
use synodic_tests::desktop::home::Home;
use synodic_tests::desktop::notion::{Notion, VERANSTALTUNGEN, words};
use synodic_tests::desktop::story::{Stage, tell};

/// A home whose one account is this Notion.
async fn connected(stage: &Stage, notion: &Notion) -> Home {
    let home = notion.at_home(Home::new(stage.folder()));
    let typed = format!("{}\n", notion.token());
    home.run_with_input(["account", "add", "notion", "--token-stdin", "--json"], &typed).await.done();
    home
}

async fn find(home: &Home, title: &str) -> Value {
    let listed = home.json(["event", "list", "--from", "2027-03-01", "--to", "2027-04-01"]).await;
    let mut found = listed.as_array().unwrap().iter().filter(|event| event["title"] == title);
    found.next().unwrap_or_else(|| panic!("no {title}: {listed:#}")).clone()
}

#[test]
fn a_database_is_matched_and_kept_in_step_both_ways() {
    tell("cli-notion", async |stage: Stage| {
        let notion = Notion::start().await;
        notion.add_text_property("Hinweise");
        let home = connected(&stage, &notion).await;

        let remotes = home.json(["calendar", "remotes"]).await;
        let names = remotes.as_array().unwrap().iter().map(|remote| remote["name"].as_str().unwrap());
        assert_eq!(names.collect::<Vec<_>>(), ["🎭 Veranstaltungen", "🚀 Projects"], "{remotes:#}");

        let link = ["calendar", "link", "Events", VERANSTALTUNGEN, "--map", "description=Hinweise"];
        let plan = home.json(link.into_iter().chain(["--plan"])).await;
        assert!(plan["new_here"].as_u64().unwrap() > 0, "{plan:#}");
        assert_eq!((&plan["matched"], &plan["new_there"]), (&json!(0), &json!(0)), "{plan:#}");
        assert_eq!(home.json(["calendar", "list"]).await, json!([]), "a plan writes nothing");
        home.json(link).await;
        let mapping = home.json(["calendar", "mapping", "Events", VERANSTALTUNGEN]).await;
        let holder = |slot: &str| mapping["mapping"]["slots"][slot]["property"]["name"].clone();
        assert_eq!(holder("when"), "Datum", "{mapping:#}");
        assert_eq!(holder("location"), "Ort", "{mapping:#}");
        assert_eq!(holder("description"), "Hinweise", "{mapping:#}");

        let add = ["event", "add", "--calendar", "Events", "--title", "Probe", "--start", "2027-03-16T19:00"];
        let more = ["--end", "2027-03-16T21:00", "--tz", "Europe/Berlin", "--location", "Saal 2"];
        home.json(add.into_iter().chain(more).chain(["--description", "Noten mitbringen"])).await;
        home.json(["sync"]).await;
        let page = notion.page("Probe");
        assert_eq!(words(&page, "Ort"), "Saal 2");
        assert_eq!(words(&page, "Hinweise"), "Noten mitbringen");
        let date = &page["properties"]["Datum"]["date"];
        assert!(date["start"].as_str().unwrap().starts_with("2027-03-16T19:00"), "{date:#}");
        assert!(date["end"].as_str().unwrap().starts_with("2027-03-16T21:00"), "{date:#}");

        notion.write("Probe", "Ort", "Großer Saal");
        home.json(["sync"]).await;
        let event = find(&home, "Probe").await;
        let id = event["event_id"].as_str().unwrap();
        assert_eq!(home.json(["event", "show", id]).await["content"]["location"], "Großer Saal");

        let other = ["calendar", "mapping", "Events", VERANSTALTUNGEN, "--map", "description=-", "--plan"];
        let plan = home.json(other).await;
        assert_eq!((&plan["written_there"], &plan["taken_here"]), (&json!(0), &json!(0)), "{plan:#}");
        let mapping = home.json(["calendar", "mapping", "Events", VERANSTALTUNGEN]).await;
        assert_eq!(
            mapping["mapping"]["slots"]["description"]["property"]["name"], "Hinweise",
            "a plan changes nothing"
        );

        home.json(["event", "edit", id, "--title", "Generalprobe"]).await;
        home.json(["sync"]).await;
        assert_eq!(words(&notion.page("Generalprobe"), "Ort"), "Großer Saal");

        home.json(["event", "delete", id]).await;
        home.json(["sync"]).await;
        assert!(
            notion.pages().iter().all(|page| words(page, "Name") != "Generalprobe"),
            "it is in the trash"
        );
        assert_eq!(home.json(["queue", "list"]).await, json!([]));
        let quiet = home.json(["sync"]).await;
        assert_eq!((&quiet["pushed"], &quiet["failed"]), (&json!(0), &json!(0)), "{quiet:#}");
    });
}

#[test]
fn what_cannot_be_matched_is_said_in_words() {
    tell("cli-notion-refused", async |stage: Stage| {
        let notion = Notion::start().await;
        notion.control().add_database(NewDatabase {
            title: "Shopping".into(),
            properties: [("Name".to_owned(), json!({ "title": {} }))].into(),
            ..NewDatabase::default()
        });
        let strange = notion.at_home(Home::new(stage.folder()));
        let add = ["account", "add", "notion", "--token-stdin", "--json"];
        strange.run_with_input(add, "ntn_of_nobody\n").await.refused(1, &["Notion", "token"]);
        assert_eq!(strange.json(["account", "list"]).await, json!([]), "nothing is left of it");

        let home = connected(&stage, &notion).await;
        let before = home.json(["calendar", "list"]).await;
        let link = async |remote: &str, more: &[&str]| {
            let words = ["calendar", "link", "Events", remote, "--json"];
            home.run(words.iter().chain(more)).await
        };
        link("Shopping", &[]).await.refused(2, &["date"]);
        link(VERANSTALTUNGEN, &["--map", "location=Nirgends"]).await.refused(2, &["Nirgends", "Ort"]);
        link("Nowhere", &[]).await.refused(1, &["Nowhere"]);
        let unknown_field = link(VERANSTALTUNGEN, &["--map", "colour=Ort"]).await;
        assert_eq!(unknown_field.code, Some(2), "{unknown_field:#?}");
        assert!(unknown_field.stderr.contains("there is no field “colour”"), "{unknown_field:#?}");
        assert_eq!(home.json(["calendar", "list"]).await, before, "no calendar is left of what was refused");
    });
}
