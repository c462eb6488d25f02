//! `synodic simulate`: a simulated provider on loopback, for trying and testing.

use std::io::Write;
use std::net::SocketAddr;
use std::process::ExitCode;

use chrono::Utc;
use clap::{Args, Subcommand};
use serde::Serialize;
use synodic_engine::view::{Failure, FailureCode};
use synodic_simulators::google::{self, GoogleOptions, GoogleSimulator, NewCalendar};
use synodic_simulators::notion::{self, Capabilities, NotionOptions, NotionSimulator};

use crate::call::internal;
use crate::environment::viewer_zone;
use crate::terminated::terminated;

#[derive(Debug, Subcommand)]
pub(super) enum SimulateCommand {
    /// A simulated Google with one account and a fortnight of events.
    Google {
        #[command(flatten)]
        common: Common,
        /// Begin with empty calendars.
        #[arg(long)]
        empty: bool,
    },
    /// A simulated Notion with one workspace and two databases.
    Notion {
        #[command(flatten)]
        common: Common,
        /// Begin without databases.
        #[arg(long)]
        empty: bool,
    },
}

/// What all simulated providers are told.
#[derive(Debug, Args)]
pub(super) struct Common {
    /// Where to listen; port 0 takes a free one.
    #[arg(long, default_value = "127.0.0.1:0", value_name = "ADDR")]
    listen: SocketAddr,
    /// Let the consent page agree at once.
    #[arg(long)]
    auto_consent: bool,
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
    match command {
        SimulateCommand::Google { common, empty } => run_google(&common, empty, json).await?,
        SimulateCommand::Notion { common, empty } => run_notion(&common, empty, json).await?,
    }
    Ok(ExitCode::SUCCESS)
}

async fn run_google(common: &Common, empty: bool, json: bool) -> Result<(), Failure> {
    let options = GoogleOptions { auto_consent: common.auto_consent, ..GoogleOptions::default() };
    let simulator = GoogleSimulator::new(options);
    if empty {
        empty_account(&simulator);
    } else {
        google::seed_demo(&simulator, Utc::now(), viewer_zone());
    }
    let running =
        simulator.listen(common.listen).await.map_err(|error| cannot_listen(common.listen, &error))?;
    let endpoints = running.endpoints();
    let text = format!(
        "A simulated Google listens. To use it, set\n  SYNODIC_GOOGLE_API_URL={}\n  \
         SYNODIC_GOOGLE_AUTH_URL={}\n  SYNODIC_GOOGLE_TOKEN_URL={}\n  GOOGLE_CLIENT_ID=simulated\n  \
         GOOGLE_CLIENT_SECRET=simulated\nLook at its events at http://{}/; end it with Ctrl-C.",
        endpoints.api_url,
        endpoints.auth_url,
        endpoints.token_url,
        running.address()
    );
    say(endpoints, text, json)?;
    terminated().await;
    running.stop().await;
    Ok(())
}

async fn run_notion(common: &Common, empty: bool, json: bool) -> Result<(), Failure> {
    let zone = viewer_zone();
    let options =
        NotionOptions { auto_consent: common.auto_consent, time_zone: zone, ..NotionOptions::default() };
    let simulator = NotionSimulator::new(options);
    if empty {
        simulator.control().add_person("Ada Moreau", "ada.moreau@example.com");
        simulator.control().add_connection("Synodic", Capabilities::default());
    } else {
        notion::seed_demo(&simulator, Utc::now(), zone);
    }
    let running =
        simulator.listen(common.listen).await.map_err(|error| cannot_listen(common.listen, &error))?;
    let endpoints = running.endpoints();
    let text = format!(
        "A simulated Notion listens. To use it, set\n  SYNODIC_NOTION_API_URL={}\nand sign in with the token\n  \
         {}\nLook at its pages at http://{}/; end it with Ctrl-C.",
        endpoints.api_url,
        endpoints.access_token,
        running.address()
    );
    say(endpoints, text, json)?;
    terminated().await;
    running.stop().await;
    Ok(())
}

fn cannot_listen(address: SocketAddr, error: &std::io::Error) -> Failure {
    Failure {
        code: FailureCode::Storage,
        message: format!("cannot listen on {address}: {error}; choose another address with --listen"),
        field: None,
    }
}

/// Prints where a simulator listens, at once: whoever started it waits for this.
fn say(endpoints: &impl Serialize, text: String, json: bool) -> Result<(), Failure> {
    let line = if json { serde_json::to_string(endpoints).map_err(|error| internal(&error))? } else { text };
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}").and_then(|()| out.flush()).map_err(|error| internal(&error))
}
