//! A clock for stories that take days: it runs as usual, and can be put forward or back.

use std::sync::Mutex;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

/// The machine's clock, which can be put forward; both the program and Google look at it.
#[derive(Debug, Default)]
pub struct Leaping {
    ahead: Mutex<TimeDelta>,
}

impl Leaping {
    /// Puts it forward, or back.
    pub fn leap(&self, by: TimeDelta) {
        *self.ahead.lock().unwrap() += by;
    }

    /// What it shows.
    pub fn time(&self) -> DateTime<Utc> {
        Utc::now() + *self.ahead.lock().unwrap()
    }
}

impl synodic_simulators::clock::Clock for Leaping {
    fn now(&self) -> DateTime<Utc> {
        self.time()
    }
}

#[async_trait::async_trait]
impl synodic_engine::clock::Clock for Leaping {
    fn now(&self) -> DateTime<Utc> {
        self.time()
    }

    async fn sleep_until(&self, deadline: DateTime<Utc>) {
        let mut ahead = *self.ahead.lock().unwrap();
        while self.time() < deadline {
            tokio::time::sleep(Duration::from_millis(5)).await;
            // As the computer's clock does: whoever waits looks at the time again.
            let before = std::mem::replace(&mut ahead, *self.ahead.lock().unwrap());
            if (ahead - before).abs() > TimeDelta::minutes(1) {
                return;
            }
        }
    }
}
