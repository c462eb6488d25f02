//! `synodic sync` and `synodic status`.

use std::process::ExitCode;

use chrono::Utc;
use clap::Args;
use synodic_engine::snapshot::SyncSnapshot;
use synodic_engine::view::{Failure, LinkReport, SyncReport};

use super::host::with;
use super::{Global, account, print, table};
use crate::call::Call;
use crate::present;

#[derive(Debug, Args)]
pub(super) struct SyncCommand {
    /// Only this account (its id or name).
    account: Option<String>,
}

pub(super) async fn run(command: SyncCommand, global: Global) -> Result<ExitCode, Failure> {
    let report: SyncReport = with(&global, async |host| {
        let account = match &command.account {
            Some(account) => Some(account::find(host, account).await?.id),
            None => None,
        };
        host.ask(Call::Sync { account }).await
    })
    .await?;
    print(global.json, &report, describe_report)?;
    let problems: Vec<&LinkReport> = report.links.iter().filter(|link| link.error.is_some()).collect();
    for link in &problems {
        eprintln!("synodic: {}: {}", link.calendar, link.error.as_deref().unwrap_or_default());
    }
    if report.failed > 0 {
        eprintln!("synodic: {} could not be sent; “synodic queue list” says why", edits(report.failed));
    }
    let done = problems.is_empty() && report.failed == 0 && report.pending == 0;
    Ok(if done { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Prints how sync stands.
pub(super) async fn status(global: Global) -> Result<ExitCode, Failure> {
    let snapshot: SyncSnapshot = with(&global, async |host| host.ask(Call::Snapshot).await).await?;
    print(global.json, &snapshot, describe_snapshot)?;
    Ok(ExitCode::SUCCESS)
}

fn describe_report(report: &SyncReport) -> String {
    if report.links.is_empty() {
        return "Nothing is linked, so there was nothing to sync.".into();
    }
    let mut rows: Vec<Vec<String>> = report
        .links
        .iter()
        .map(|link| {
            let counts = format!("{} new, {} changed, {} removed", link.created, link.updated, link.deleted);
            vec![link.calendar.clone(), link.account.clone(), counts]
        })
        .collect();
    rows.push(vec!["Sent".into(), edits(report.pushed)]);
    if report.pending > 0 {
        rows.push(vec!["Waiting".into(), edits(report.pending)]);
    }
    table(&rows)
}

fn edits(count: u32) -> String {
    if count == 1 { "1 edit".into() } else { format!("{count} edits") }
}

fn describe_snapshot(snapshot: &SyncSnapshot) -> String {
    let now = Utc::now();
    let rows: Vec<Vec<String>> = snapshot
        .integrations
        .iter()
        .map(|integration| {
            let success = integration
                .last_success_at
                .map_or_else(|| "not yet synced".into(), |at| format!("synced {}", present::ago(now - at)));
            vec![integration.account.clone(), success, integration.message.clone().unwrap_or_default()]
        })
        .collect();
    format!("{}\n{}", present::line(snapshot, now), table(&rows))
}
