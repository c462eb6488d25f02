//! One task per account owns that account's sync; others send it messages.

mod marks;

use std::sync::Arc;

use synodic_model::LinkId;
use synodic_model::sync::Link;

use crate::view::LinkReport;

/// Sends messages to one account's worker. A message only marks something as due; marks collapse.
#[derive(Clone, Debug)]
pub(crate) struct WorkerHandle {
    _marks: Arc<()>,
}

/// What one pass did.
#[derive(Clone, Debug, Default)]
pub(crate) struct PassReport {
    pub(crate) links: Vec<LinkReport>,
    pub(crate) pushed: u32,
    pub(crate) requests: u32,
}

impl WorkerHandle {
    /// The queue has rows for this account: send them now.
    pub(crate) fn edited(&self) {}

    /// Marks a link as due for a pull, or all of them.
    pub(crate) fn pull(&self, link: Option<LinkId>) {
        let _ = link;
    }

    /// Links of this account were made, changed or removed, or it was signed in again: look anew.
    pub(crate) fn reload(&self) {}

    /// Ends the notification channels of links that are about to go; gives up quietly after a few seconds.
    pub(crate) async fn close_channels(&self, links: Vec<Link>) {
        let _ = links;
    }

    /// Runs one complete pass and waits for its end.
    pub(crate) async fn pass(&self) -> PassReport {
        PassReport::default()
    }

    /// Asks the worker to end after what it has in hand.
    pub(crate) fn stop(&self) {}
}
