//! `synodic demo`: the whole program on simulated accounts, for a first look.

use std::fs;

use serde_json::{Value, json};
use synodic_tests::desktop::google::event;
use synodic_tests::desktop::story::{Stage, tell};
use synodic_tests::desktop::wait::until;
use synodic_tests::desktop::window::Window;

use crate::desk::{Desk, today};

#[test]
fn the_demo_shows_a_life_and_takes_part_in_it() {
    tell("demo", async |stage: Stage| {
        let desk = Desk::new(&stage).await;
        let temporary = desk.home.folder().join("tmp");
        fs::create_dir(&temporary).unwrap();
        let home = desk.home.with("TMPDIR", temporary.display().to_string());
        let window = Window::open(&stage, &home, &["demo"]).await;
        window.show_week().await;
        until("the week is full of events", async || {
            let blocks = window.blocks().await;
            if blocks.len() > 8 { Ok(()) } else { Err(blocks) }
        })
        .await;
        window.shows_state("synced").await;

        let control = control_url(&window).await;
        let http = synodic_simulators::client_builder().no_proxy().build().unwrap();
        let accounts: Value =
            http.get(format!("{control}/accounts")).send().await.unwrap().json().await.unwrap();
        let email = accounts[0]["email"].as_str().unwrap();
        let put =
            http.put(format!("{control}/calendars/{email}/events")).json(&event("A surprise", today(), 12));
        let put: Value = put.send().await.unwrap().json().await.unwrap();
        window.sees("A surprise").await;
        let renamed = json!({ "id": put["id"], "summary": "No surprise any more" });
        http.put(format!("{control}/calendars/{email}/events")).json(&renamed).send().await.unwrap();
        window.sees("No surprise any more").await;

        window.make_event("A first event").await;
        until("the demo's account has the new event", async || {
            let mut all = Vec::new();
            let calendars: Value =
                http.get(format!("{control}/calendars")).send().await.unwrap().json().await.unwrap();
            for calendar in calendars.as_array().unwrap() {
                let address = format!("{control}/calendars/{}/events", calendar["id"].as_str().unwrap());
                let events: Value = http.get(address).send().await.unwrap().json().await.unwrap();
                all.extend(events.as_array().cloned().unwrap_or_default());
            }
            if all.iter().any(|event| event["summary"] == "A first event") { Ok(()) } else { Err(all.len()) }
        })
        .await;

        window.log_out().await;
        let left: Vec<_> =
            fs::read_dir(&temporary).unwrap().filter_map(Result::ok).map(|file| file.path()).collect();
        assert!(
            left.iter().all(|path| !path.display().to_string().contains("synodic-demo")),
            "left behind: {left:?}"
        );
        assert!(!home.data_dir().exists(), "the demo does not touch the person's own data");
    });
}

/// Where the demo's account can be seen, as the program says.
async fn control_url(window: &Window) -> String {
    until("the demo says where its account can be seen", async || {
        let said = window.said();
        let address = said.split_whitespace().find(|word| word.starts_with("http"));
        address.map(|address| format!("{}/control", address.trim_end_matches(['/', '.', ';']))).ok_or(said)
    })
    .await
}
