//! How one simulated Google behaves.

use std::sync::Arc;
use std::time::Duration;

use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use super::push::Courier;
use crate::clock::{Clock, SystemClock};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// How one simulated Google behaves. The defaults are those of the real service where it has any, and calm: nothing is
/// delayed, limited or lost until it is asked for.
#[derive(Clone, Debug)]
pub struct GoogleOptions {
    /// Where time comes from.
    pub clock: Arc<dyn Clock>,
    /// What every id, token, order and accident is derived from.
    pub seed: u64,
    /// The zone of calendars that are not given one.
    pub time_zone: Tz,

    /// Whether the consent page redirects at once instead of waiting for a click.
    pub auto_consent: bool,
    /// The client id and secret that are accepted; any when absent.
    pub oauth_client: Option<(String, String)>,
    /// Whether the OAuth project is in "Testing", which ends every refresh token after seven days.
    pub oauth_testing: bool,
    /// How long an access token lives.
    pub token_lifetime: Duration,

    /// A page is never longer than this, whatever was asked for.
    pub page_size_cap: Option<usize>,
    /// Whether some pages are half empty, and some empty, although more follow.
    pub ragged_pages: bool,
    /// How long a sync token is honoured.
    pub sync_token_lifetime: Duration,
    /// How long a deleted event can still be seen.
    pub tombstone_lifetime: Duration,
    /// How far back `updatedMin` may lie.
    pub updated_min_horizon: Duration,
    /// How far an endless series is expanded, counted from now or its start, whichever is later.
    pub expansion_horizon: Duration,
    /// The longest time between a write and its appearance in incremental listings.
    pub visibility_lag: Duration,
    /// Whether deleting a series also lists each of its exceptions as deleted.
    pub cascade_in_feed: bool,
    /// Whether the parts of an `RRULE` come back in Google's own order.
    pub normalise_rules: bool,

    /// How push notifications are sent.
    pub push: PushOptions,
    /// The request quota; none when absent.
    pub quota: Option<Quota>,
}

impl Default for GoogleOptions {
    fn default() -> Self {
        Self {
            clock: Arc::new(SystemClock),
            seed: 0,
            time_zone: Tz::UTC,
            auto_consent: false,
            oauth_client: None,
            oauth_testing: false,
            token_lifetime: Duration::from_secs(3599),
            page_size_cap: None,
            ragged_pages: false,
            sync_token_lifetime: 28 * DAY,
            tombstone_lifetime: 30 * DAY,
            updated_min_horizon: 28 * DAY,
            expansion_horizon: 730 * DAY,
            visibility_lag: Duration::ZERO,
            cascade_in_feed: false,
            normalise_rules: true,
            push: PushOptions::default(),
            quota: None,
        }
    }
}

/// How push notifications are sent.
#[derive(Clone, Debug)]
pub struct PushOptions {
    /// Who carries them; over HTTP when absent.
    pub courier: Option<Arc<dyn Courier>>,
    /// Whether plain-http addresses on loopback are accepted, which the real service never does.
    pub allow_loopback: bool,
    /// How long a channel lives when the client does not say.
    pub default_lifetime: Duration,
    /// How long a channel may live at most.
    pub longest_lifetime: Duration,
    /// The wait before a message is sent.
    pub delay: Duration,
    /// The wait before the first retry; it doubles with each further one.
    pub first_retry: Duration,
    /// How often a message is retried.
    pub retries: u32,
    /// The share of messages that are lost (0.0 to 1.0).
    pub lost: f64,
    /// The share of messages that are sent twice (0.0 to 1.0).
    pub duplicated: f64,
}

impl Default for PushOptions {
    fn default() -> Self {
        Self {
            courier: None,
            allow_loopback: true,
            default_lifetime: 7 * DAY,
            longest_lifetime: 30 * DAY,
            delay: Duration::ZERO,
            first_retry: Duration::from_secs(1),
            retries: 5,
            lost: 0.0,
            duplicated: 0.0,
        }
    }
}

/// A request quota, kept as two token buckets that refill steadily. `patch` costs three.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Quota {
    /// Requests per minute and account.
    pub per_user: u32,
    /// Requests per minute of all accounts together.
    pub per_project: u32,
    /// Whether a refusal is a 429; otherwise it is a 403, as the real service answers either.
    pub as_429: bool,
    /// The value of a `Retry-After` header on refusals; none when absent.
    pub retry_after_seconds: Option<u64>,
}

impl Default for Quota {
    fn default() -> Self {
        Self { per_user: 600, per_project: 10_000, as_429: false, retry_after_seconds: None }
    }
}
