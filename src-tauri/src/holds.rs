//! What somebody waits for or looks at, and what would be lost with this process: calls, notifications and sign-ins.

use tokio::sync::watch;

/// Counts what is held. Cheap to clone; all clones count together.
#[derive(Clone, Debug)]
pub(crate) struct Holds(watch::Sender<usize>);

impl Default for Holds {
    fn default() -> Self {
        Self(watch::Sender::new(0))
    }
}

impl Holds {
    /// Counts one more, until it is dropped.
    pub(crate) fn hold(&self) -> Held {
        self.0.send_modify(|count| *count += 1);
        Held(self.0.clone())
    }

    /// How many there are.
    pub(crate) fn count(&self) -> usize {
        *self.0.borrow()
    }

    /// Returns once there are none.
    pub(crate) async fn until_none(&self) {
        // It cannot fail, for the sender is here.
        let _ = self.0.subscribe().wait_for(|count| *count == 0).await;
    }
}

/// One of them.
#[derive(Debug)]
pub(crate) struct Held(watch::Sender<usize>);

impl Drop for Held {
    fn drop(&mut self) {
        self.0.send_modify(|count| *count -= 1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn whoever_waits_for_none_waits_for_the_last() {
        let holds = Holds::default();
        let (first, second) = (holds.hold(), holds.clone().hold());
        assert_eq!(holds.count(), 2);
        drop(first);
        let dropping = async {
            tokio::task::yield_now().await;
            assert_eq!(holds.count(), 1);
            drop(second);
        };
        tokio::join!(holds.until_none(), dropping);
        assert_eq!(holds.count(), 0);
    }
}
