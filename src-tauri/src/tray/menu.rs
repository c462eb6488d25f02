//! What the tray's menu says: a pure function of the sync snapshot, the next event and the time.

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use synodic_engine::snapshot::{IntegrationSnapshot, SyncSnapshot, SyncState};
use synodic_engine::view::{EventTarget, OccurrenceView};
use synodic_model::IntegrationId;

use crate::present::{account_line, line, provider_name, target_of};

/// The longest title that a menu shows, in characters.
const TITLE_LENGTH: usize = 40;

/// A line of the menu.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Line {
    /// Something to read.
    Says(String),
    /// Something to click.
    Does(String, Act),
    /// Something that opens further lines.
    Group(String, Vec<Line>),
    Separator,
}

/// What a click does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Act {
    Open,
    Settings,
    /// Opens the window on the sync panel.
    Sync,
    NewEvent,
    Event(EventTarget),
    SyncNow,
    SyncAccount(IntegrationId),
    SignIn(IntegrationId),
    Pause(Span),
    Resume,
    Quit,
}

/// How long to pause.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Span {
    Hour,
    Tomorrow,
    Open,
}

/// The menu, from top to bottom.
pub(super) fn lines(
    snapshot: &SyncSnapshot,
    next: Option<&OccurrenceView>,
    now: DateTime<Utc>,
    zone: Tz,
) -> Vec<Line> {
    let state = line(snapshot, now);
    let mut lines =
        vec![if needs_a_look(snapshot.state) { Line::Does(state, Act::Sync) } else { Line::Says(state) }];
    lines.push(match next {
        Some(next) => Line::Does(coming(next, now, zone), Act::Event(target_of(next))),
        None => Line::Says("Nothing in the next seven days".into()),
    });
    lines.extend([Line::Separator, Line::Does("Sync now".into(), Act::SyncNow)]);
    lines.extend(snapshot.integrations.iter().map(|account| of_account(account, snapshot, now)));
    lines.push(Line::Separator);
    if snapshot.paused.is_some() {
        lines.push(Line::Does("Resume".into(), Act::Resume));
    } else {
        let spans =
            [("For 1 h", Span::Hour), ("Until tomorrow", Span::Tomorrow), ("Until I resume", Span::Open)];
        let spans = spans.map(|(label, span)| Line::Does(label.into(), Act::Pause(span)));
        lines.push(Line::Group("Pause".into(), spans.into()));
    }
    lines.extend([
        Line::Separator,
        Line::Does("New event".into(), Act::NewEvent),
        Line::Does("Open Synodic".into(), Act::Open),
        Line::Does("Settings".into(), Act::Settings),
        Line::Separator,
        Line::Does("Quit".into(), Act::Quit),
    ]);
    lines
}

const fn needs_a_look(state: SyncState) -> bool {
    matches!(state, SyncState::Conflict | SyncState::Failed | SyncState::Review | SyncState::NeedsSignIn)
}

fn of_account(account: &IntegrationSnapshot, snapshot: &SyncSnapshot, now: DateTime<Utc>) -> Line {
    let service = provider_name(account.provider);
    let state = account_line(account, snapshot.paused, now);
    let mut lines = vec![Line::Says(account.account.clone())];
    lines.extend(account.message.clone().map(|message| Line::Says(short(&message, 2 * TITLE_LENGTH))));
    lines.push(if account.state == SyncState::NeedsSignIn {
        Line::Does("Sign in".into(), Act::SignIn(account.id))
    } else {
        Line::Does("Sync now".into(), Act::SyncAccount(account.id))
    });
    Line::Group(format!("{service}: {state}"), lines)
}

/// The next event in a line: “10:00 Stand-up”, “tomorrow 10:00 Stand-up”, “Fri 10:00 Stand-up”.
fn coming(next: &OccurrenceView, now: DateTime<Utc>, zone: Tz) -> String {
    let (start, today) = (next.starts_at.with_timezone(&zone), now.with_timezone(&zone).date_naive());
    let clock = start.format("%H:%M");
    let title =
        if next.title.trim().is_empty() { "(No title)".into() } else { short(&next.title, TITLE_LENGTH) };
    match start.date_naive() - today {
        days if days < TimeDelta::days(1) => format!("{clock} {title}"),
        days if days < TimeDelta::days(2) => format!("Tomorrow {clock} {title}"),
        _ => format!("{} {clock} {title}", start.format("%a")),
    }
}

fn short(text: &str, length: usize) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match text.char_indices().nth(length) {
        Some((end, _)) => format!("{}…", text[..end].trim_end()),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use synodic_engine::snapshot::Pause;

    use super::*;
    use crate::present::tests::{now, occurrence, snapshot};

    fn labels(lines: &[Line]) -> Vec<String> {
        let label = |line: &Line| match line {
            Line::Says(label) => format!("({label})"),
            Line::Does(label, _) => label.clone(),
            Line::Group(label, lines) => format!("{label} > {}", labels(lines).join(" | ")),
            Line::Separator => "-".into(),
        };
        lines.iter().map(label).collect()
    }

    fn menu(snapshot: &SyncSnapshot, next: Option<&OccurrenceView>) -> Vec<String> {
        labels(&lines(snapshot, next, now(), chrono_tz::Europe::Berlin))
    }

    #[test]
    fn the_menu_has_everything_in_order() {
        let next = occurrence("Stand-up", now() + TimeDelta::minutes(30));
        assert_eq!(
            menu(&snapshot(SyncState::Synced), Some(&next)),
            [
                "(Synced 2 min ago)",
                "13:30 Stand-up",
                "-",
                "Sync now",
                "Google: Synced 2 min ago > (ada@example.org) | Sync now",
                "-",
                "Pause > For 1 h | Until tomorrow | Until I resume",
                "-",
                "New event",
                "Open Synodic",
                "Settings",
                "-",
                "Quit",
            ]
        );
    }

    #[test]
    fn what_needs_a_look_can_be_clicked_and_an_account_be_signed_in_to() {
        let menu = menu(&snapshot(SyncState::NeedsSignIn), None);
        assert_eq!(menu[..2], ["Sign in to Google", "(Nothing in the next seven days)"]);
        assert_eq!(menu[4], "Google: Sign in > (ada@example.org) | Sign in");
    }

    #[test]
    fn a_pause_can_be_ended() {
        let paused = Some(Pause { since: now(), until: None });
        let menu = menu(&SyncSnapshot { paused, ..snapshot(SyncState::Paused) }, None);
        assert!(menu.contains(&"Resume".to_owned()) && !menu.iter().any(|line| line.starts_with("Pause >")));
    }

    #[test]
    fn the_next_event_is_told_by_its_day_and_no_longer_than_a_menu_is_wide() {
        let shown = |title, hours| {
            coming(&occurrence(title, now() + TimeDelta::hours(hours)), now(), chrono_tz::Europe::Berlin)
        };
        assert_eq!(shown("Lunch", 20), "Tomorrow 09:00 Lunch");
        assert_eq!(shown("", 72), "Thu 13:00 (No title)");
        let long = shown(&"ä long title\n ".repeat(50), 1);
        assert!(long.ends_with('…') && long.chars().count() < 50, "{long}");
    }
}
