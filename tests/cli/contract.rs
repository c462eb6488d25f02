//! What `docs/command-line.md` promises of `--json` is what the program prints: scripts build on it.
//!
//! Each example there is a heading that names a command, and a document. An answer fits it when it has every field of
//! the example, each of the example's type; it may have more. Null in an example stands for “may be missing”.

use std::path::Path;

use serde_json::{Map, Value, json};
use synodic_tests::desktop::google::Google;
use synodic_tests::desktop::home::Home;
use synodic_tests::desktop::story::{Stage, tell};

#[test]
fn every_document_is_as_the_guide_says() {
    tell("cli-contract", async |stage: Stage| {
        let google = Google::start().await;
        let home = google.at_home(Home::new(stage.folder()));
        google.connect(&home, "Mine").await;
        home.json(["sync"]).await;
        let add = ["event", "add", "--calendar", "Mine", "--title", "Dentist", "--start", "2027-03-15T09:00"];
        let added = home.json(add.into_iter().chain(["--end", "2027-03-15T09:30"])).await;
        let id = added["id"].as_str().unwrap_or_else(|| panic!("no id: {added:#}")).to_owned();

        let guide = Guide::read();
        guide.fits("event add", &added);
        guide.fits("queue list", &home.json(["queue", "list"]).await);
        guide.fits("status", &home.json(["status"]).await);
        guide.fits("sync", &home.json(["sync"]).await);
        guide.fits("account list", &home.json(["account", "list"]).await);
        guide.fits("calendar list", &home.json(["calendar", "list"]).await);
        guide.fits("calendar remotes", &home.json(["calendar", "remotes"]).await);
        let list = ["event", "list", "--from", "2027-03-15", "--to", "2027-03-16"];
        guide.fits("event list", &home.json(list).await);
        guide.fits("event show", &home.json(["event", "show", &id]).await);
        guide.fits("event delete", &home.json(["event", "delete", &id]).await);
    });
}

#[test]
fn a_document_that_changed_is_noticed() {
    let promised = json!([{ "id": 1, "reason": null, "links": [{ "name": "a" }] }]);
    assert_eq!(differences(&promised, &json!([{ "id": 2, "reason": "b", "links": [], "new": 1 }])), [""; 0]);
    for (answer, expected) in [
        (json!([{ "id": "2", "reason": null, "links": [] }]), "[].id is a string, not a number"),
        (json!([{ "reason": null, "links": [] }]), "[].id is missing"),
        (
            json!([{ "id": 2, "reason": null, "links": [{ "name": 1 }] }]),
            "[].links[].name is a number, not a string",
        ),
        (json!({}), " is an object, not an array"),
    ] {
        assert_eq!(differences(&promised, &answer), [expected]);
    }
}

/// The guide's examples, by the words of their commands.
struct Guide(Map<String, Value>);

impl Guide {
    fn read() -> Self {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/command-line.md");
        let text = std::fs::read_to_string(&file).unwrap();
        let mut examples = Map::new();
        for section in text.split("\n### `synodic ").skip(1) {
            let (command, rest) = section.split_once('`').unwrap();
            let (_, rest) =
                rest.split_once("```json\n").unwrap_or_else(|| panic!("{command} has no example"));
            let (example, _) = rest.split_once("```").unwrap();
            let example = serde_json::from_str(example).unwrap_or_else(|error| panic!("{command}: {error}"));
            examples.insert(command.to_owned(), example);
        }
        Self(examples)
    }

    /// Insists that an answer is as the example.
    fn fits(&self, command: &str, answer: &Value) {
        let promised = self.0.get(command).unwrap_or_else(|| panic!("the guide has nothing about {command}"));
        let differences = differences(promised, answer);
        assert!(differences.is_empty(), "synodic {command} --json: {differences:#?}\n{answer:#}");
        assert!(
            answer.as_array().is_none_or(|rows| !rows.is_empty()),
            "{command}: an empty list proves nothing"
        );
    }
}

/// In what an answer differs from an example.
fn differences(promised: &Value, answer: &Value) -> Vec<String> {
    let mut found = Vec::new();
    compare("", promised, answer, &mut found);
    found
}

fn compare(place: &str, promised: &Value, answer: &Value, found: &mut Vec<String>) {
    match (promised, answer) {
        (Value::Null, _) | (_, Value::Null) => {}
        (Value::Object(promised), Value::Object(answer)) => {
            for (name, promised) in promised {
                let place = format!("{place}.{name}");
                match answer.get(name) {
                    Some(answer) => compare(&place, promised, answer, found),
                    // What may be null may be left out.
                    None if promised.is_null() => {}
                    None => found.push(format!("{place} is missing")),
                }
            }
        }
        (Value::Array(promised), Value::Array(answer)) => {
            let Some(promised) = promised.first() else { return };
            for answer in answer {
                compare(&format!("{place}[]"), promised, answer, found);
            }
        }
        (promised, answer) if kind(promised) == kind(answer) => {}
        (promised, answer) => found.push(format!("{place} is {}, not {}", kind(answer), kind(promised))),
    }
}

const fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "nothing",
        Value::Bool(_) => "a truth value",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}
