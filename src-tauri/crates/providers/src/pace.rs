//! Keeps one account's requests within the service's quota, whoever sends them.

use std::num::NonZeroU32;

use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};

use crate::transport::Pace;

/// A bucket of quota units that fills at a steady rate. One per account, shared by pull and push.
pub(crate) struct Bucket(Option<DefaultDirectRateLimiter>);

impl Bucket {
    /// A bucket that holds `burst` units and gains `per_second`, unless `pace` says otherwise.
    pub(crate) fn new(pace: Pace, per_second: NonZeroU32, burst: NonZeroU32) -> Self {
        let quota = match pace {
            Pace::OfService => Some(Quota::per_second(per_second).allow_burst(burst)),
            Pace::Limited { per_second, burst } => Some(Quota::per_second(per_second).allow_burst(burst)),
            Pace::Unlimited => None,
        };
        Self(quota.map(RateLimiter::direct))
    }

    /// Waits until `units` may be spent, and spends them. A bucket too small to ever hold them gives what it has.
    pub(crate) async fn spend(&self, units: NonZeroU32) {
        let Some(limiter) = &self.0 else { return };
        if limiter.until_n_ready(units).await.is_err() {
            limiter.until_ready().await;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::*;

    fn units(count: u32) -> NonZeroU32 {
        NonZeroU32::new(count).unwrap()
    }

    #[tokio::test]
    async fn a_burst_is_free_and_what_follows_waits() {
        let bucket = Bucket::new(Pace::OfService, units(20), units(4));
        let start = Instant::now();
        bucket.spend(units(4)).await;
        assert!(start.elapsed() < Duration::from_millis(40));
        bucket.spend(units(2)).await;
        assert!(start.elapsed() >= Duration::from_millis(95));
    }

    #[tokio::test]
    async fn a_request_larger_than_the_bucket_still_passes() {
        Bucket::new(Pace::OfService, units(1), units(2)).spend(units(3)).await;
    }

    #[tokio::test]
    async fn without_a_limit_nothing_waits() {
        let bucket = Bucket::new(Pace::Unlimited, units(1), units(1));
        for _ in 0..1000 {
            bucket.spend(units(3)).await;
        }
    }
}
