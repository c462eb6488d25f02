//! `synodic history`: what became of events, and taking it back.

use std::process::ExitCode;

use clap::Subcommand;
use serde_json::json;
use synodic_engine::view::{DeletedView, EditReceipt, Failure, HistoryView, RunReverted, RunView};
use synodic_model::EventId;
use synodic_model::history::{Author, ChangeKind, HistoryId};

use super::host::with;
use super::{Global, not_found, print, table};
use crate::call::Call;

#[derive(Debug, Subcommand)]
pub(super) enum HistoryCommand {
    /// Show what became of an event: who changed what, and when. The latest change comes first.
    Show {
        /// The event's id from “synodic event list”.
        id: EventId,
    },
    /// Tell in words why an event is as it is, and why a service does not have it so.
    Why {
        /// The event's id from “synodic event list”.
        id: EventId,
    },
    /// List the events that were deleted and can be had back.
    Deleted,
    /// Take a change back, or restore a deleted event.
    Revert {
        /// The change's number, from “synodic history show” or “synodic history deleted”.
        change: i64,
    },
    /// List what single pulls have changed here, the latest first.
    Runs,
    /// Take all that one pull changed back. What was changed since stays, and is named.
    RevertRun {
        /// The pull's place in “synodic history runs”, from 1.
        number: usize,
    },
    /// Say for how many days changes are kept, or show it.
    Keep {
        /// The days.
        days: Option<i64>,
    },
}

pub(super) async fn run(command: HistoryCommand, global: Global) -> Result<ExitCode, Failure> {
    let json = global.json;
    with(&global, async |host| match command {
        HistoryCommand::Show { id } => {
            let lines: Vec<HistoryView> = host.ask(Call::History { event: id }).await?;
            print(json, &lines, |lines| describe(lines))
        }
        HistoryCommand::Why { id } => {
            let sentences: Vec<String> = host.ask(Call::Why { event: id }).await?;
            print(json, &sentences, |sentences| sentences.join("\n"))
        }
        HistoryCommand::Deleted => {
            let deleted: Vec<DeletedView> = host.ask(Call::Deleted).await?;
            print(json, &deleted, |deleted| describe_deleted(deleted))
        }
        HistoryCommand::Revert { change } => {
            let receipt: EditReceipt = host.ask(Call::Revert { change: HistoryId(change) }).await?;
            print(json, &receipt, |receipt| match &receipt.event {
                Some(event) => format!("“{}” is as it was before.", event.content.title),
                None => "The event that was made is deleted.".into(),
            })
        }
        HistoryCommand::Runs => {
            let runs: Vec<RunView> = host.ask(Call::Runs).await?;
            print(json, &runs, |runs| describe_runs(runs))
        }
        HistoryCommand::RevertRun { number } => {
            let runs: Vec<RunView> = host.ask(Call::Runs).await?;
            let run = number.checked_sub(1).and_then(|place| runs.get(place));
            let run = run.ok_or_else(|| not_found("“synodic history runs” shows the pulls there are"))?.run;
            let reverted: RunReverted = host.ask(Call::RevertRun { run }).await?;
            print(json, &reverted, |reverted| {
                let skipped = match reverted.skipped.as_slice() {
                    [] => String::new(),
                    titles => format!(" Changed since, and left as they are: {}.", titles.join(", ")),
                };
                format!("{} changes were taken back.{skipped}", reverted.reverted)
            })
        }
        HistoryCommand::Keep { days } => {
            if days.is_some() {
                host.ask::<()>(Call::SetHistoryDays { days }).await?;
            }
            let days: i64 = host.ask(Call::HistoryDays).await?;
            print(json, &json!({ "days": days }), |_| format!("Changes are kept for {days} days."))
        }
    })
    .await?;
    Ok(ExitCode::SUCCESS)
}

fn describe(lines: &[HistoryView]) -> String {
    if lines.is_empty() {
        return "Nothing is known of changes to this event.".into();
    }
    let rows: Vec<_> = lines
        .iter()
        .map(|line| {
            let change = match line.change {
                ChangeKind::Created => "made",
                ChangeKind::Changed => "changed",
                ChangeKind::Deleted => "deleted",
                ChangeKind::Restored => "restored",
            };
            let fields: Vec<_> = line
                .fields
                .iter()
                .map(|field| json!(field).as_str().unwrap_or_default().replace('_', " "))
                .collect();
            let account = line.account.clone().unwrap_or_default();
            vec![
                line.id.0.to_string(),
                line.at.format("%Y-%m-%d %H:%M UTC").to_string(),
                author(line.author).to_owned(),
                account,
                change.to_owned(),
                fields.join(", "),
            ]
        })
        .collect();
    table(&rows)
}

fn describe_runs(runs: &[RunView]) -> String {
    if runs.is_empty() {
        return "No pull has changed anything here.".into();
    }
    let rows: Vec<_> = runs
        .iter()
        .enumerate()
        .map(|(place, run)| {
            vec![
                (place + 1).to_string(),
                run.run.at.format("%Y-%m-%d %H:%M UTC").to_string(),
                format!("{} ({})", run.remote_name, run.account),
                format!("{} made, {} changed, {} deleted", run.created, run.changed, run.deleted),
            ]
        })
        .collect();
    table(&rows)
}

fn describe_deleted(deleted: &[DeletedView]) -> String {
    if deleted.is_empty() {
        return "No deleted event can be had back.".into();
    }
    let rows: Vec<_> = deleted
        .iter()
        .map(|line| {
            vec![
                line.history_id.0.to_string(),
                line.title.clone(),
                line.calendar.clone(),
                format!(
                    "deleted {} by {}",
                    line.deleted_at.format("%Y-%m-%d %H:%M UTC"),
                    author(line.author)
                ),
            ]
        })
        .collect();
    table(&rows)
}

const fn author(author: Author) -> &'static str {
    match author {
        Author::Person => "you",
        Author::Remote => "the service",
        Author::Merge => "both sides",
    }
}
