//! Histories, each of which has to end well: random ones, those that once did not, and those that meet every mishap in
//! turn. `synodic_tests::histories` tells what they are; `SYNODIC_HISTORIES=FROM..TO` plays other random ones.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a test that cannot go on ends there, and says why"
)]

mod cursors;
mod kept;
mod lost_answers;
mod random;
