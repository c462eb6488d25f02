//! Sync tokens and page tokens: opaque to clients, self-contained for the server (see [`crate::seal`]).

use serde::{Deserialize, Serialize};

pub(crate) use crate::seal::{open, seal};

/// What a sync token stands for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SyncToken {
    /// Whose view of which collection, with which parameters.
    #[serde(rename = "f")]
    pub(crate) fingerprint: u64,
    /// Everything up to this revision has been listed.
    #[serde(rename = "r")]
    pub(crate) revision: u64,
    /// When it was issued, in milliseconds.
    #[serde(rename = "t")]
    pub(crate) issued: i64,
    /// The epoch of the simulator and of the calendar.
    #[serde(rename = "e")]
    pub(crate) epoch: (u64, u64),
    /// The window of the first listing in milliseconds; it bounds the expansion of series ever after.
    #[serde(rename = "w")]
    pub(crate) window: (Option<i64>, Option<i64>),
}

/// What a page token stands for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PageToken {
    /// The request it continues.
    #[serde(rename = "f")]
    pub(crate) fingerprint: u64,
    /// The revision at the first page: what changes later is for the next incremental listing.
    #[serde(rename = "r")]
    pub(crate) revision: u64,
    /// The sort key of the last item so far.
    #[serde(rename = "a")]
    pub(crate) after: String,
    /// How many pages came before.
    #[serde(rename = "n")]
    pub(crate) page: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_unharmed_tokens_of_the_same_kind_and_seed_are_read() {
        let token = PageToken { fingerprint: 1, revision: 2, after: "x".to_owned(), page: 3 };
        let sealed = seal(7, &token);
        assert_eq!(open(7, &sealed), Some(token));
        assert_eq!(open::<PageToken>(8, &sealed), None);
        assert_eq!(open::<SyncToken>(7, &sealed), None);
        assert_eq!(open::<PageToken>(7, &sealed[4..]), None);
        assert_eq!(open::<PageToken>(7, ""), None);
    }
}
