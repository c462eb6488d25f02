//! What a command line may ask of an engine, as values: carried out in this process, or sent to the one that runs.
//!
//! Every variant is one method of the engine. The answer travels as JSON in both cases, so that a command behaves the
//! same beside the running window and without it.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use synodic_engine::notion::MappingChoice;
use synodic_engine::sign_in::SignIn;
use synodic_engine::view::{
    EventAnswer, EventChange, EventDraft, EventMove, EventTarget, Failure, FailureCode, NotifyAttendees,
};
use synodic_engine::{Engine, EngineError};
use synodic_model::sync::SyncDirection;
use synodic_model::{CalendarId, IntegrationId, LinkId, QueueId, RemoteCalendarId, TimeWindow};

/// One thing to do.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "call", content = "with", rename_all = "snake_case")]
pub(crate) enum Call {
    /// Bring the window to the front. Answered by the desktop, not by the engine.
    Raise,
    Snapshot,
    /// One complete pass over one account, or over all.
    Sync {
        account: Option<IntegrationId>,
    },
    Occurrences {
        window: TimeWindow,
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
    RemoteCalendars {
        account: Option<IntegrationId>,
    },
    LinkCalendar {
        calendar: Option<CalendarId>,
        account: IntegrationId,
        remote: RemoteCalendarId,
        direction: SyncDirection,
    },
    UnlinkCalendar {
        link: LinkId,
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
    SetNotionMapping {
        link: LinkId,
        choice: MappingChoice,
    },
    Accounts,
    /// Signs in to Google; the address is announced, and opened here when `open_browser` is set.
    AddGoogleAccount {
        open_browser: bool,
    },
    /// Connects the workspace that a pasted token is for.
    AddNotionAccount {
        token: Secret,
    },
    /// Signs in to Notion in the browser.
    AddNotionAccountInBrowser {
        open_browser: bool,
    },
    RemoveAccount {
        account: IntegrationId,
        keep_events: bool,
    },
    Queue,
    RetryEdit {
        entry: QueueId,
    },
    DiscardEdit {
        entry: QueueId,
    },
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
        Call::Raise => Ok(Value::Null),
        Call::Snapshot => json(Ok(engine.snapshot())),
        Call::Sync { account } => json(engine.sync_pass(account).await),
        Call::Occurrences { window } => json(engine.occurrences(window).await),
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
        Call::RemoteCalendars { account } => json(engine.remote_calendars(account).await),
        Call::LinkCalendar { calendar, account, remote, direction } => {
            json(engine.link_calendar(calendar, account, remote, direction).await)
        }
        Call::UnlinkCalendar { link } => json(engine.unlink_calendar(link).await),
        Call::ProposeNotionMapping { account, remote } => {
            json(engine.propose_notion_mapping(account, &remote).await)
        }
        Call::NotionMapping { link } => json(engine.notion_mapping(link).await),
        Call::LinkNotion { calendar, account, remote, direction, choice } => {
            json(engine.link_notion(calendar, account, remote, direction, choice).await)
        }
        Call::BeginNotionWebhook { account } => json(engine.begin_notion_webhook(account).await),
        Call::NotionWebhook { account } => json(engine.notion_webhook(account).await),
        Call::SetNotionMapping { link, choice } => json(engine.set_notion_mapping(link, choice).await),
        Call::Accounts => json(engine.integrations().await),
        Call::AddGoogleAccount { open_browser } => add_google_account(engine, open_browser, notice).await,
        Call::AddNotionAccount { token } => json(engine.connect_notion(&token.0).await),
        Call::AddNotionAccountInBrowser { open_browser } => {
            let sign_in = engine.begin_notion_sign_in().await;
            in_browser(sign_in, open_browser, notice).await
        }
        Call::RemoveAccount { account, keep_events } => {
            json(engine.remove_account(account, keep_events).await)
        }
        Call::Queue => json(engine.queue_list().await),
        Call::RetryEdit { entry } => json(engine.queue_retry(entry).await),
        Call::DiscardEdit { entry } => json(engine.queue_discard(entry).await),
    }
}

async fn add_google_account(
    engine: &Engine,
    open_browser: bool,
    notice: &mut (dyn FnMut(Notice) + Send),
) -> Result<Value, Failure> {
    in_browser(engine.begin_google_sign_in().await, open_browser, notice).await
}

async fn in_browser(
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
