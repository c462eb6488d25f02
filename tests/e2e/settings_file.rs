//! The person's choices are exported to a file that is really there, and an edited one is taken over.

use std::fs;

use serde_json::{Value, json};
use synodic_tests::desktop::story::{Stage, tell};
use synodic_tests::desktop::wait::until;

use crate::desk::Desk;

#[test]
fn settings_are_exported_to_the_downloads_and_taken_back_from_a_file() {
    tell("settings-file", async |stage: Stage| {
        let desk = Desk::signed_in(&stage).await;
        let window = desk.window().await;
        window.click("connect").await;
        window.click("settings-data").await;
        window.click("export-settings").await;
        let path = until("the window says where the settings are", async || {
            let text = window.text().await;
            let said = text.lines().find(|line| line.contains("Your settings are in "));
            said.map(|line| line.split(" in ").last().unwrap_or_default().trim_end_matches('.').to_owned())
                .ok_or(text)
        })
        .await;
        assert!(path.starts_with(&desk.home.folder().display().to_string()), "in the person's home: {path}");
        let mut written: Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
        assert_eq!((&written["format"], &written["history_days"]), (&json!("synodic-settings"), &json!(90)));
        let text = written.to_string();
        assert!(!text.contains("example.org") && !text.contains("token"), "no account is in it: {text}");

        written["history_days"] = json!(30);
        fs::write(&path, written.to_string()).unwrap();
        window.choose_file("settings-file", &path).await;
        until("the choice of the file is the person's", async || {
            let shown = window.value_of("history-days").await;
            if shown == "30 days" { Ok(()) } else { Err(shown) }
        })
        .await;
        window.log_out().await;
    });
}
