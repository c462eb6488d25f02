//! What `synodic calendar` says to people.

use synodic_engine::view::{
    CalendarView, ChosenView, CleanUpReport, LinkPlanView, LinkView, MappingPlanView, Parting,
    RemoteCalendarView,
};
use synodic_model::listing::AccessRole;
use synodic_model::sync::SyncDirection;

use super::super::table;
use super::Unlinked;

/// What a link left behind.
pub(super) fn parting(calendar: &str, unlinked: &Unlinked) -> String {
    let remote = &unlinked.remote;
    match unlinked.parting {
        Parting::KeepBoth => {
            format!("“{calendar}” and “{remote}” go separate ways; both keep their events.")
        }
        Parting::RemoveHere => format!("“{remote}” is not kept in step any more, and stays as it is."),
        Parting::RemoveWritten => format!(
            "“{calendar}” and “{remote}” go separate ways; {} events were deleted from “{remote}”.",
            unlinked.clean_up.removed
        ),
    }
}

/// What was deleted from a remote calendar, or would be.
pub(super) fn clean_up(remote: &str, report: &CleanUpReport, is_rehearsal: bool) -> String {
    if is_rehearsal {
        let heading = format!("Synodic wrote {} events into “{remote}”:", report.titles.len());
        return [heading].into_iter().chain(report.titles.iter().cloned()).collect::<Vec<_>>().join("\n");
    }
    let kept =
        if report.kept == 0 { String::new() } else { format!(" {} could not be deleted.", report.kept) };
    format!("{} events were deleted from “{remote}”.{kept}", report.removed)
}

/// What became of each remote calendar that was chosen or not.
pub(super) fn choice(outcomes: &[ChosenView]) -> String {
    if outcomes.is_empty() {
        return "Nothing is to be changed.".into();
    }
    let rows: Vec<_> = outcomes
        .iter()
        .map(|outcome| {
            let what = match (&outcome.failure, outcome.linked_to) {
                (Some(failure), _) => failure.message.clone(),
                (None, Some(_)) => "linked".into(),
                (None, None) => "unlinked".into(),
            };
            vec![outcome.name.clone(), what]
        })
        .collect();
    table(&rows)
}

/// What linking would come to.
pub(super) fn plan(plan: &LinkPlanView) -> String {
    let mut lines = vec![format!(
        "“{}” and “{}” have {} events in common, {} of which say different things and are merged.",
        plan.calendar, plan.remote_name, plan.matched, plan.differing
    )];
    let mut name = |count, what, titles: &[String]| lines.extend(counted(count, what, titles));
    name(plan.ambiguous, "of them look like others, and are matched in order", &plan.ambiguous_titles);
    name(plan.new_here, "would be made here", &plan.new_here_titles);
    name(plan.new_there, "would be made at the service, and nobody is mailed", &plan.new_there_titles);
    lines.join("\n")
}

/// What another mapping would come to.
pub(super) fn mapping_plan(plan: &MappingPlanView) -> String {
    let mut lines = Vec::new();
    let mut name = |count, what, titles: &[String]| lines.extend(counted(count, what, titles));
    name(plan.written_there, "pages would learn what only the event says", &plan.written_there_titles);
    name(plan.taken_here, "events would learn what only their page says", &plan.taken_here_titles);
    name(plan.differing, "say something else than their page, and would be merged", &plan.differing_titles);
    name(plan.pages_made, "pages would be made for next occurrences", &[]);
    name(plan.pages_removed, "pages of next occurrences would be put in the trash", &[]);
    if lines.is_empty() { "Nothing would be written.".into() } else { lines.join("\n") }
}

/// A line that counts, and a line for each of the titles; nothing where there is nothing to count.
fn counted(count: u32, what: &str, titles: &[String]) -> Vec<String> {
    if count == 0 {
        return Vec::new();
    }
    let colon = if titles.is_empty() { "" } else { ":" };
    let heading = format!("{count} {what}{colon}");
    [heading].into_iter().chain(titles.iter().map(|title| format!("  {title}"))).collect()
}

/// The calendars, and what they are linked to.
pub(super) fn calendars(calendars: &[CalendarView]) -> String {
    if calendars.is_empty() {
        return "There is no calendar yet. Make one with “synodic calendar add NAME”.".into();
    }
    let rows: Vec<_> = calendars
        .iter()
        .map(|calendar| {
            let links: Vec<String> = calendar.links.iter().map(link).collect();
            let links = if links.is_empty() { "not linked".into() } else { links.join(", ") };
            vec![calendar.name.clone(), links, calendar.id.to_string()]
        })
        .collect();
    table(&rows)
}

fn link(link: &LinkView) -> String {
    let arrow = match link.direction {
        SyncDirection::Bidirectional => "↔",
        SyncDirection::PullOnly => "←",
        SyncDirection::PushOnly => "→",
    };
    let warning = if link.warnings.is_empty() { "" } else { ", with a warning" };
    format!("{arrow} {} ({}){warning}", link.remote_name, link.account)
}

/// The remote calendars, and whether they are linked.
pub(super) fn remotes(remotes: &[RemoteCalendarView]) -> String {
    if remotes.is_empty() {
        return "There is no remote calendar. Connect an account with “synodic account add google”.".into();
    }
    let rows: Vec<_> = remotes
        .iter()
        .map(|remote| {
            let access = match remote.access {
                AccessRole::FreeBusy => "busy times only",
                AccessRole::Reader => "read only",
                AccessRole::Writer => "read and write",
                AccessRole::Owner => "owner",
            };
            let linked = match (remote.linked_to, remote.is_new) {
                (Some(_), _) => "linked",
                (None, true) => "new",
                (None, false) => "",
            };
            vec![remote.name.clone(), access.to_owned(), linked.to_owned(), remote.id.to_string()]
        })
        .collect();
    table(&rows)
}
