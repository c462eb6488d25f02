//! The whole program in its real window, on a desktop: `scripts/with-desktop cargo nextest run -E 'binary(e2e)'`.
//!
//! Each story has a session bus, a home folder and a Google of its own, so that they may run side by side. What a story
//! leaves (logs, and pictures when it fails) is in `target/e2e/<story>/`.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a test that cannot go on ends there, and says why"
)]

mod anew;
mod calendar_server;
mod closing;
mod consent;
mod dashboard;
mod demo;
mod desk;
mod editing;
mod files;
mod google_client;
mod history;
mod hostile;
mod notification;
mod notion;
mod notion_bad_input;
mod offline;
mod reminder;
mod search;
mod second_zone;
mod secrets;
mod settings_file;
mod tray;
mod two_way;
mod views;
