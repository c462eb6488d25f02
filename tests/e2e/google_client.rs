//! Google's own Python client at the other end: a real client of the protocol, not our own reading of it.

use std::path::{Path, PathBuf};

use serde_json::Value;
use synodic_tests::desktop::google::Google;
use synodic_tests::desktop::story::{Stage, tell};

use crate::desk::{Desk, today};

#[test]
fn googles_own_client_and_the_window_see_each_others_events() {
    tell("google-client", async |stage: Stage| {
        let desk = Desk::signed_in(&stage).await;
        let window = desk.window().await;
        window.shows_state("synced").await;

        let inserted = python(&desk.google, &["insert", "Inserted by Python", &today().to_string()]).await;
        window.sees("Inserted by Python").await;

        window.make_event("Made in the window").await;
        desk.google.has("Made in the window").await;
        let listed = python(&desk.google, &["list"]).await;
        let titles: Vec<&str> =
            listed.as_array().unwrap().iter().filter_map(|event| event["summary"].as_str()).collect();
        assert_eq!(titles.len(), 2, "{titles:?}");
        assert!(
            titles.contains(&"Made in the window") && titles.contains(&"Inserted by Python"),
            "{titles:?}"
        );

        let id = inserted["id"].as_str().unwrap();
        python(&desk.google, &["rename", id, "Renamed by Python"]).await;
        window.sees("Renamed by Python").await;
        python(&desk.google, &["delete", id]).await;
        window.sees_no_more("Renamed by Python").await;
    });
}

/// Runs the client and returns what it printed.
async fn python(google: &Google, arguments: &[&str]) -> Value {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("e2e/python/google_client.py");
    let output = tokio::process::Command::new(interpreter())
        .arg(script)
        .args([&format!("{}/", google.api_url()), google.token()])
        .args(arguments)
        .output()
        .await
        .expect("Python can be started");
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// The Python that has Google's client: `SYNODIC_PYTHON`, or that of the repository's virtual environment.
fn interpreter() -> PathBuf {
    let ours = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../.venv/bin/python");
    std::env::var_os("SYNODIC_PYTHON").map_or_else(ours, PathBuf::from)
}
