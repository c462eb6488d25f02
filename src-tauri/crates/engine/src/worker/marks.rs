//! What has been marked as due. A mark that is made twice is still one mark; that is what makes fifty webhooks one
//! pull, and a click during a run exactly one more run afterwards.

use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

use synodic_model::LinkId;
use synodic_model::sync::Link;
use tokio::sync::{Notify, oneshot};

use super::PassReport;
use crate::pull::Verdict;
use crate::view::AuditReport;

/// Links that are due for a pull.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct DueLinks {
    all: bool,
    some: BTreeSet<LinkId>,
}

impl DueLinks {
    pub(super) fn mark(&mut self, link: Option<LinkId>) {
        match link {
            Some(link) => {
                self.some.insert(link);
            }
            None => self.all = true,
        }
    }

    pub(super) fn contains(&self, link: LinkId) -> bool {
        self.all || self.some.contains(&link)
    }
}

/// Everything that has been marked since it was last taken.
#[derive(Debug, Default)]
pub(super) struct Work {
    /// The queue has rows for this account.
    pub(super) push: bool,
    /// Links that are due.
    pub(super) pull: DueLinks,
    /// Links of which the service says that they have changed.
    pub(super) told: BTreeSet<LinkId>,
    /// Waits are over: the person asked, or the network is said to be back.
    pub(super) at_once: bool,
    /// What the service has refused is worth another try.
    pub(super) refused: bool,
    /// Links or the account itself changed.
    pub(super) reload: bool,
    /// Links whose next pull may remove much; the person has looked.
    pub(super) approved: BTreeSet<LinkId>,
    /// Links whose next pull removes nothing here; the person has looked.
    pub(super) kept: BTreeSet<LinkId>,
    /// Channels to be ended, each with who waits for that.
    pub(super) close: Vec<(Vec<Link>, oneshot::Sender<()>)>,
    /// Who waits for a complete pass.
    pub(super) passes: Vec<oneshot::Sender<PassReport>>,
    /// Who waits for a comparison with all that the service has.
    pub(super) audits: Vec<oneshot::Sender<AuditReport>>,
}

impl Work {
    /// What the person has said to what the next pull of a link removes.
    pub(super) fn verdict(&self, link: LinkId) -> Verdict {
        if self.kept.contains(&link) {
            Verdict::Keep
        } else if self.approved.contains(&link) {
            Verdict::Remove
        } else {
            Verdict::Ask
        }
    }

    fn is_empty(&self) -> bool {
        !self.push
            && !self.at_once
            && !self.refused
            && !self.reload
            && self.pull == DueLinks::default()
            && self.told.is_empty()
            && self.approved.is_empty()
            && self.kept.is_empty()
            && self.close.is_empty()
            && self.passes.is_empty()
            && self.audits.is_empty()
    }
}

/// The marks of one worker. Whoever marks never waits, and there is no queue of messages that could grow.
#[derive(Debug, Default)]
pub(super) struct Marks {
    work: Mutex<Work>,
    news: Notify,
}

impl Marks {
    fn lock(&self) -> MutexGuard<'_, Work> {
        self.work.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes marks and wakes the worker.
    pub(super) fn mark(&self, mark: impl FnOnce(&mut Work)) {
        mark(&mut self.lock());
        self.news.notify_one();
    }

    /// Takes all marks.
    pub(super) fn take(&self) -> Work {
        std::mem::take(&mut *self.lock())
    }

    /// Takes the mark that edits wait, and no other, as soon as there is one; asked while a page is being read.
    pub(super) async fn push_wanted(&self) {
        loop {
            let news = self.news.notified();
            if std::mem::take(&mut self.lock().push) {
                return;
            }
            news.await;
        }
    }

    /// Whether there are marks.
    pub(super) fn are_waiting(&self) -> bool {
        !self.lock().is_empty()
    }

    /// Returns when there are marks.
    pub(super) async fn wait(&self) {
        while self.lock().is_empty() {
            self.news.notified().await;
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;
    use uuid::Uuid;

    use super::*;

    fn link(number: u128) -> LinkId {
        LinkId::new(Uuid::from_u128(number))
    }

    #[tokio::test]
    async fn fifty_marks_are_one() {
        let marks = Marks::default();
        for _ in 0..50 {
            marks.mark(|work| work.pull.mark(Some(link(1))));
        }
        marks.wait().await;
        let work = marks.take();
        assert!(work.pull.contains(link(1)));
        assert!(!work.pull.contains(link(2)));
        assert!(marks.take().is_empty(), "and it is taken once");
    }

    #[test]
    fn marking_all_covers_each() {
        let mut due = DueLinks::default();
        due.mark(None);
        assert!(due.contains(link(9)));
    }

    #[tokio::test]
    async fn a_push_can_be_taken_out_of_the_rest() {
        let marks = Marks::default();
        marks.mark(|work| {
            work.push = true;
            work.pull.mark(None);
        });
        marks.push_wanted().await;
        assert!(marks.push_wanted().now_or_never().is_none(), "it is taken once");
        let work = marks.take();
        assert!(!work.push);
        assert!(work.pull.contains(link(1)), "the rest waits");
    }
}
