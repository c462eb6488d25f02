//! `synodic audit`: the replica compared with all that the services have.

use std::process::ExitCode;

use clap::Args;
use synodic_engine::view::{AuditReport, AuditedLink, Drift, Failure};

use super::host::with;
use super::{Global, account, print};
use crate::call::Call;

#[derive(Debug, Args)]
pub(super) struct AuditCommand {
    /// Only this account (its id or name).
    account: Option<String>,
}

pub(super) async fn run(command: AuditCommand, global: Global) -> Result<ExitCode, Failure> {
    let report: AuditReport = with(&global, async |host| {
        let account = match &command.account {
            Some(account) => Some(account::find(host, account).await?.id),
            None => None,
        };
        host.ask(Call::Audit { account }).await
    })
    .await?;
    print(global.json, &report, describe)?;
    let mut is_done = true;
    if let Some(error) = &report.error {
        eprintln!("synodic: {error}");
        is_done = false;
    }
    for link in &report.links {
        if let Some(error) = &link.error {
            eprintln!("synodic: {}: {error}", link.calendar);
            is_done = false;
        }
    }
    Ok(if is_done { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn describe(report: &AuditReport) -> String {
    let paragraphs: Vec<String> =
        report.links.iter().filter(|link| link.error.is_none()).map(describe_link).collect();
    match (paragraphs.is_empty(), report.links.is_empty() && report.error.is_none()) {
        (true, true) => "Nothing is linked, so there is nothing to compare.".into(),
        (true, false) => String::new(),
        (false, _) => paragraphs.join("\n"),
    }
}

fn describe_link(link: &AuditedLink) -> String {
    let place = format!("“{}” of {}", link.calendar, link.account);
    let compared = match link.checked {
        1 => "1 event compared".to_owned(),
        many => format!("{many} events compared"),
    };
    if link.drifted == 0 {
        return format!("{place}: {compared}, all the same.");
    }
    let mut lines =
        vec![format!("{place}: {compared}, {} had drifted apart and were put right:", link.drifted)];
    for drift in &link.drift {
        let title = if drift.title.is_empty() { "an event without a title" } else { &drift.title };
        lines.push(format!("  {title}: {}", words(drift.cause)));
    }
    lines.join("\n")
}

const fn words(cause: Drift) -> &'static str {
    match cause {
        Drift::ChangedThere => "changed there, and the service never told",
        Drift::NewThere => "new there, and the service never told",
        Drift::GoneThere => "gone there, and the service never told",
        Drift::AlteredHere => "altered here, and by nobody’s edit",
    }
}
