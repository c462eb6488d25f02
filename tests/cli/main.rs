//! The command line as a person and a script use it: the real program, a simulated Google, no display.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a test that cannot go on ends there, and says why"
)]

mod alone_and_beside;
mod audit;
mod bad_input;
mod caldav;
mod contract;
mod disk;
mod files;
mod notion;
mod sign_in;
mod simulate;
mod subscription;
mod sync;
