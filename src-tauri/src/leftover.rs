//! The process that WebKit keeps for its network when no page is left.
//!
//! Without a page it is of no use, takes up thirty megabytes, and comes again with the next page, as it does after a crash.

use std::fs;

use rustix::process::{Pid, Signal, kill_process};

/// As Linux calls it, which keeps fifteen letters of a name.
const NETWORK: &str = "WebKitNetworkPr";

/// How the names of all of WebKit's processes begin.
const WEBKIT: &str = "WebKit";

/// Ends it. To be called while there is no page, and some time after there was one: it may still be writing down what the
/// page gave it to keep.
pub(crate) fn end() {
    for process in stats().filter_map(|stat| network_of(&stat, std::process::id())) {
        if let Err(error) = kill_process(process, Signal::TERM) {
            tracing::debug!(%error, "a process of WebKit's stays");
        }
    }
}

/// Whether any process is there that WebKit has started for this one, ended or not.
pub(crate) fn is_there() -> bool {
    stats().any(|stat| child(&stat, std::process::id()).is_some_and(|(_, name)| name.starts_with(WEBKIT)))
}

/// The lines of `/proc/*/stat`.
fn stats() -> impl Iterator<Item = String> {
    let entries = fs::read_dir("/proc").into_iter().flatten().filter_map(Result::ok);
    entries.filter_map(|entry| fs::read_to_string(entry.path().join("stat")).ok())
}

/// The process that a line of `/proc/*/stat` is about, if it is the network's and a child of `parent`.
fn network_of(stat: &str, parent: u32) -> Option<Pid> {
    child(stat, parent).filter(|(_, name)| *name == NETWORK).map(|(process, _)| process)
}

/// The process that a line of `/proc/*/stat` is about and its name, if it is a child of `parent`.
fn child(stat: &str, parent: u32) -> Option<(Pid, &str)> {
    // A name may hold anything, brackets too.
    let (before, after) = stat.rsplit_once(')')?;
    let (number, name) = before.split_once('(')?;
    let own: u32 = after.split_whitespace().nth(1)?.parse().ok()?;
    let process = Pid::from_raw(number.trim().parse().ok()?)?;
    (own == parent).then_some((process, name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_own_process_for_the_network_is_meant() {
        let found = |stat: &str| network_of(stat, 70).map(|process| process.as_raw_nonzero().get());
        assert_eq!(found("71 (WebKitNetworkPr) S 70 70 70 0 -1"), Some(71));
        assert_eq!(found("72 (WebKitWebProces) S 70 70 70 0 -1"), None);
        assert_eq!(found("73 (WebKitNetworkPr) S 9 70 70 0 -1"), None);
        assert_eq!(found("74 (a) (b) S 70 70 70 0 -1"), None);
        assert_eq!(found(""), None);
    }
}
