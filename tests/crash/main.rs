//! The real program is killed while it syncs: at every boundary between two steps in turn, and at random moments.
//! Whatever it had acknowledged is there afterwards, once.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a test that cannot go on ends there, and says why"
)]

mod kills;
