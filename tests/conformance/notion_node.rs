//! Notion's own client against the simulated Notion: if it finds nothing to complain about, the simulator speaks the
//! protocol that Notion's library speaks.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::process::Command;

use chrono_tz::Europe::Berlin;
use synodic_simulators::notion::{NotionOptions, NotionSimulator, seed_demo};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn notions_own_client_accepts_the_simulator() {
    let simulator = NotionSimulator::new(NotionOptions { auto_consent: true, ..NotionOptions::default() });
    seed_demo(&simulator, "2026-11-23T09:00:00Z".parse().unwrap(), Berlin);
    let running = simulator.listen(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).await.unwrap();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("conformance/node/notion_client.mjs");
    let addresses = running.endpoints().clone();
    let mut client = Command::new("node");
    client.arg(script).args(["--api-url", &addresses.api_url, "--access-token", &addresses.access_token]);
    client.args(["--auth-url", &addresses.auth_url, "--control-url", &addresses.control_url]);
    let run = move || client.output();
    let output = tokio::task::spawn_blocking(run).await.unwrap().expect("node runs");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}\n{}", String::from_utf8_lossy(&output.stderr));
    assert!(said.contains("pass 12"), "every check ran: {said}");
    running.stop().await;
}
