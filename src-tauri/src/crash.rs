//! A crash leaves a report in the data folder, and the next start says so.
//!
//! A report holds where the program broke and how it got there. What the panic said is kept too, for that is mostly the
//! cause, but with everything blotted out that might be a secret or somebody's business: quoted text, addresses, and
//! words as long as a token.

use std::backtrace::Backtrace;
use std::io::Write;
use std::panic::PanicHookInfo;
use std::path::{Path, PathBuf};

use chrono::Utc;

/// The report of the last crash, until a start has told of it.
const NEW: &str = "crash.log";
/// The report that was told of last.
const TOLD: &str = "crash-before.log";
/// Words as long as this may be tokens.
const LONGEST_WORD: usize = 20;

/// Has crashes from now on leave a report in `data_dir`, and returns the report of a crash that nobody was told of.
pub(crate) fn begin(data_dir: &Path) -> Option<PathBuf> {
    let (new, told) = (data_dir.join(NEW), data_dir.join(TOLD));
    let report = std::fs::rename(&new, &told).is_ok().then_some(told);
    let tell = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        tell(panic);
        // There is nothing to be done about a report that cannot be written.
        let _ = write(&new, &describe(panic));
    }));
    report
}

fn describe(panic: &PanicHookInfo<'_>) -> String {
    let said = panic.payload().downcast_ref::<&str>().map(|said| (*said).to_owned());
    let said = said.or_else(|| panic.payload().downcast_ref::<String>().cloned()).unwrap_or_default();
    let place = panic.location().map(ToString::to_string).unwrap_or_default();
    let thread = std::thread::current().name().unwrap_or("unnamed").to_owned();
    format!(
        "Synodic {} ended unexpectedly at {}.\nthread: {thread}\nplace:  {place}\nsaid:   {}\n\n{}\n",
        env!("CARGO_PKG_VERSION"),
        Utc::now().format("%Y-%m-%d %H:%M:%S UTC"),
        blotted(&said),
        Backtrace::force_capture()
    )
}

/// Several threads may break at once: their reports follow each other.
fn write(path: &Path, report: &str) -> std::io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)?.write_all(report.as_bytes())
}

/// Blots out what might be a secret: all that is quoted, and words that are long or an address.
fn blotted(said: &str) -> String {
    let mut plain = String::new();
    let mut closing: Option<char> = None;
    for letter in said.chars() {
        match (closing, letter) {
            (Some(end), _) if letter == end => {
                plain.push_str("…\"");
                closing = None;
            }
            (Some(_), _) => {}
            (None, '"') => (closing, plain) = (Some('"'), plain + "\""),
            (None, '“') => (closing, plain) = (Some('”'), plain + "\""),
            (None, '`') => (closing, plain) = (Some('`'), plain + "\""),
            (None, letter) => plain.push(letter),
        }
    }
    let word = |word: &str| {
        let is_long = word.chars().count() >= LONGEST_WORD && !word.contains("::");
        if is_long || word.contains('@') || word.contains("://") { "…".to_owned() } else { word.to_owned() }
    };
    plain.split_whitespace().map(word).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_might_be_a_secret_is_blotted_out() {
        for (said, expected) in [
            ("index out of bounds: the len is 3", "index out of bounds: the len is 3"),
            ("called on \"Dinner with Ada\" today", "called on \"…\" today"),
            ("called `Result::unwrap()` on an `Err` value", "called \"…\" on an \"…\" value"),
            ("Bearer ya29.a0AfH6SMBx3kLmNoP refused", "Bearer … refused"),
            ("mail ada@example.org https://example.org/secret?t=1", "mail … …"),
            ("an “unfinished quote", "an \""),
        ] {
            assert_eq!(blotted(said), expected);
        }
    }

    #[test]
    fn a_report_is_told_of_once_and_kept() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(begin(folder.path()), None);
        write(&folder.path().join(NEW), "a report").unwrap();
        let report = begin(folder.path()).unwrap();
        assert_eq!(std::fs::read_to_string(report).unwrap(), "a report");
        assert_eq!(begin(folder.path()), None);
    }
}
