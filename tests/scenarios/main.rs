//! Stories that a person would tell, each against a simulated Google on loopback and a replica on disk.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a test that cannot go on ends there, and says why"
)]

mod accounts;
mod audit;
mod bad_input;
mod caldav_histories;
mod calendar_lists;
mod channels;
mod clocks;
mod coming_in;
mod conflicts;
mod damaged;
mod damaged_anywhere;
mod decisions;
mod edges;
mod fairness;
mod following;
mod full_disk;
mod going_out;
mod guards;
mod guests;
mod habits;
mod hanging;
mod history;
mod long_away;
mod matrix;
mod measured;
mod merging;
mod moving;
mod notion_mapping;
mod notion_occurrences;
mod notion_sign_in;
mod notion_webhooks;
mod odd_texts;
mod offline;
mod refused;
mod rest;
mod resync;
mod search;
mod series;
mod shutdown;
mod sign_in;
mod signed_out;
mod steady;
mod subscription;
mod three_way;
mod three_way_caldav;
mod three_way_histories;
mod throttled;
mod two_links;
mod uncertain;
mod webhooks;
mod why;
