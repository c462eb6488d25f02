//! Starts a simulated Google with the demonstration's calendars, prints its endpoints as one line of JSON, and runs
//! until it is interrupted.
//!
//! `cargo run -p synodic-simulators --example google -- [ADDRESS]`, where the address defaults to a free port.

#![expect(clippy::print_stdout, reason = "its output is how the address is found")]

use std::net::SocketAddr;

use chrono_tz::Europe::Paris;
use synodic_simulators::clock::{Clock, SystemClock};
use synodic_simulators::google::{GoogleOptions, GoogleSimulator, demo_life, seed_demo};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let address =
        std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:0".to_owned()).parse::<SocketAddr>()?;
    let simulator = GoogleSimulator::new(GoogleOptions { auto_consent: true, ..GoogleOptions::default() });
    let world = seed_demo(&simulator, SystemClock.now(), Paris);
    let running = simulator.listen(address).await?;
    println!("{}", serde_json::to_string(running.endpoints())?);
    demo_life(simulator, world, async {
        if let Err(error) = tokio::signal::ctrl_c().await {
            tracing::warn!(%error, "cannot listen for an interrupt");
        }
    })
    .await;
    running.stop().await;
    Ok(())
}
