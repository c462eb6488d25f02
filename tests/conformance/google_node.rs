//! Google's own Node client against the simulated Google: a second reading of the protocol by its authors.

use std::path::Path;
use std::process::Command;

use crate::google::{ADA, World};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn googles_own_client_for_node_accepts_the_simulator() {
    let world = World::new().await;
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("conformance/node/google_client.mjs");
    let addresses = world.addresses().clone();
    let mut client = Command::new("node");
    client.arg(script).args(["--api-url", &addresses.api_url, "--token-url", &addresses.token_url]);
    client.args(["--control-url", &addresses.control_url, "--email", ADA]);
    let run = move || client.output();
    let output = tokio::task::spawn_blocking(run).await.unwrap().expect("node runs");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}\n{}", String::from_utf8_lossy(&output.stderr));
    assert!(said.contains("pass 11"), "every check ran: {said}");
}
