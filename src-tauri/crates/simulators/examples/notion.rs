//! Starts a simulated Notion with the demonstration's workspace, prints its endpoints as one line of JSON, and runs
//! until it is interrupted.
//!
//! `cargo run -p synodic-simulators --example notion -- [ADDRESS]`, where the address defaults to a free port.

#![expect(clippy::print_stdout, reason = "its output is how the address is found")]

use std::net::SocketAddr;

use chrono_tz::Europe::Paris;
use synodic_simulators::clock::{Clock, SystemClock};
use synodic_simulators::notion::{NotionOptions, NotionSimulator, seed_demo};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let address =
        std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:0".to_owned()).parse::<SocketAddr>()?;
    let simulator = NotionSimulator::new(NotionOptions { auto_consent: true, ..NotionOptions::default() });
    seed_demo(&simulator, SystemClock.now(), Paris);
    let running = simulator.listen(address).await?;
    println!("{}", serde_json::to_string(running.endpoints())?);
    tokio::signal::ctrl_c().await?;
    running.stop().await;
    Ok(())
}
