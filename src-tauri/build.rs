//! Tells Tauri which commands there are, so that each needs a line of its own in `capabilities/`, and which files the
//! window is made of.

use std::env;
use std::path::Path;

/// Every command that the window may be allowed to call.
const COMMANDS: &[&str] = &[
    "occurrences",
    "search",
    "event",
    "create_event",
    "change_event",
    "delete_event",
    "answer_event",
    "move_event",
    "edit_scopes",
    "preview_series",
    "undo",
    "event_history",
    "why",
    "runs",
    "revert_run",
    "deleted_events",
    "revert_change",
    "history_days",
    "set_history_days",
    "calendars",
    "create_calendar",
    "create_calendar_at",
    "set_calendar_visible",
    "remote_calendars",
    "link_calendar",
    "plan_link",
    "unlink_calendar",
    "change_calendar",
    "known_remote_calendars",
    "dismiss_new_calendars",
    "choose_calendars",
    "leaving_link",
    "clean_up",
    "read_anew",
    "accounts",
    "add_google_account",
    "cancel_sign_in",
    "sign_in_again",
    "remove_account",
    "add_caldav_account",
    "subscribe",
    "add_notion_account",
    "add_notion_account_in_browser",
    "notion_data_sources",
    "propose_notion_mapping",
    "notion_mapping",
    "link_notion",
    "plan_notion_mapping",
    "set_notion_mapping",
    "begin_notion_webhook",
    "notion_webhook",
    "leaving_account",
    "google_client",
    "set_google_client",
    "retry_edit",
    "discard_edit",
    "reviews",
    "approve_review",
    "discard_review",
    "conflicts",
    "resolve_conflict",
    "conflict_policy",
    "set_link_policy",
    "set_account_policy",
    "sync_now",
    "dashboard",
    "sync_log",
    "sync_account",
    "pause",
    "resume",
    "sync_snapshot",
    "app_info",
    "open_link",
    "diagnostics",
    "save_file",
    "hand_in_file",
    "open_file",
    "plan_import",
    "import_file",
    "put_file_away",
    "export_calendar",
    "show_downloads",
    "navigations",
    "desktop_settings",
    "set_desktop_settings",
    "starts_at_login",
    "set_starts_at_login",
    "quit",
];

/// Stands in for the window until `ui` has been built, so that `cargo check` works in a fresh clone.
const PLACEHOLDER: &str =
    "<!doctype html><title>Synodic</title><p>The window has not been built: run “make run”.";

fn main() {
    let window = Path::new("../ui/dist");
    if !window.join("index.html").exists() {
        let written = std::fs::create_dir_all(window)
            .and_then(|()| std::fs::write(window.join("index.html"), PLACEHOLDER));
        if let Err(error) = written {
            println!("cargo::warning=cannot write a placeholder for the window: {error}");
        }
    }
    println!("cargo::rerun-if-changed=../ui/dist");
    pack_relocations();
    let attributes =
        tauri_build::Attributes::new().app_manifest(tauri_build::AppManifest::new().commands(COMMANDS));
    if let Err(error) = tauri_build::try_build(attributes) {
        println!("cargo::error={error:#}");
        std::process::exit(1);
    }
}

/// A program that may be loaded anywhere is a list of places to put right, most of them a word after another. Written as
/// such they take up a fiftieth (glibc 2.36 and later read that).
fn pack_relocations() {
    let is = |name: &str, value: &str| env::var(name).is_ok_and(|found| found == value);
    if is("PROFILE", "release") && is("CARGO_CFG_TARGET_ENV", "gnu") && is("CARGO_CFG_TARGET_ARCH", "x86_64")
    {
        println!("cargo::rustc-link-arg-bins=-Wl,-z,pack-relative-relocs");
    }
}
