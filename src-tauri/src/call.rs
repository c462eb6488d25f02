//! What a command line may ask of an engine, as values: carried out in this process, or sent to the one that runs.
//!
//! Every variant is one method of the engine. The answer travels as JSON in both cases, so that a command behaves the
//! same beside the running window and without it.

use std::fmt;
use std::path::PathBuf;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use synodic_engine::caldav::CaldavPlace;
use synodic_engine::desktop::Navigation;
use synodic_engine::notion::MappingChoice;
use synodic_engine::sign_in::SignIn;
use synodic_engine::view::{
    CalendarChange, EventAnswer, EventChange, EventDraft, EventMove, EventTarget, ExportWish, Failure,
    FailureCode, ImportChoice, NotifyAttendees, Parting, Resolution,
};
use synodic_engine::{Engine, EngineError};
use synodic_model::history::{HistoryId, RunKey};
use synodic_model::reconcile::Policy;
use synodic_model::sync::SyncDirection;
use synodic_model::{CalendarId, EventId, IntegrationId, LinkId, QueueId, RemoteCalendarId, TimeWindow};

/// One thing to do.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "call", content = "with", rename_all = "snake_case")]
pub(crate) enum Call {
    /// Bring the window to the front, and show something. Answered by the desktop, not by the engine.
    Raise {
        place: Option<Navigation>,
    },
    Snapshot,
    /// One complete pass over one account, or over all.
    Sync {
        account: Option<IntegrationId>,
    },
    /// Compares everything with what the services have, of one account or all.
    Audit {
        account: Option<IntegrationId>,
    },
    Occurrences {
        window: TimeWindow,
    },
    /// Searches as seen from the present moment.
    Search {
        text: String,
        limit: usize,
    },
    Event {
        target: EventTarget,
    },
    CreateEvent {
        draft: EventDraft,
    },
    ChangeEvent {
        change: EventChange,
    },
    DeleteEvent {
        target: EventTarget,
        #[serde(default)]
        notify: NotifyAttendees,
    },
    AnswerEvent {
        answer: EventAnswer,
    },
    MoveEvent {
        wish: EventMove,
    },
    Calendars,
    CreateCalendar {
        name: String,
        color: String,
        time_zone: String,
    },
    /// Makes a calendar at a service, and keeps one here in step with it.
    CreateCalendarAt {
        account: IntegrationId,
        name: String,
        color: String,
        time_zone: String,
    },
    /// Gives the calendar at the service another name.
    RenameRemoteCalendar {
        link: LinkId,
        name: String,
    },
    ChangeCalendar {
        calendar: CalendarId,
        change: CalendarChange,
    },
    RemoteCalendars {
        account: Option<IntegrationId>,
    },
    /// Makes these the calendars of an account that are kept in step, and no others.
    ChooseCalendars {
        account: IntegrationId,
        chosen: Vec<RemoteCalendarId>,
        parting: Parting,
    },
    LinkCalendar {
        calendar: Option<CalendarId>,
        account: IntegrationId,
        remote: RemoteCalendarId,
        direction: SyncDirection,
    },
    PlanLink {
        calendar: Option<CalendarId>,
        account: IntegrationId,
        remote: RemoteCalendarId,
        direction: SyncDirection,
        choice: Option<MappingChoice>,
    },
    History {
        event: EventId,
    },
    Why {
        event: EventId,
    },
    Deleted,
    Revert {
        change: HistoryId,
    },
    Runs,
    RevertRun {
        run: RunKey,
    },
    HistoryDays,
    SetHistoryDays {
        days: Option<i64>,
    },
    Conflicts,
    ResolveConflict {
        event: EventId,
        link: LinkId,
        resolution: Resolution,
    },
    ConflictPolicy {
        link: LinkId,
    },
    SetLinkPolicy {
        link: LinkId,
        policy: Option<Policy>,
    },
    Reviews,
    ApproveReview {
        link: LinkId,
    },
    DiscardReview {
        link: LinkId,
    },
    LeavingLink {
        link: LinkId,
    },
    UnlinkCalendar {
        link: LinkId,
        parting: Parting,
    },
    CleanUp {
        account: IntegrationId,
        remote: RemoteCalendarId,
        rehearsal: bool,
    },
    ReadAnew {
        link: Option<LinkId>,
    },
    /// The proposal for a data source that is not linked yet.
    ProposeNotionMapping {
        account: IntegrationId,
        remote: RemoteCalendarId,
    },
    /// What was agreed on about a link.
    NotionMapping {
        link: LinkId,
    },
    LinkNotion {
        calendar: Option<CalendarId>,
        account: IntegrationId,
        remote: RemoteCalendarId,
        direction: SyncDirection,
        choice: Option<MappingChoice>,
    },
    /// Waits for the token of a webhook subscription that is about to be made.
    BeginNotionWebhook {
        account: IntegrationId,
    },
    NotionWebhook {
        account: IntegrationId,
    },
    PlanNotionMapping {
        link: LinkId,
        choice: MappingChoice,
    },
    SetNotionMapping {
        link: LinkId,
        choice: MappingChoice,
    },
    Accounts,
    GoogleClient,
    SetGoogleClient {
        id: Option<String>,
        secret: Option<Secret>,
    },
    /// Signs in to Google; the address is announced, and opened here when `open_browser` is set.
    AddGoogleAccount {
        open_browser: bool,
    },
    /// Connects the workspace that a pasted token is for.
    AddNotionAccount {
        token: Secret,
    },
    /// Connects an account at a calendar server.
    AddCaldavAccount {
        place: CaldavPlace,
        secret: Secret,
    },
    /// Subscribes to the calendar file at an address, which may be a secret.
    Subscribe {
        address: Secret,
    },
    /// Signs in to Notion in the browser.
    AddNotionAccountInBrowser {
        open_browser: bool,
    },
    /// Renews the sign-in of an account that Google no longer lets us use.
    SignInAgain {
        account: IntegrationId,
        open_browser: bool,
    },
    LeavingAccount {
        account: IntegrationId,
    },
    RemoveAccount {
        account: IntegrationId,
        keep_events: bool,
    },
    /// Looks at a calendar file, or takes it into a calendar when `choice` says how. The engine reads it itself: a call is
    /// shorter than such a file may be.
    Import {
        path: PathBuf,
        calendar: CalendarId,
        choice: Option<ImportChoice>,
    },
    /// Writes calendars or events as the text of a calendar file.
    Export {
        wish: ExportWish,
    },
    Diagnostics,
    /// What sync did between each two of these instants.
    Dashboard {
        edges: Vec<DateTime<Utc>>,
    },
    Queue,
    RetryEdit {
        entry: QueueId,
    },
    DiscardEdit {
        entry: QueueId,
    },
}

impl Call {
    /// Whether it waits for the person, and ends when whoever asked goes away.
    pub(crate) const fn ends_with_its_caller(&self) -> bool {
        matches!(
            self,
            Self::AddGoogleAccount { .. } | Self::AddNotionAccountInBrowser { .. } | Self::SignInAgain { .. }
        )
    }
}

/// Something that a call carries and nobody shall read in a log.
#[derive(Clone, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Secret(pub(crate) String);

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Secret(…)")
    }
}

/// What is said while a call is under way, before its answer.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Notice {
    /// The person has to open this address to go on.
    OpenAddress(String),
}

/// Carries a call out on `engine`; `notice` hears what has to be said before the answer.
///
/// # Errors
/// The engine's failure, ready for showing.
pub(crate) async fn answer(
    engine: &Engine,
    call: Call,
    notice: &mut (dyn FnMut(Notice) + Send),
) -> Result<Value, Failure> {
    match call {
        Call::Raise { .. } => Ok(Value::Null),
        Call::Snapshot => json(Ok(engine.snapshot())),
        Call::Sync { account } => json(engine.sync_pass(account).await),
        Call::Audit { account } => json(engine.audit(account).await),
        Call::Occurrences { window } => json(engine.occurrences(window).await),
        Call::Search { text, limit } => json(engine.search(&text, Utc::now(), limit).await),
        Call::Event { target } => json(engine.event(target).await),
        Call::CreateEvent { draft } => json(engine.create_event(draft).await),
        Call::ChangeEvent { change } => json(engine.change_event(change).await),
        Call::DeleteEvent { target, notify } => json(engine.delete_event(target, notify).await),
        Call::AnswerEvent { answer } => json(engine.answer_event(answer).await),
        Call::MoveEvent { wish } => json(engine.move_event(wish).await),
        Call::Calendars => json(engine.calendars().await),
        Call::CreateCalendar { name, color, time_zone } => {
            json(engine.create_calendar(name, color, time_zone).await)
        }
        Call::CreateCalendarAt { account, name, color, time_zone } => {
            json(engine.create_calendar_at(account, name, color, time_zone).await)
        }
        Call::RenameRemoteCalendar { link, name } => json(engine.rename_remote_calendar(link, name).await),
        Call::ChangeCalendar { calendar, change } => json(engine.change_calendar(calendar, change).await),
        Call::ChooseCalendars { account, chosen, parting } => {
            json(engine.choose_calendars(account, chosen, parting).await)
        }
        Call::RemoteCalendars { account } => json(engine.remote_calendars(account).await),
        Call::LinkCalendar { calendar, account, remote, direction } => {
            json(engine.link_calendar(calendar, account, remote, direction).await)
        }
        Call::ProposeNotionMapping { account, remote } => {
            json(engine.propose_notion_mapping(account, &remote).await)
        }
        Call::NotionMapping { link } => json(engine.notion_mapping(link).await),
        Call::LinkNotion { calendar, account, remote, direction, choice } => {
            json(engine.link_notion(calendar, account, remote, direction, choice).await)
        }
        Call::BeginNotionWebhook { account } => json(engine.begin_notion_webhook(account).await),
        Call::NotionWebhook { account } => json(engine.notion_webhook(account).await),
        Call::PlanNotionMapping { link, choice } => json(engine.plan_notion_mapping(link, choice).await),
        Call::SetNotionMapping { link, choice } => json(engine.set_notion_mapping(link, choice).await),
        Call::AddNotionAccount { token } => json(engine.connect_notion(&token.0).await),
        Call::AddCaldavAccount { place, secret } => json(engine.connect_caldav(place, &secret.0).await),
        Call::Subscribe { address } => json(engine.subscribe(&address.0).await),
        Call::AddNotionAccountInBrowser { open_browser } => {
            let sign_in = engine.begin_notion_sign_in().await;
            in_browser(sign_in, open_browser, notice).await
        }
        Call::PlanLink { calendar, account, remote, direction, choice } => {
            json(engine.plan_link(calendar, account, remote, direction, choice).await)
        }
        Call::History { event } => json(engine.event_history(event).await),
        Call::Why { event } => json(engine.why(event).await),
        Call::Deleted => json(engine.deleted_events().await),
        Call::Revert { change } => json(engine.revert_change(change).await),
        Call::Runs => json(engine.runs().await),
        Call::RevertRun { run } => json(engine.revert_run(run).await),
        Call::HistoryDays => json(engine.history_days().await),
        Call::SetHistoryDays { days } => json(engine.set_history_days(days).await),
        Call::Conflicts => json(engine.conflicts().await),
        Call::ResolveConflict { event, link, resolution } => {
            json(engine.resolve_conflict(event, link, resolution).await)
        }
        Call::ConflictPolicy { link } => json(engine.conflict_policy(link).await),
        Call::SetLinkPolicy { link, policy } => json(engine.set_link_policy(link, policy).await),
        Call::Reviews => json(engine.reviews().await),
        Call::ApproveReview { link } => json(engine.approve_review(link).await),
        Call::DiscardReview { link } => json(engine.discard_review(link).await),
        Call::LeavingLink { link } => json(engine.leaving_link(link).await),
        Call::UnlinkCalendar { link, parting } => json(engine.unlink_calendar(link, parting).await),
        Call::CleanUp { account, remote, rehearsal } => {
            json(engine.clean_up(account, remote, rehearsal).await)
        }
        Call::ReadAnew { link } => json(engine.read_anew(link).await),
        Call::Import { path, calendar, choice } => {
            let bytes = crate::calendar_file::read(path).await?;
            match choice {
                None => json(engine.plan_import(bytes, Some(calendar)).await),
                Some(choice) => json(engine.import(bytes, calendar.into(), choice, &mut |_| {}).await),
            }
        }
        Call::Export { wish } => json(engine.export(wish).await),
        Call::Accounts => json(engine.integrations().await),
        Call::GoogleClient => json(engine.google_client_view().await),
        Call::SetGoogleClient { id, secret } => {
            json(engine.set_google_client(id, secret.map(|secret| secret.0)).await)
        }
        Call::AddGoogleAccount { open_browser } => {
            in_browser(engine.begin_google_sign_in().await, open_browser, notice).await
        }
        Call::SignInAgain { account, open_browser } => {
            in_browser(engine.sign_in_again(account).await, open_browser, notice).await
        }
        Call::LeavingAccount { account } => json(engine.leaving_account(account).await),
        Call::RemoveAccount { account, keep_events } => {
            json(engine.remove_account(account, keep_events).await)
        }
        Call::Dashboard { edges } => json(engine.dashboard(&edges).await),
        Call::Diagnostics => json(engine.diagnostics().await),
        Call::Queue => json(engine.queue_list().await),
        Call::RetryEdit { entry } => json(engine.queue_retry(entry).await),
        Call::DiscardEdit { entry } => json(engine.queue_discard(entry).await),
    }
}

/// Signs in through the browser; the address is announced where none opens.
pub(crate) async fn in_browser(
    sign_in: Result<SignIn, EngineError>,
    open_browser: bool,
    notice: &mut (dyn FnMut(Notice) + Send),
) -> Result<Value, Failure> {
    let sign_in = sign_in.map_err(|error| Failure::from(&error))?;
    let address = sign_in.authorize_url().to_string();
    if !open_browser || open::that_detached(&address).is_err() {
        notice(Notice::OpenAddress(address));
    }
    json(sign_in.complete().await)
}

fn json<T: Serialize>(answer: Result<T, EngineError>) -> Result<Value, Failure> {
    let answer = answer.map_err(|error| Failure::from(&error))?;
    serde_json::to_value(answer).map_err(|error| internal(&error))
}

/// A fault of ours, in a sentence.
pub(crate) fn internal(error: &dyn fmt::Display) -> Failure {
    Failure {
        code: FailureCode::Internal,
        message: format!("something unexpected happened: {error}"),
        field: None,
    }
}
