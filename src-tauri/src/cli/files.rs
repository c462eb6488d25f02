//! `synodic import` and `synodic export`: calendar files in and out.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use serde::Serialize;
use synodic_engine::view::{
    ExportWish, ExportedFile, Failure, ImportChoice, ImportFate, ImportPreview, ImportReport,
};

use super::host::with;
use super::{Global, calendar, invalid, print, table, write_out};
use crate::call::Call;

/// Take the events of an .ics file into a calendar. Nobody is mailed.
#[derive(Debug, Args)]
pub(super) struct ImportCommand {
    /// The file.
    file: PathBuf,
    /// The id or name of the calendar.
    #[arg(long)]
    calendar: String,
    /// Let events that the calendar has in another form become what the file says; otherwise they stay.
    #[arg(long)]
    replace: bool,
    /// Only say what would happen.
    #[arg(long)]
    dry_run: bool,
}

/// Write a calendar as an .ics file.
#[derive(Debug, Args)]
pub(super) struct ExportCommand {
    /// The id or name of a calendar; may be given several times.
    #[arg(long, required = true)]
    calendar: Vec<String>,
    /// The file to write [default: standard output].
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// What `--json` tells of an export.
#[derive(Serialize)]
struct Exported {
    file: PathBuf,
    events: u32,
}

pub(super) async fn import(command: ImportCommand, global: Global) -> Result<ExitCode, Failure> {
    let json = global.json;
    // The engine may run in another folder.
    let path = command.file.canonicalize().map_err(|error| cannot("read", &command.file, &error))?;
    let choice = if command.replace { ImportChoice::Replace } else { ImportChoice::Skip };
    let is_whole = with(&global, async |host| {
        let calendar = calendar::find(host, &command.calendar).await?;
        let call = |choice| Call::Import { path: path.clone(), calendar: calendar.id, choice };
        if command.dry_run {
            let preview: ImportPreview = host.ask(call(None)).await?;
            print(json, &preview, describe_preview)?;
            Ok(true)
        } else {
            let report: ImportReport = host.ask(call(Some(choice))).await?;
            print(json, &report, |report| describe_report(&calendar.name, report))?;
            Ok(report.stopped.is_none())
        }
    })
    .await?;
    Ok(if is_whole { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

pub(super) async fn export(command: ExportCommand, global: Global) -> Result<ExitCode, Failure> {
    let json = global.json;
    if json && command.output.is_none() {
        return Err(invalid("say with --output where the calendar goes; its text and a document do not mix"));
    }
    let exported: ExportedFile = with(&global, async |host| {
        let mut ids = Vec::new();
        for wanted in &command.calendar {
            ids.push(calendar::find(host, wanted).await?.id);
        }
        host.ask(Call::Export { wish: ExportWish::Calendars { ids } }).await
    })
    .await?;
    match command.output {
        None => write_out(exported.text.as_bytes())?,
        Some(file) => {
            std::fs::write(&file, exported.text).map_err(|error| cannot("write", &file, &error))?;
            let done = Exported { file, events: exported.events };
            print(json, &done, |done| format!("{} are in {}.", events(done.events), done.file.display()))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn cannot(verb: &str, file: &Path, error: &std::io::Error) -> Failure {
    invalid(format!("cannot {verb} “{}”: {error}", file.display()))
}

fn events(count: u32) -> String {
    if count == 1 { "1 event".to_owned() } else { format!("{count} events") }
}

fn describe_report(calendar: &str, report: &ImportReport) -> String {
    let mut lines = vec![format!("Into “{calendar}” went {}.", events(report.created))];
    let mut tell = |count: u32, what: &str| {
        if count > 0 {
            lines.push(format!("{} {what}.", events(count)));
        }
    };
    tell(report.replaced, "became what the file says");
    tell(report.skipped, "differ and stayed as they were; --replace takes the file's version");
    tell(report.same, "were there already");
    tell(report.unreadable, "could not be read; --dry-run tells why");
    if let Some(reason) = &report.stopped {
        lines.push(format!("Then it stopped: {reason} Import the file again to go on from there."));
    }
    lines.join("\n")
}

fn describe_preview(preview: &ImportPreview) -> String {
    let mut text = format!(
        "{} new, {} changed, {} there already, {} unreadable; {} other things in the file.\n",
        preview.new, preview.changed, preview.same, preview.unreadable, preview.others
    );
    let rows: Vec<_> = preview
        .rows
        .iter()
        .map(|row| {
            let fate = match row.fate {
                ImportFate::New => "new",
                ImportFate::Same => "there already",
                ImportFate::Changed => "changed",
                ImportFate::Refused => "changed, not yours to change",
            };
            let start = match row.when {
                synodic_model::When::AllDay { start, .. } => start.to_string(),
                synodic_model::When::Zoned { start, .. } => start.local.format("%Y-%m-%d %H:%M").to_string(),
                synodic_model::When::Floating { start, .. } => start.format("%Y-%m-%d %H:%M").to_string(),
            };
            vec![fate.to_owned(), start, row.title.clone()]
        })
        .collect();
    text.push_str(&table(&rows));
    for unreadable in &preview.unreadable_ones {
        text.push_str(&format!("“{}”: {}.\n", unreadable.title, unreadable.reason));
    }
    for doubt in &preview.doubts {
        text.push_str(&format!("{doubt}\n"));
    }
    text
}
