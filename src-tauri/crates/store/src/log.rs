//! `sync_log`: what was done and how it ended.

use chrono::{DateTime, Utc};
use synodic_model::sync::LogEntry;

reads! {
    /// The latest lines, newest first; with `before`, those from before that instant.
    fn log_entries(limit: u32, before: Option<DateTime<Utc>>) -> Vec<LogEntry>;
}
