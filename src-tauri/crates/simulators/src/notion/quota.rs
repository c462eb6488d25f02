//! The request limits, as fixed windows of the injected clock.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::error::ApiError;
use super::options::Limits;

/// How many requests were made in the window that began last.
#[derive(Clone, Copy, Debug, Default)]
struct Window {
    /// The number of the window since the epoch.
    number: i64,
    used: u32,
}

/// The windows of all connections and workspaces.
#[derive(Clone, Debug, Default)]
pub(crate) struct Windows(BTreeMap<Uuid, Window>);

impl Windows {
    /// Counts a request in both windows, or refuses it.
    pub(crate) fn spend(
        &mut self,
        limits: &Limits,
        bot: Uuid,
        workspace: Uuid,
        now: DateTime<Utc>,
    ) -> Result<(), ApiError> {
        if limits.blocked {
            return Err(ApiError::rate_limited("public_api_request_blocked", 3600));
        }
        let length = i64::from(limits.window_seconds.max(1));
        let number = now.timestamp().div_euclid(length);
        let budgets = [
            (bot, Some(limits.per_connection), "public_api_request_rate_limit"),
            (workspace, limits.per_workspace, "public_api_space_request_rate_limit"),
        ];
        for (whose, budget, reason) in budgets {
            let window = self.0.entry(whose).or_default();
            if window.number != number {
                *window = Window { number, used: 0 };
            }
            if budget.is_some_and(|budget| window.used >= budget) {
                let left = (number + 1) * length - now.timestamp();
                let refusal = ApiError::rate_limited(reason, u64::try_from(left).unwrap_or(1).max(1));
                return Err(if limits.retry_after { refusal } else { refusal.without_retry_after() });
            }
        }
        for (whose, ..) in budgets {
            if let Some(window) = self.0.get_mut(&whose) {
                window.used += 1;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use serde_json::json;

    use super::*;

    const BOT: Uuid = Uuid::from_u128(1);
    const OTHER: Uuid = Uuid::from_u128(2);
    const PLACE: Uuid = Uuid::from_u128(3);

    #[test]
    fn a_window_can_be_spent_in_a_burst_and_begins_anew() {
        let (mut windows, limits) = (Windows::default(), Limits::default());
        let start = DateTime::UNIX_EPOCH + TimeDelta::seconds(20);
        for _ in 0..180 {
            windows.spend(&limits, BOT, PLACE, start).unwrap();
        }
        let refusal = windows.spend(&limits, BOT, PLACE, start).unwrap_err();
        assert_eq!((refusal.status(), refusal.code()), (429, "rate_limited"));
        let data = refusal.body_value()["additional_data"].clone();
        assert_eq!(
            data,
            json!({ "rate_limit_reason": "public_api_request_rate_limit", "retry_after": "40" })
        );
        assert!(windows.spend(&limits, OTHER, PLACE, start).is_ok(), "each connection has its own");
        assert!(windows.spend(&limits, BOT, PLACE, start + TimeDelta::seconds(40)).is_ok());
    }

    #[test]
    fn a_workspace_is_shared_and_a_block_is_for_all() {
        let limits = Limits { per_workspace: Some(2), ..Limits::each_second(3) };
        let (mut windows, now) = (Windows::default(), DateTime::UNIX_EPOCH);
        windows.spend(&limits, BOT, PLACE, now).unwrap();
        windows.spend(&limits, OTHER, PLACE, now).unwrap();
        let refusal = windows.spend(&limits, BOT, PLACE, now).unwrap_err();
        let reason = &refusal.body_value()["additional_data"]["rate_limit_reason"];
        assert_eq!(reason, "public_api_space_request_rate_limit");
        let blocked = Limits { blocked: true, ..limits };
        let refusal = Windows::default().spend(&blocked, BOT, PLACE, now).unwrap_err();
        let reason = &refusal.body_value()["additional_data"]["rate_limit_reason"];
        assert_eq!(reason, "public_api_request_blocked");
    }
}
