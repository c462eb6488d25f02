//! Google's own Python client against the simulated Google: if it finds nothing to complain about, the simulator speaks
//! the protocol that Google's library speaks.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::google::World;

/// The interpreter with `google-api-python-client`: `SYNODIC_PYTHON`, or the one that `make` sets up.
fn python() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    std::env::var_os("SYNODIC_PYTHON").map_or_else(|| root.join(".venv/bin/python"), PathBuf::from)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn googles_own_client_accepts_the_simulator() {
    let world = World::new().await;
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("conformance/google_client.py");
    let addresses = world.addresses().clone();
    let mut client = Command::new(python());
    client.arg(script).args(["--api-url", &addresses.api_url, "--access-token", &addresses.access_token]);
    client.args(["--control-url", &addresses.control_url]);
    let run = move || client.output();
    let output = tokio::task::spawn_blocking(run).await.unwrap().expect("python runs; see SYNODIC_PYTHON");
    assert!(
        output.status.success(),
        "{}\n{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
}
