//! Which notifications to show and which to withdraw: a pure function of what was told, the sync snapshot, the person's
//! choices and the time.
//!
//! Only what needs the person is told, once for each cause, until it is healed or [`AGAIN`] has passed. What heals by
//! itself (the network, a busy service) is never told.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use synodic_engine::desktop::DesktopSettings;
use synodic_engine::snapshot::{IntegrationSnapshot, SyncSnapshot, SyncState};
use synodic_model::IntegrationId;

use crate::present::provider_name;

/// What is not healed by then is told again.
const AGAIN: TimeDelta = TimeDelta::hours(6);
/// What heals by itself and comes back sooner than this was not healed, but flaps.
const FLAPPING: TimeDelta = TimeDelta::minutes(30);
/// A service that wants to be left alone for longer has no allowance left; ordinary rests last ten minutes at most.
const USED_UP: TimeDelta = TimeDelta::minutes(15);

/// What is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    SignIn,
    Refused,
    Conflict,
    Review,
    Quota,
    Overdue,
    Database,
    Recovered,
}

/// What is wrong, and with which account. One cause is one notification, however many edits it holds up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Cause {
    pub(super) kind: Kind,
    pub(super) account: Option<IntegrationId>,
}

/// What a notification's button does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Remedy {
    /// Signs in to the account in the browser.
    SignIn(IntegrationId),
    /// Tries the account's refused edits again.
    Retry(IntegrationId),
    /// Asks the account now.
    Sync(IntegrationId),
}

/// What a person is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Incident {
    pub(super) summary: String,
    pub(super) body: String,
    /// What can be done at once, beside opening the window.
    pub(super) remedy: Option<Remedy>,
}

/// What to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    Show(Cause, Incident),
    Withdraw(Cause),
}

/// What was told of one cause.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Mention {
    at: DateTime<Utc>,
    is_shown: bool,
    healed_at: Option<DateTime<Utc>>,
}

/// What was told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Told(BTreeMap<Cause, Mention>);

impl Told {
    /// Whether nothing is told or was told lately.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The steps that bring what is shown up to `snapshot`, and what will have been told then. While the person does not
    /// want to be disturbed nothing is shown, but what is healed is withdrawn.
    pub(super) fn steps(
        &self,
        snapshot: &SyncSnapshot,
        settings: &DesktopSettings,
        is_quiet: bool,
        now: DateTime<Utc>,
    ) -> (Vec<Step>, Self) {
        let incidents = incidents(snapshot, settings);
        let mut told = self.0.clone();
        let mut steps = Vec::new();
        for (cause, mention) in &mut told {
            if mention.healed_at.is_none() && !incidents.contains_key(cause) {
                mention.healed_at = Some(now);
                if std::mem::take(&mut mention.is_shown) {
                    steps.push(Step::Withdraw(*cause));
                }
            }
        }
        told.retain(|_, mention| mention.healed_at.is_none_or(|healed_at| now - healed_at < FLAPPING));
        for (cause, incident) in incidents {
            if is_quiet {
                continue;
            }
            if let Some(mention) = told.get_mut(&cause)
                && !is_due(cause, mention, now)
            {
                mention.healed_at = None;
                continue;
            }
            told.insert(cause, Mention { at: now, is_shown: true, healed_at: None });
            steps.push(Step::Show(cause, incident));
        }
        (steps, Self(told))
    }
}

/// Whether to tell again of what was told before.
fn is_due(cause: Cause, mention: &Mention, now: DateTime<Utc>) -> bool {
    // It happened once, and is over.
    if cause.kind == Kind::Recovered {
        return false;
    }
    // What a person has mended and what then broke anew is news at once.
    let heals_by_itself = matches!(cause.kind, Kind::Quota | Kind::Overdue | Kind::Database);
    let is_back = mention.healed_at.is_some() && !heals_by_itself;
    is_back || now - mention.at >= AGAIN
}

/// Everything that is wrong now and that the person wants to hear of.
fn incidents(snapshot: &SyncSnapshot, settings: &DesktopSettings) -> BTreeMap<Cause, Incident> {
    let database = snapshot.storage.as_ref().map(|reason| {
        let summary = "Synodic cannot write to its database".to_owned();
        let body = format!("{} Nothing that you have saved is lost.", sentence(reason));
        (Cause { kind: Kind::Database, account: None }, Incident { summary, body, remedy: None })
    });
    let recovered = snapshot.recovered.as_ref().map(|message| {
        let summary = "Synodic’s database was damaged".to_owned();
        (
            Cause { kind: Kind::Recovered, account: None },
            Incident { summary, body: message.clone(), remedy: None },
        )
    });
    let of_accounts = snapshot.integrations.iter().flat_map(of_account);
    database
        .into_iter()
        .chain(recovered)
        .chain(of_accounts)
        .filter(|(cause, _)| is_wanted(cause.kind, settings))
        .collect()
}

const fn is_wanted(kind: Kind, settings: &DesktopSettings) -> bool {
    match kind {
        Kind::SignIn => settings.sign_in,
        Kind::Refused => settings.refused,
        Kind::Conflict => settings.conflict,
        Kind::Review => settings.review,
        Kind::Quota => settings.quota,
        Kind::Overdue => settings.overdue,
        Kind::Database | Kind::Recovered => settings.database,
    }
}

fn of_account(account: &IntegrationSnapshot) -> Vec<(Cause, Incident)> {
    let service = provider_name(account.provider);
    let reason = sentence(account.message.as_deref().unwrap_or_default());
    let is_refused = account.failed > 0 || account.troubles.iter().any(|trouble| !trouble.is_review);
    let is_used_up = account.state == SyncState::BackingOff
        && account.retry_at.is_some_and(|retry_at| retry_at - account.since >= USED_UP);
    let found = [
        (account.state == SyncState::NeedsSignIn).then(|| {
            let body = format!("Sign in to {} in your browser.{}", account.account, waiting(account.pending));
            (
                Kind::SignIn,
                format!("{service} needs you to sign in again"),
                body,
                Some(Remedy::SignIn(account.id)),
            )
        }),
        is_refused.then(|| {
            let (summary, reason) = match account.failed {
                0 => (format!("A calendar at {service} is in trouble"), reason.clone()),
                1 => (
                    format!("{service} did not take an edit"),
                    "It is kept; look at it, try again or discard it.".into(),
                ),
                many => (
                    format!("{service} did not take {many} edits"),
                    "They are kept; look at them, try again or discard them.".into(),
                ),
            };
            let remedy = (account.failed > 0).then_some(Remedy::Retry(account.id));
            (Kind::Refused, summary, reason, remedy)
        }),
        (account.conflicts > 0).then(|| {
            let body = "It was changed here and there. Both versions are kept until you choose.".to_owned();
            (Kind::Conflict, format!("{} to decide at {service}", events(account.conflicts)), body, None)
        }),
        (account.state == SyncState::Review || account.troubles.iter().any(|trouble| trouble.is_review))
            .then(|| {
                let review = account.troubles.iter().find(|trouble| trouble.is_review);
                let why = review.map_or_else(|| reason.clone(), |review| sentence(&review.message));
                (
                    Kind::Review,
                    format!("{service} would change much"),
                    format!("{why} Nothing was changed yet."),
                    None,
                )
            }),
        is_used_up.then(|| {
            let body = format!("{reason} Synodic asks again by itself.{}", waiting(account.pending));
            (Kind::Quota, format!("{service} allows no more requests for now"), body, None)
        }),
        (account.state == SyncState::Overdue).then(|| {
            let body =
                format!("{} should have answered by now.{}", account.account, waiting(account.pending));
            (Kind::Overdue, format!("No news from {service}"), body, Some(Remedy::Sync(account.id)))
        }),
    ];
    let whole = |(kind, summary, body, remedy): (Kind, String, String, Option<Remedy>)| {
        let body = body.trim().to_owned();
        (Cause { kind, account: Some(account.id) }, Incident { summary, body, remedy })
    };
    found.into_iter().flatten().map(whole).collect()
}

fn events(count: u32) -> String {
    if count == 1 { "One event".into() } else { format!("{count} events") }
}

fn waiting(pending: u32) -> String {
    match pending {
        0 => String::new(),
        1 => " One edit waits meanwhile; nothing is lost.".into(),
        many => format!(" {many} edits wait meanwhile; nothing is lost."),
    }
}

/// An error's text as a sentence.
fn sentence(reason: &str) -> String {
    let reason = reason.trim();
    let mut letters = reason.chars();
    let Some(first) = letters.next() else { return String::new() };
    let end = if reason.ends_with(['.', '!', '?']) { "" } else { "." };
    format!("{}{}{end}", first.to_uppercase(), letters.as_str())
}

#[cfg(test)]
mod tests {
    use synodic_engine::snapshot::{LinkTrouble, Listening};
    use synodic_model::LinkId;
    use synodic_model::sync::ProviderKind;

    use super::*;

    const ADA: IntegrationId = IntegrationId::new(uuid::Uuid::from_u128(1));

    fn at(minute: i64) -> DateTime<Utc> {
        "2026-11-23T12:00:00Z".parse::<DateTime<Utc>>().unwrap() + TimeDelta::minutes(minute)
    }

    fn account(state: SyncState) -> IntegrationSnapshot {
        IntegrationSnapshot {
            id: ADA,
            provider: ProviderKind::Google,
            account: "ada@example.org".into(),
            state,
            progress: None,
            retry_at: None,
            since: at(0),
            last_success_at: None,
            message: None,
            pending: 2,
            failed: u32::from(state == SyncState::Failed),
            conflicts: u32::from(state == SyncState::Conflict),
            unreadable: 0,
            listening: Listening::Webhook,
            troubles: Vec::new(),
        }
    }

    fn of(accounts: Vec<IntegrationSnapshot>) -> SyncSnapshot {
        SyncSnapshot {
            at: at(0),
            state: SyncState::Synced,
            integrations: accounts,
            pending: 2,
            failed: 0,
            conflicts: 0,
            paused: None,
            last_success_at: None,
            storage: None,
            recovered: None,
            queue: Vec::new(),
        }
    }

    fn snapshot(state: SyncState) -> SyncSnapshot {
        of(vec![account(state)])
    }

    /// Plays snapshots and returns the kinds that were shown (true) and withdrawn, with the minute.
    fn play(told: &mut Told, minute: i64, snapshot: &SyncSnapshot) -> Vec<(Kind, bool)> {
        let (steps, next) = told.steps(snapshot, &DesktopSettings::default(), false, at(minute));
        *told = next;
        let kind = |step| match step {
            Step::Show(cause, _) => (cause.kind, true),
            Step::Withdraw(cause) => (cause.kind, false),
        };
        steps.into_iter().map(kind).collect()
    }

    fn only(snapshot: &SyncSnapshot) -> Incident {
        let (steps, _) = Told::default().steps(snapshot, &DesktopSettings::default(), false, at(0));
        match steps.as_slice() {
            [Step::Show(_, incident)] => incident.clone(),
            other => panic!("one notification, not {other:#?}"),
        }
    }

    #[test]
    fn a_hundred_failures_are_one_notification() {
        let mut told = Told::default();
        assert_eq!(play(&mut told, 0, &snapshot(SyncState::Failed)), [(Kind::Refused, true)]);
        for failed in 2..=100 {
            let more = of(vec![IntegrationSnapshot { failed, ..account(SyncState::Failed) }]);
            assert_eq!(play(&mut told, 1, &more), []);
        }
    }

    #[test]
    fn every_state_that_needs_the_person_is_told_and_no_other() {
        let used_up = IntegrationSnapshot { retry_at: Some(at(360)), ..account(SyncState::BackingOff) };
        assert_eq!(only(&of(vec![used_up])).summary, "Google allows no more requests for now");
        let full = SyncSnapshot { storage: Some("the disk is full".into()), ..snapshot(SyncState::Synced) };
        assert_eq!(only(&full).body, "The disk is full. Nothing that you have saved is lost.");
        for (state, expected) in [
            (SyncState::NeedsSignIn, Some(Kind::SignIn)),
            (SyncState::Conflict, Some(Kind::Conflict)),
            (SyncState::Failed, Some(Kind::Refused)),
            (SyncState::Review, Some(Kind::Review)),
            (SyncState::Overdue, Some(Kind::Overdue)),
            (SyncState::Offline, None),
            (SyncState::Paused, None),
            (SyncState::BackingOff, None),
            (SyncState::Syncing, None),
            (SyncState::Pending, None),
            (SyncState::Synced, None),
        ] {
            let shown = play(&mut Told::default(), 0, &snapshot(state));
            assert_eq!(shown, expected.map(|kind| (kind, true)).into_iter().collect::<Vec<_>>(), "{state:?}");
        }
    }

    #[test]
    fn what_is_healed_is_withdrawn_and_told_anew_when_it_is_back() {
        let mut told = Told::default();
        assert_eq!(play(&mut told, 0, &snapshot(SyncState::NeedsSignIn)), [(Kind::SignIn, true)]);
        assert_eq!(play(&mut told, 1, &snapshot(SyncState::Synced)), [(Kind::SignIn, false)]);
        assert_eq!(play(&mut told, 2, &snapshot(SyncState::Synced)), []);
        assert_eq!(play(&mut told, 3, &snapshot(SyncState::NeedsSignIn)), [(Kind::SignIn, true)]);
    }

    #[test]
    fn what_flaps_by_itself_is_told_once() {
        let mut told = Told::default();
        let mut shown = 0;
        for minute in 0..300 {
            let state = if minute % 2 == 0 { SyncState::Overdue } else { SyncState::Offline };
            shown +=
                play(&mut told, minute, &snapshot(state)).iter().filter(|(_, is_shown)| *is_shown).count();
        }
        assert_eq!(shown, 1);
    }

    #[test]
    fn what_stays_wrong_is_told_again_after_six_hours() {
        let mut told = Told::default();
        let minutes: Vec<i64> = (0..24 * 60)
            .filter(|minute| !play(&mut told, *minute, &snapshot(SyncState::NeedsSignIn)).is_empty())
            .collect();
        assert_eq!(minutes, [0, 360, 720, 1080]);
    }

    #[test]
    fn nothing_is_shown_while_nobody_wants_to_be_disturbed() {
        let settings = DesktopSettings::default();
        let (steps, told) = Told::default().steps(&snapshot(SyncState::NeedsSignIn), &settings, true, at(0));
        assert_eq!(steps, []);
        let (steps, _) = told.steps(&snapshot(SyncState::NeedsSignIn), &settings, false, at(60));
        assert_eq!(steps.len(), 1, "it is told afterwards, for it is still so");
    }

    #[test]
    fn each_kind_can_be_switched_off() {
        let off = DesktopSettings { refused: false, ..DesktopSettings::default() };
        let both = of(vec![IntegrationSnapshot { failed: 1, ..account(SyncState::NeedsSignIn) }]);
        let (steps, _) = Told::default().steps(&both, &off, false, at(0));
        assert!(matches!(steps.as_slice(), [Step::Show(Cause { kind: Kind::SignIn, .. }, _)]), "{steps:#?}");
    }

    #[test]
    fn a_notification_names_the_account_what_waits_and_what_can_be_done() {
        let told = only(&snapshot(SyncState::NeedsSignIn));
        assert_eq!(told.summary, "Google needs you to sign in again");
        assert!(told.body.contains("ada@example.org") && told.body.contains("2 edits wait"), "{}", told.body);
        assert_eq!(told.remedy, Some(Remedy::SignIn(ADA)));
        let trouble = LinkTrouble {
            link_id: LinkId::new(uuid::Uuid::nil()),
            message: "“Team” is gone".into(),
            is_review: false,
        };
        let gone = of(vec![IntegrationSnapshot {
            troubles: vec![trouble],
            failed: 0,
            ..account(SyncState::Failed)
        }]);
        assert_eq!(only(&gone).remedy, None, "there is no edit to try again");
    }
}
