//! The request quota, as token buckets that the injected clock refills.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::error::ApiError;
use super::options::Quota;

/// One bucket, counted in thousandths of a request.
#[derive(Clone, Copy, Debug)]
struct Bucket {
    level: i64,
    at: DateTime<Utc>,
}

impl Bucket {
    fn refill(&mut self, per_minute: u32, now: DateTime<Utc>) {
        let elapsed = (now - self.at).num_milliseconds().clamp(0, 60_000);
        let full = i64::from(per_minute) * 1000;
        self.level = (self.level + elapsed * i64::from(per_minute) / 60).min(full);
        self.at = now;
    }
}

/// The buckets of all accounts, and of the project under the empty name.
#[derive(Clone, Debug, Default)]
pub(crate) struct Buckets(BTreeMap<String, Bucket>);

impl Buckets {
    /// Takes the cost of a request out of both buckets, or refuses it.
    pub(crate) fn spend(
        &mut self,
        quota: &Quota,
        email: &str,
        cost: u32,
        now: DateTime<Utc>,
    ) -> Result<(), ApiError> {
        let cost = i64::from(cost) * 1000;
        let limits =
            [(email, quota.per_user, "userRateLimitExceeded"), ("", quota.per_project, "rateLimitExceeded")];
        for (name, per_minute, reason) in limits {
            let full = Bucket { level: i64::from(per_minute) * 1000, at: now };
            let bucket = self.0.entry(name.to_owned()).or_insert(full);
            bucket.refill(per_minute, now);
            if bucket.level < cost {
                let refusal = if quota.as_429 {
                    ApiError::injected(429, "rateLimitExceeded")
                } else {
                    ApiError::injected(403, reason)
                };
                return Err(refusal.with_retry_after(quota.retry_after_seconds));
            }
        }
        for (name, ..) in limits {
            if let Some(bucket) = self.0.get_mut(name) {
                bucket.level -= cost;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    #[test]
    fn a_bucket_empties_and_refills_with_the_clock() {
        let quota = Quota { per_user: 60, ..Quota::default() };
        let mut buckets = Buckets::default();
        let start = DateTime::UNIX_EPOCH;
        for _ in 0..20 {
            buckets.spend(&quota, "ada", 3, start).unwrap();
        }
        let refusal = buckets.spend(&quota, "ada", 1, start).unwrap_err();
        assert_eq!((refusal.status(), refusal.reason()), (403, "userRateLimitExceeded"));
        assert!(buckets.spend(&quota, "bob", 1, start).is_ok(), "each account has its own");
        let later = start + TimeDelta::seconds(2);
        assert!(buckets.spend(&quota, "ada", 2, later).is_ok());
        assert!(buckets.spend(&quota, "ada", 1, later).is_err());
    }

    #[test]
    fn a_refusal_can_be_a_429() {
        let quota = Quota { per_user: 0, as_429: true, retry_after_seconds: Some(3), ..Quota::default() };
        let refusal = Buckets::default().spend(&quota, "ada", 1, DateTime::UNIX_EPOCH).unwrap_err();
        assert_eq!((refusal.status(), refusal.reason()), (429, "rateLimitExceeded"));
    }
}
