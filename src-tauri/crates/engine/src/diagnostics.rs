//! What somebody who helps has to know, and nothing that is the person's own: no title, no name, no address, no token.
//!
//! Nothing is filtered out of what the replica says. Each part is built from numbers, words of ours, and numbered names,
//! so that a field that is added to an event or an error some day does not leak by being forgotten here.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use synodic_model::sync::{IntegrationStatus, LogAction, LogOutcome, ProviderKind, SyncDirection};
use synodic_store::LogFilter;

use crate::desktop::DesktopSettings;
use crate::engine::Engine;
use crate::error::EngineError;
use crate::snapshot::{Listening, SyncState};

/// How far the history goes back.
const DAYS: TimeDelta = TimeDelta::days(7);
/// The most lines of it.
const LINES: u32 = 2_000;

/// The state of an engine, without anything that is the person's own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Diagnostics {
    /// When this was true.
    pub at: DateTime<Utc>,
    /// The program's version.
    pub version: String,
    /// The operating system and the processor.
    pub platform: String,
    /// How sync stands.
    pub state: SyncState,
    /// How many local calendars there are.
    pub calendars: usize,
    /// Whether sync is paused.
    pub paused: bool,
    /// For how many days changes of events are kept.
    pub history_days: i64,
    /// What the desktop tells of.
    pub desktop: DesktopSettings,
    /// Each connected account, in the order in which they were connected.
    pub accounts: Vec<AccountDiagnostics>,
    /// What was done in the last days, the latest first.
    pub log: Vec<LogDiagnostics>,
}

/// One account, by its number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountDiagnostics {
    /// Its place in the order in which accounts were connected, from 1.
    pub number: usize,
    /// The service.
    pub provider: ProviderKind,
    /// Whether it may be used.
    pub status: IntegrationStatus,
    /// How it stands.
    pub state: Option<SyncState>,
    /// How changes reach us.
    pub listening: Option<Listening>,
    /// The last pass that reached the end.
    pub last_success_at: Option<DateTime<Utc>>,
    /// Edits that wait.
    pub pending: u32,
    /// Edits that were refused.
    pub failed: u32,
    /// Conflicts.
    pub conflicts: u32,
    /// Items that could not be read.
    pub unreadable: u32,
    /// How often its work broke down, or came to nothing, and was started again since the program began.
    pub restarts: u32,
    /// Its links.
    pub links: Vec<LinkDiagnostics>,
}

/// One link, by its number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkDiagnostics {
    /// Its place among all links, from 1.
    pub number: usize,
    /// Which way changes travel.
    pub direction: SyncDirection,
    /// Events that the remote is known to have.
    pub events: u32,
    /// Whether the next pull can go on where the last one ended.
    pub has_cursor: bool,
    /// When it was last read to the end.
    pub last_pulled_at: Option<DateTime<Utc>>,
    /// When its notification channel ends, if it has one.
    pub channel_expires_at: Option<DateTime<Utc>>,
}

/// A line of history, its account and link by their numbers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogDiagnostics {
    /// When it happened.
    pub at: DateTime<Utc>,
    /// The account.
    pub account: Option<usize>,
    /// The link.
    pub link: Option<usize>,
    /// What was done.
    pub action: LogAction,
    /// How it ended.
    pub outcome: LogOutcome,
    /// How long it took.
    pub duration_ms: i64,
    /// Counts, and the kind of a failure; never its words, for services repeat in them what they were sent.
    pub detail: Value,
}

impl Engine {
    /// Gathers what somebody who helps has to know, without titles, names, addresses and tokens.
    ///
    /// # Errors
    /// [`EngineError::Store`] when the replica cannot be read.
    pub async fn diagnostics(&self) -> Result<Diagnostics, EngineError> {
        let (store, now, snapshot) = (&self.inner.store, self.inner.clock.now(), self.snapshot());
        let (integrations, links) = (store.integrations().await?, store.links().await?);
        let filter = LogFilter::between(now - DAYS, now + TimeDelta::seconds(1));
        let restarts = self.inner.board.restarts();
        let mut accounts = Vec::new();
        for (index, account) in integrations.iter().enumerate() {
            let shown = snapshot.integrations.iter().find(|shown| shown.id == account.id);
            let mut own = Vec::new();
            for (index, link) in
                links.iter().enumerate().filter(|(_, link)| link.integration_id == account.id)
            {
                own.push(LinkDiagnostics {
                    number: index + 1,
                    direction: link.direction,
                    events: store.known_at(link.id).await?,
                    has_cursor: link.cursor.is_some(),
                    last_pulled_at: link.last_pulled_at,
                    channel_expires_at: link.webhook.as_ref().map(|webhook| webhook.expires_at),
                });
            }
            accounts.push(AccountDiagnostics {
                number: index + 1,
                provider: account.provider,
                status: account.status,
                state: shown.map(|shown| shown.state),
                listening: shown.map(|shown| shown.listening),
                last_success_at: account.last_success_at,
                pending: shown.map_or(0, |shown| shown.pending),
                failed: shown.map_or(0, |shown| shown.failed),
                conflicts: shown.map_or(0, |shown| shown.conflicts),
                unreadable: shown.map_or(0, |shown| shown.unreadable),
                restarts: restarts.get(&account.id).copied().unwrap_or_default(),
                links: own,
            });
        }
        let log = store.log_lines(&filter, LINES).await?.into_iter().map(|line| LogDiagnostics {
            at: line.at,
            account: integrations
                .iter()
                .position(|account| Some(account.id) == line.integration_id)
                .map(|index| index + 1),
            link: links.iter().position(|link| Some(link.id) == line.link_id).map(|index| index + 1),
            action: line.action,
            outcome: line.outcome,
            duration_ms: line.duration_ms,
            detail: bare(&line.detail),
        });
        Ok(Diagnostics {
            at: now,
            version: env!("CARGO_PKG_VERSION").into(),
            platform: format!("{} {}", std::env::consts::OS, std::env::consts::ARCH),
            state: snapshot.state,
            calendars: store.calendars().await?.len(),
            paused: snapshot.paused.is_some(),
            history_days: self.history_days().await?,
            desktop: self.desktop_settings().await?,
            accounts,
            log: log.collect(),
        })
    }
}

/// Keeps numbers, yes and no, and the texts that are words of ours.
fn bare(detail: &Value) -> Value {
    let Value::Object(fields) = detail else { return Value::Null };
    let kept = fields.iter().filter(|(name, value)| match value {
        Value::Number(_) | Value::Bool(_) => true,
        Value::Array(values) => values.iter().all(Value::is_number),
        Value::String(_) => ["kind", "way", "cause"].contains(&name.as_str()),
        Value::Null | Value::Object(_) => false,
    });
    Value::Object(kept.map(|(name, value)| (name.clone(), value.clone())).collect())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn of_a_detail_only_counts_and_kinds_are_left() {
        let detail = json!({
            "reason": "“Dinner with Ada” was refused", "kind": "permanent", "created": 3, "full": false,
            "delays_ms": [1, 2], "titles": ["Dinner"], "base": { "title": "Dinner" }, "note": "Dinner",
        });
        let expected = json!({ "kind": "permanent", "created": 3, "full": false, "delays_ms": [1, 2] });
        assert_eq!(bare(&detail), expected);
        assert_eq!(bare(&json!("Dinner")), Value::Null);
    }
}
