//! What a comparison of the replica with the services has found.

use serde::{Deserialize, Serialize};
use synodic_model::{EventId, LinkId};
use ts_rs::TS;

/// How the replica compares with complete listings.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditReport {
    /// Every link that was compared, or was to be.
    pub links: Vec<AuditedLink>,
    /// Why an account could not be reached at all.
    pub error: Option<String>,
}

/// How one link's calendar compares.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditedLink {
    /// Which.
    pub link_id: LinkId,
    /// The remote calendar's name.
    pub calendar: String,
    /// The account's name.
    pub account: String,
    /// How many events were compared.
    pub checked: u32,
    /// What had drifted apart and was put right; the first of many.
    pub drift: Vec<DriftView>,
    /// How much had drifted apart in all.
    pub drifted: u32,
    /// Why it could not be compared to the end, or not be put right.
    pub error: Option<String>,
}

/// One event that had drifted apart.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DriftView {
    /// How.
    pub cause: Drift,
    /// The event, if there is one here.
    pub event_id: Option<EventId>,
    /// Its title, as far as it is known.
    pub title: String,
}

/// How the replica and a service come to have different things although nobody has anything left to tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum Drift {
    /// The service changed it and never told.
    ChangedThere,
    /// The service has it and never told.
    NewThere,
    /// The service does not have it any more and never told.
    GoneThere,
    /// What both had agreed on is not what the replica has; as when a disk has altered it.
    AlteredHere,
}
