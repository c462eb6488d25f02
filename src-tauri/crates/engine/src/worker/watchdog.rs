//! What looks after a turn while it is under way: it is shown once it takes long, and broken off once nothing comes of it.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::TimeDelta;
use synodic_model::{IntegrationId, LinkId};

use super::marks::Work;
use super::{PassReport, Worker};
use crate::clock::wait_until;
use crate::engine::Inner;
use crate::halt::Halt;
use crate::services::Client;
use crate::snapshot::{Phase, Progress};
use crate::status::Activity;

/// Work that takes longer than this is shown; the rest would only flicker.
const NOTICEABLE: TimeDelta = TimeDelta::milliseconds(150);
/// Work during which nothing is asked of the service when it is looked at so often, this far apart, is stuck.
const STALLED_LOOKS: u32 = 5;
const STALLED_LOOK: TimeDelta = TimeDelta::minutes(2);

impl Worker {
    /// Does what is due, shows that, and breaks it off when nothing comes of it.
    pub(super) async fn carry_out_in_time(
        &mut self,
        client: &Client,
        work: &Work,
        is_asked: bool,
        due: &BTreeSet<LinkId>,
        report: &mut PassReport,
    ) -> Result<(), Halt> {
        let calls_before = client.calls();
        let (inner, id) = (Arc::clone(&self.inner), self.id);
        // On the heap, and so are the parts of it: unoptimised, the state of all that may happen within would fill a
        // thread's stack several times over.
        let work = Box::pin(self.carry_out(client, work, is_asked, due, report));
        let result = in_time(&inner, id, client, shown(&inner, id, work)).await;
        let requests = client.calls().wrapping_sub(calls_before);
        report.requests += requests;
        inner.board.count_requests(id, requests, inner.clock.now());
        result
    }
}

/// Does `work`, and shows that the account is at work once that lasts long enough to be noticed.
async fn shown<T>(inner: &Inner, id: IntegrationId, work: impl Future<Output = T>) -> T {
    let noticed_at = inner.clock.now() + NOTICEABLE;
    let notice = async {
        inner.clock.sleep_until(noticed_at).await;
        inner.board.update(id, |standing| {
            // Whoever was offline stays so in the person's eyes until something has come through.
            if standing.activity == Activity::Idle {
                let progress = Progress { phase: Phase::Pulling, done: 0, total: None };
                standing.activity = Activity::Syncing(progress);
            }
        });
        inner.refresh_snapshot().await;
        std::future::pending().await
    };
    // Side by side: the work refreshes the snapshot as well, and would be waited for while it waits.
    tokio::select! {
        biased;
        outcome = work => outcome,
        never = notice => never,
    }
}

/// Does `work`, and breaks it off when nothing comes of it any more: what the service was asked for is dropped as in a
/// crash, and taken up again by a later turn.
async fn in_time<T>(
    inner: &Inner,
    id: IntegrationId,
    client: &Client,
    work: impl Future<Output = Result<T, Halt>>,
) -> Result<T, Halt> {
    tokio::select! {
        biased;
        outcome = work => outcome,
        () = stalled(inner, client) => {
            tracing::error!(integration = %id, "a turn came to nothing and is broken off");
            inner.board.update(id, |standing| standing.restarts += 1);
            // Whatever holds up its connection is not to hold up the next one.
            inner.clients.forget(id);
            Err(Halt::Stalled)
        }
    }
}

/// Returns once nothing has been asked of the service for too long. A clock that leaps ahead once, as after sleep, is no
/// such time.
async fn stalled(inner: &Inner, client: &Client) {
    let mut silent = 0;
    let mut calls = client.calls();
    while silent < STALLED_LOOKS {
        let next = inner.clock.now() + STALLED_LOOK;
        wait_until(&*inner.clock, next).await;
        silent = if client.calls() == calls { silent + 1 } else { 0 };
        calls = client.calls();
    }
}
