//! The command line: the same engine calls as the window's, without one.
//!
//! Each command is parsed here and carried out in the module of its area. A command reaches the engine that runs in
//! another process if there is one ([`crate::local_socket`]), and otherwise works in this process under the replica's
//! lock; either way it prints text, or with `--json` one document. Exit codes: 0 done, 1 something failed, 2 wrong
//! usage or input.

mod account;
mod audit;
mod calendar;
mod conflict;
mod diagnostics;
mod event;
mod files;
mod history;
mod host;
mod manual;
mod mapping;
mod queue;
mod review;
mod serve;
mod simulate;
mod sync;
mod times;

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use serde::Serialize;
use synodic_engine::view::{Failure, FailureCode};

use crate::call::internal;
use crate::desktop::{self, Start};
use crate::environment::process_environment;
use crate::logging;

/// A calendar that keeps your events in two-way sync with the services you use.
///
/// Without a command it opens the window; a second start raises the first.
#[derive(Debug, Parser)]
#[command(version, name = "synodic", max_term_width = 100)]
struct Cli {
    #[command(flatten)]
    global: Global,
    /// Start in the tray without showing the window.
    #[arg(long)]
    hidden: bool,
    /// A synodic: link or an .ics file to show in the window.
    #[arg(value_name = "LINK|FILE")]
    open: Option<String>,
    #[command(subcommand)]
    command: Option<Command>,
}

/// Options of every command.
#[derive(Clone, Debug, Args)]
struct Global {
    /// Where the calendar's data is [default: the desktop's place for program data].
    #[arg(long, global = true, value_name = "DIR", env = "SYNODIC_DATA_DIR")]
    data_dir: Option<PathBuf>,
    /// Print one JSON document instead of text.
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Open the window on simulated accounts and sample data, in a throw-away data folder.
    Demo,
    /// Run the engine without a window, until SIGTERM.
    Serve,
    /// Connect, list and remove accounts.
    #[command(subcommand)]
    Account(account::AccountCommand),
    /// List calendars and link them to remote ones.
    #[command(subcommand)]
    Calendar(calendar::CalendarCommand),
    /// List, add, change and delete events.
    #[command(subcommand)]
    Event(event::EventCommand),
    Import(files::ImportCommand),
    Export(files::ExportCommand),
    /// One complete pass: send all that is due, read all links, wait for the end.
    Sync(sync::SyncCommand),
    /// Compare everything here with all that the services have, and put right what has drifted apart.
    ///
    /// This is done by itself once a day when there is nothing else to do.
    Audit(audit::AuditCommand),
    /// How sync stands.
    Status,
    /// What somebody who helps has to know, without titles, names, addresses and tokens.
    Diagnostics,
    /// Edits that wait or were refused.
    #[command(subcommand)]
    Queue(queue::QueueCommand),
    /// Plans that would change much, and wait for you.
    #[command(subcommand)]
    Review(review::ReviewCommand),
    /// What became of events, and taking it back.
    #[command(subcommand)]
    History(history::HistoryCommand),
    /// What both sides changed, and who is right.
    #[command(subcommand)]
    Conflict(conflict::ConflictCommand),
    /// A simulated provider on loopback, for trying and testing; runs until SIGTERM.
    #[command(subcommand)]
    Simulate(simulate::SimulateCommand),
    /// Print a shell's completions; packages install those of bash, zsh and fish.
    Completions(manual::CompletionsCommand),
    /// Write the manual's pages into a folder, for packages.
    #[command(hide = true)]
    Manual(manual::ManualCommand),
}

/// Parses the arguments, does what they say and tells how it ended.
pub(crate) fn run() -> ExitCode {
    let cli = Cli::parse();
    match carry_out(cli) {
        Ok(code) => code,
        Err(failure) => {
            eprintln!("synodic: {}", failure.message);
            ExitCode::from(if failure.code == FailureCode::Invalid { 2 } else { 1 })
        }
    }
}

fn carry_out(cli: Cli) -> Result<ExitCode, Failure> {
    let Some(command) = cli.command else {
        return open_desktop(cli.global, cli.hidden, false, cli.open);
    };
    match command {
        Command::Demo => open_desktop(cli.global, cli.hidden, true, None),
        Command::Completions(command) => manual::completions(&command),
        Command::Manual(command) => manual::manual(&command),
        Command::Serve => run_async("info", serve::run(cli.global)),
        Command::Simulate(command) => run_async("warn", simulate::run(command, cli.global.json)),
        Command::Account(command) => run_async("error", account::run(command, cli.global)),
        Command::Calendar(command) => run_async("error", calendar::run(command, cli.global)),
        Command::Event(command) => run_async("error", event::run(command, cli.global)),
        Command::Import(command) => run_async("error", files::import(command, cli.global)),
        Command::Export(command) => run_async("error", files::export(command, cli.global)),
        Command::Sync(command) => run_async("error", sync::run(command, cli.global)),
        Command::Audit(command) => run_async("error", audit::run(command, cli.global)),
        Command::Status => run_async("error", sync::status(cli.global)),
        Command::Review(command) => run_async("error", review::run(command, cli.global)),
        Command::History(command) => run_async("error", history::run(command, cli.global)),
        Command::Conflict(command) => run_async("error", conflict::run(command, cli.global)),
        Command::Diagnostics => run_async("error", diagnostics::run(cli.global)),
        Command::Queue(command) => run_async("error", queue::run(command, cli.global)),
    }
}

fn open_desktop(global: Global, hidden: bool, demo: bool, open: Option<String>) -> Result<ExitCode, Failure> {
    logging::start("warn");
    desktop::run(&Start { data_dir: global.data_dir, hidden, demo, open }, &process_environment)
}

fn run_async(
    log_level: &str,
    work: impl Future<Output = Result<ExitCode, Failure>>,
) -> Result<ExitCode, Failure> {
    logging::start(log_level);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|error| internal(&error))?;
    runtime.block_on(work)
}

/// Prints an answer: the document, or the text that `describe` makes of it.
fn print<T: Serialize>(json: bool, answer: &T, describe: impl FnOnce(&T) -> String) -> Result<(), Failure> {
    let mut text = if json {
        serde_json::to_string_pretty(answer).map_err(|error| internal(&error))?
    } else {
        describe(answer)
    };
    if !text.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
    write_out(text.as_bytes())
}

/// Writes to standard output. A reader that closes the pipe early (`synodic event list | head`) is no failure.
fn write_out(bytes: &[u8]) -> Result<(), Failure> {
    match std::io::stdout().lock().write_all(bytes) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(internal(&error)),
        _ => Ok(()),
    }
}

/// Lays rows out in columns, two spaces apart.
fn table(rows: &[Vec<String>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or_default();
    let width = |column: usize| {
        rows.iter()
            .filter_map(|row| row.get(column))
            .map(|cell| cell.chars().count())
            .max()
            .unwrap_or_default()
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let line = |row: &Vec<String>| {
        let cells: Vec<String> =
            row.iter().zip(&widths).map(|(cell, &width)| format!("{cell:width$}")).collect();
        format!("{}\n", cells.join("  ").trim_end())
    };
    rows.iter().map(line).collect()
}

fn invalid(message: impl Into<String>) -> Failure {
    Failure { code: FailureCode::Invalid, message: message.into(), field: None }
}

fn not_found(message: impl Into<String>) -> Failure {
    Failure { code: FailureCode::NotFound, message: message.into(), field: None }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_well_formed() {
        Cli::command().debug_assert();
    }

    #[test]
    fn columns_are_aligned_by_characters() {
        let rows = vec![vec!["a".into(), "x".into()], vec!["größer".into(), "y".into()]];
        assert_eq!(table(&rows), "a       x\ngrößer  y\n");
    }
}
