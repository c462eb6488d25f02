//! File descriptors that stay open when the program executes itself.
//!
//! All that we open ends with the program that runs. WebKit opens a few of the system's files about memory for good and does
//! not say so: left alone they would add up with every window.

use std::collections::BTreeSet;
use std::fs;
use std::os::fd::RawFd;

/// The flag `O_CLOEXEC`, as in `/proc/*/fdinfo/*`.
const CLOSES: u32 = 0o2_000_000;

/// Those that stay open when the program executes itself.
pub(crate) fn lasting() -> BTreeSet<RawFd> {
    let entries = fs::read_dir("/proc/self/fdinfo").into_iter().flatten().filter_map(Result::ok);
    let lasting = entries.filter(|entry| fs::read_to_string(entry.path()).is_ok_and(|told| lasts(&told)));
    lasting.filter_map(|entry| entry.file_name().to_str()?.parse().ok()).collect()
}

/// Closes those that would stay open, but for `kept`. To be called when nobody needs any of them any more.
pub(crate) fn close_all_but(kept: &BTreeSet<RawFd>) {
    for descriptor in lasting().difference(kept) {
        if let Err(error) = nix::unistd::close(*descriptor) {
            tracing::debug!(%error, descriptor, "a file stays open");
        }
    }
}

/// Whether the descriptor that a file of `/proc/*/fdinfo` tells about stays open.
fn lasts(told: &str) -> bool {
    let flags = told.lines().find_map(|line| line.strip_prefix("flags:"));
    flags.and_then(|flags| u32::from_str_radix(flags.trim(), 8).ok()).is_some_and(|flags| flags & CLOSES == 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_descriptor_says_whether_it_lasts() {
        assert!(lasts("pos:\t0\nflags:\t0100000\nmnt_id:\t24\n"));
        assert!(!lasts("pos:\t0\nflags:\t02100002\nmnt_id:\t24\n"));
        assert!(!lasts(""));
    }

    #[test]
    fn the_usual_three_last_and_what_we_open_does_not() {
        let file = tempfile::tempfile().unwrap();
        let lasting = lasting();
        assert!([0, 1, 2].iter().all(|usual| lasting.contains(usual)), "{lasting:?}");
        assert!(!lasting.contains(&std::os::fd::AsRawFd::as_raw_fd(&file)));
    }
}
