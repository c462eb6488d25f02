//! How one simulated Notion behaves.

use std::sync::Arc;
use std::time::Duration;

use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use super::webhook::courier::Courier;
use crate::clock::{Clock, SystemClock};

/// How one simulated Notion behaves. The defaults are those of the real service where it has any, and calm: nothing is
/// delayed, limited or lost until it is asked for.
#[derive(Clone, Debug)]
pub struct NotionOptions {
    /// Where time comes from.
    pub clock: Arc<dyn Clock>,
    /// What every id, token, order and accident is derived from.
    pub seed: u64,
    /// The zone in which people write their dates.
    pub time_zone: Tz,

    /// Whether the consent page redirects at once instead of waiting for a click.
    pub auto_consent: bool,
    /// The OAuth client's id and secret that are accepted; any when absent.
    pub oauth_client: Option<(String, String)>,
    /// The redirect addresses that are registered; any on loopback or with https when empty.
    pub redirect_uris: Vec<String>,
    /// How long an access token from OAuth lives; for ever when absent, as they did for years.
    pub token_lifetime: Option<Duration>,

    /// Whether dates come back with the zone they were written with. The real service gives an offset instead.
    pub keep_time_zone: bool,
    /// Whether a change of a page's body also moves the page's `last_edited_time`.
    pub body_edits_touch_page: bool,
    /// Whether an unknown property in a write is passed over without a word, as some have seen.
    pub ignore_unknown_properties: bool,
    /// How long a created or changed row stays as it was in the answers to queries.
    pub query_lag: Duration,
    /// How long something new stays out of the search.
    pub search_lag: Duration,
    /// How long a template takes to fill a new page.
    pub template_delay: Duration,
    /// Whether some pages of a listing are shorter than asked for, although more follow.
    pub ragged_pages: bool,
    /// How many rows one query can return in all.
    pub query_ceiling: usize,
    /// Two writes to one page within this time may collide.
    pub conflict_window: Duration,
    /// The share of such writes that do (0.0 to 1.0).
    pub conflicts: f64,
    /// How many blocks, pages included, the workspace may hold; any number when absent.
    pub block_limit: Option<usize>,

    /// The request limits; none when absent.
    pub limits: Option<Limits>,
    /// How webhooks are sent.
    pub webhooks: WebhookOptions,
}

impl Default for NotionOptions {
    fn default() -> Self {
        Self {
            clock: Arc::new(SystemClock),
            seed: 0,
            time_zone: Tz::UTC,
            auto_consent: false,
            oauth_client: None,
            redirect_uris: Vec::new(),
            token_lifetime: None,
            keep_time_zone: false,
            body_edits_touch_page: true,
            ignore_unknown_properties: false,
            query_lag: Duration::ZERO,
            search_lag: Duration::ZERO,
            template_delay: Duration::from_secs(2),
            ragged_pages: false,
            query_ceiling: 10_000,
            conflict_window: Duration::from_secs(1),
            conflicts: 0.0,
            block_limit: None,
            limits: None,
            webhooks: WebhookOptions::default(),
        }
    }
}

/// The request limits: fixed windows, which may be spent in a burst.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// How long a window is, in seconds.
    pub window_seconds: u32,
    /// Requests of one connection in a window.
    pub per_connection: u32,
    /// Requests of all connections of a workspace in a window; any number when absent.
    pub per_workspace: Option<u32>,
    /// Whether a refusal says when to come back.
    pub retry_after: bool,
    /// Whether every request is refused, and no wait would help.
    pub blocked: bool,
}

impl Default for Limits {
    /// What every plan below Business has: 180 requests a minute.
    fn default() -> Self {
        Self {
            window_seconds: 60,
            per_connection: 180,
            per_workspace: None,
            retry_after: true,
            blocked: false,
        }
    }
}

impl Limits {
    /// The budget of the Business and Enterprise plans: 600 requests a minute.
    pub fn business() -> Self {
        Self { per_connection: 600, ..Self::default() }
    }

    /// The limit that was documented for years, without the bursts: so many requests each second.
    pub fn each_second(requests: u32) -> Self {
        Self { window_seconds: 1, per_connection: requests, ..Self::default() }
    }
}

/// How webhooks are sent.
#[derive(Clone, Debug)]
pub struct WebhookOptions {
    /// Who carries them; over HTTP when absent.
    pub courier: Option<Arc<dyn Courier>>,
    /// How long changes of one thing are collected into one event.
    pub aggregation: Duration,
    /// The further wait before an event is sent.
    pub delay: Duration,
    /// A wait of up to this is added to each event by chance, so that they overtake each other.
    pub disorder: Duration,
    /// The wait before the first retry; each further one is longer, and the last attempt comes a day after the first.
    pub first_retry: Duration,
    /// How often an event is sent at most.
    pub attempts: u32,
    /// The share of events that are lost (0.0 to 1.0).
    pub lost: f64,
    /// The share of events that are sent twice (0.0 to 1.0).
    pub duplicated: f64,
}

impl Default for WebhookOptions {
    fn default() -> Self {
        Self {
            courier: None,
            aggregation: Duration::ZERO,
            delay: Duration::ZERO,
            disorder: Duration::ZERO,
            first_retry: Duration::from_secs(60),
            attempts: 8,
            lost: 0.0,
            duplicated: 0.0,
        }
    }
}
