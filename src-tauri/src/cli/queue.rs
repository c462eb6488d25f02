//! `synodic queue`: edits that wait or were refused.

use std::process::ExitCode;

use chrono::{DateTime, TimeDelta, Utc};
use clap::Subcommand;
use serde_json::json;
use synodic_engine::snapshot::QueueItem;
use synodic_engine::view::{DashboardView, Failure};
use synodic_model::QueueId;
use synodic_model::sync::QueueStatus;

use super::host::with;
use super::{Global, print, table};
use crate::call::Call;
use crate::present;

#[derive(Debug, Subcommand)]
pub(super) enum QueueCommand {
    /// List the edits that wait or were refused, in the order in which they go out.
    List,
    /// Try a refused edit again, or all of them.
    Retry {
        /// The edit's number from the list.
        id: Option<i64>,
    },
    /// Give an edit up. The event stays here as it is, and is not sent.
    Discard {
        /// The edit's number from the list.
        id: i64,
    },
}

pub(super) async fn run(command: QueueCommand, global: Global) -> Result<ExitCode, Failure> {
    with(&global, async |host| match command {
        QueueCommand::List => {
            let items: Vec<QueueItem> = host.ask(Call::Queue).await?;
            if global.json {
                return print(true, &items, |items| describe(items));
            }
            let now = Utc::now();
            let edges = vec![now - TimeDelta::hours(1), now + TimeDelta::minutes(1)];
            let measured: DashboardView = host.ask(Call::Dashboard { edges }).await?;
            let sent = measured.accounts.iter().map(|account| account.edits_out).sum();
            print(false, &items, |items| {
                format!("{}\n{}", describe(items).trim_end(), pace(items, sent, now))
            })
        }
        QueueCommand::Retry { id } => {
            let entries = match id {
                Some(id) => vec![QueueId(id)],
                None => failed(&host.ask::<Vec<QueueItem>>(Call::Queue).await?),
            };
            for entry in &entries {
                host.ask::<()>(Call::RetryEdit { entry: *entry }).await?;
            }
            print(global.json, &json!({ "retried": entries }), |_| {
                format!("{} will be tried again.", entries.len())
            })
        }
        QueueCommand::Discard { id } => {
            host.ask::<()>(Call::DiscardEdit { entry: QueueId(id) }).await?;
            print(global.json, &json!({ "discarded": id }), |_| "It will not be sent.".into())
        }
    })
    .await?;
    Ok(ExitCode::SUCCESS)
}

fn failed(items: &[QueueItem]) -> Vec<QueueId> {
    items.iter().filter(|item| item.status == QueueStatus::Failed).map(|item| item.id).collect()
}

/// How fast edits go out, and since when the oldest of them waits.
fn pace(items: &[QueueItem], sent: u32, now: DateTime<Utc>) -> String {
    let waiting = items.iter().filter(|item| item.status != QueueStatus::Failed);
    let oldest = waiting.map(|item| item.created_at).min();
    let oldest = oldest.map(|at| format!(" The oldest was made {}.", present::ago(now - at)));
    format!("Sent in the last hour: {sent}.{}", oldest.unwrap_or_default())
}

fn describe(items: &[QueueItem]) -> String {
    if items.is_empty() {
        return "Nothing waits.".into();
    }
    let rows: Vec<_> = items
        .iter()
        .map(|item| {
            let status = match item.status {
                QueueStatus::Pending => "waits",
                QueueStatus::Processing => "on its way",
                QueueStatus::Completed => "sent",
                QueueStatus::Failed => "refused",
            };
            let reason = item.last_error.clone().unwrap_or_default();
            vec![item.id.0.to_string(), status.to_owned(), item.title.clone(), reason]
        })
        .collect();
    table(&rows)
}
