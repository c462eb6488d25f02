//! What was asked of a simulator, for tests that count requests or look at their order.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// The oldest records are dropped beyond this many; a demonstration may run for days.
const LIMIT: usize = 20_000;

/// One request as a simulator saw it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestRecord {
    /// The HTTP method in upper case.
    pub method: String,
    /// The path as sent, still percent-encoded.
    pub path: String,
    /// The query string as sent, without the question mark; empty when there was none.
    pub query: String,
    /// The status of the answer; 0 when the connection was cut instead.
    pub status: u16,
    /// When the answer was ready.
    pub at: DateTime<Utc>,
}

/// The requests so far, oldest first.
#[derive(Clone, Debug, Default)]
pub(crate) struct RequestLog {
    records: Arc<Mutex<VecDeque<RequestRecord>>>,
}

impl RequestLog {
    fn lock(&self) -> MutexGuard<'_, VecDeque<RequestRecord>> {
        self.records.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn push(&self, record: RequestRecord) {
        let mut records = self.lock();
        if records.len() == LIMIT {
            records.pop_front();
        }
        records.push_back(record);
    }

    pub(crate) fn all(&self) -> Vec<RequestRecord> {
        self.lock().iter().cloned().collect()
    }

    pub(crate) fn clear(&self) {
        self.lock().clear();
    }
}
