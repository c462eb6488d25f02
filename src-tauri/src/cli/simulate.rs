//! `synodic simulate`: a simulated provider on loopback, for trying and testing.

use std::io::Write;
use std::net::SocketAddr;
use std::process::ExitCode;

use chrono::Utc;
use clap::Subcommand;
use synodic_engine::view::{Failure, FailureCode};
use synodic_simulators::google::{GoogleOptions, GoogleSimulator, NewCalendar, seed_demo};

use crate::call::internal;
use crate::desktop::terminated;
use crate::environment::viewer_zone;

#[derive(Debug, Subcommand)]
pub(super) enum SimulateCommand {
    /// A simulated Google with one account and a fortnight of events.
    Google {
        /// Where to listen; port 0 takes a free one.
        #[arg(long, default_value = "127.0.0.1:0", value_name = "ADDR")]
        listen: SocketAddr,
        /// Let the consent page agree at once.
        #[arg(long)]
        auto_consent: bool,
        /// Begin with empty calendars.
        #[arg(long)]
        empty: bool,
    },
}

fn empty_account(simulator: &GoogleSimulator) {
    let (email, control) = ("ada.moreau@example.com", simulator.control());
    control.add_account(email, "Ada Moreau");
    let calendar = NewCalendar {
        summary: "Personal".into(),
        time_zone: Some(viewer_zone()),
        primary: true,
        ..NewCalendar::default()
    };
    control.add_calendar(email, calendar);
}

pub(super) async fn run(command: SimulateCommand, json: bool) -> Result<ExitCode, Failure> {
    let SimulateCommand::Google { listen, auto_consent, empty } = command;
    let simulator = GoogleSimulator::new(GoogleOptions { auto_consent, ..GoogleOptions::default() });
    if empty {
        empty_account(&simulator);
    } else {
        seed_demo(&simulator, Utc::now(), viewer_zone());
    }
    let running = simulator.listen(listen).await.map_err(|error| Failure {
        code: FailureCode::Storage,
        message: format!("cannot listen on {listen}: {error}; choose another address with --listen"),
        field: None,
    })?;
    let endpoints = running.endpoints();
    let line = if json {
        serde_json::to_string(endpoints).map_err(|error| internal(&error))?
    } else {
        format!(
            "A simulated Google listens. To use it, set\n  SYNODIC_GOOGLE_API_URL={}\n  \
             SYNODIC_GOOGLE_AUTH_URL={}\n  SYNODIC_GOOGLE_TOKEN_URL={}\n  GOOGLE_CLIENT_ID=simulated\n  \
             GOOGLE_CLIENT_SECRET=simulated\nLook at its events at http://{}/; end it with Ctrl-C.",
            endpoints.api_url,
            endpoints.auth_url,
            endpoints.token_url,
            running.address()
        )
    };
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}").and_then(|()| out.flush()).map_err(|error| internal(&error))?;
    drop(out);
    terminated().await;
    running.stop().await;
    Ok(ExitCode::SUCCESS)
}
