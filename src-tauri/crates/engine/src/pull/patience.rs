//! A service that wants a short rest in the middle of a listing gets it, and the listing goes on where it was: one that
//! began anew after every rest might never come to its end.

use std::mem::swap;
use std::time::Duration;

use synodic_model::sync::Link;
use synodic_providers::ProviderError;

use crate::clock::after;
use crate::engine::Inner;
use crate::queue::backoff;
use crate::status::Activity;

/// The first rest when the service does not say how long it wants one.
const FIRST_REST: Duration = Duration::from_secs(2);
/// For a longer rest the listing is given up, and the whole account rests.
const LONGEST_REST: Duration = Duration::from_secs(60);

/// The rests that one page has been waited for, one after the other.
#[derive(Debug, Default)]
pub(crate) struct Patience {
    rests: u32,
}

impl Patience {
    /// Rests as long as the service that answered with `error` wants. Returns false, and does not, when it wants something
    /// else, or a longer rest than a listing waits for.
    pub(crate) async fn rest(&mut self, inner: &Inner, link: &Link, error: &ProviderError) -> bool {
        let Some(wait) = self.next(error, inner.chance.fraction()) else { return false };
        tracing::info!(link = %link.id, ?wait, reason = %error, "a listing waits as the service wishes");
        let until = after(inner.clock.now(), wait);
        let mut shown = (Activity::BackingOff { until }, Some(error.to_string()));
        for is_over in [false, true] {
            if is_over {
                inner.clock.sleep_until(until).await;
            }
            // What was shown before is shown again afterwards.
            inner.board.update(link.integration_id, |standing| {
                swap(&mut standing.activity, &mut shown.0);
                swap(&mut standing.message, &mut shown.1);
            });
            inner.refresh_snapshot().await;
        }
        true
    }

    /// How long the next rest is, if there is to be one.
    fn next(&mut self, error: &ProviderError, chance: f64) -> Option<Duration> {
        let ProviderError::Throttled { retry_after, .. } = error else { return None };
        self.rests += 1;
        let own = backoff(self.rests, FIRST_REST, 2 * LONGEST_REST, chance);
        Some(own.max(retry_after.unwrap_or_default())).filter(|wait| *wait <= LONGEST_REST)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn throttled(retry_after: Option<u64>) -> ProviderError {
        ProviderError::Throttled {
            service: "Notion".into(),
            action: "reading pages",
            retry_after: retry_after.map(Duration::from_secs),
            reason: "too many requests".into(),
        }
    }

    #[test]
    fn a_page_is_waited_for_longer_each_time_and_then_no_more() {
        let mut patience = Patience::default();
        let waits = std::iter::from_fn(|| patience.next(&throttled(None), 0.5));
        assert_eq!(waits.map(|wait| wait.as_secs()).collect::<Vec<_>>(), [2, 4, 8, 16, 32]);
    }

    #[test]
    fn the_service_says_how_long_at_least() {
        assert_eq!(Patience::default().next(&throttled(Some(7)), 0.5), Some(Duration::from_secs(7)));
        assert_eq!(Patience::default().next(&throttled(Some(600)), 0.5), None, "too long for a listing");
    }

    #[test]
    fn what_is_no_wish_for_a_rest_is_not_waited_for() {
        assert_eq!(Patience::default().next(&ProviderError::CursorLost, 0.5), None);
    }
}
