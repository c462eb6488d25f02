//! Tests of the calendar model, in one binary.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test that cannot go on panics, and what it counted is printed"
)]

mod glimpse;
mod history;
mod input;
mod listing;
mod matching;
mod oracle;
mod reconcile;
mod recurrence;
mod reminder;
mod rules;
mod series;
mod split;
mod support;
mod time;
mod typescript;
mod validate;
