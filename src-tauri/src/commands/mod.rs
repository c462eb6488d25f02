//! What the window may call: one function per command, each a translation of one engine method.

pub(crate) mod accounts;
pub(crate) mod app;
pub(crate) mod calendars;
pub(crate) mod desktop;
pub(crate) mod events;
pub(crate) mod files;
pub(crate) mod notion;
pub(crate) mod sync;

use std::ops::Deref;
use std::sync::Mutex;

use synodic_engine::desktop::Navigation;
use synodic_engine::view::Failure;
use synodic_engine::{Engine, EngineError};
use tauri::ipc::{CommandArg, CommandItem, InvokeError};
use tauri::{Runtime, State};

use crate::anew::Anew;
use crate::holds::{Held, Holds};

/// What the commands share: the engine, or why there is none.
pub(crate) struct Desk {
    /// The engine, or the sentence that the window shows instead of a calendar.
    pub(crate) engine: Result<Engine, Failure>,
    /// The sign-in under way, if one is.
    pub(crate) sign_in: tokio::sync::Mutex<Option<tokio_util::sync::CancellationToken>>,
    /// Whether this is the demo.
    pub(crate) demo: bool,
    /// Where the window was asked to go and has not been yet.
    pub(crate) places: Mutex<Vec<Navigation>>,
    /// The calendar file that is being looked at.
    pub(crate) files: files::Files,
    /// What somebody waits for or looks at.
    pub(crate) holds: Holds,
    /// Whether the program is to start anew when it ends.
    pub(crate) anew: Anew,
}

impl Desk {
    /// The engine, if it could be started.
    pub(crate) fn engine(&self) -> Result<&Engine, Failure> {
        self.engine.as_ref().map_err(Clone::clone)
    }
}

/// The state that every command takes; held for as long as the command is under way.
pub(crate) struct DeskState<'a> {
    desk: State<'a, Desk>,
    _held: Held,
}

impl Deref for DeskState<'_> {
    type Target = Desk;

    fn deref(&self) -> &Desk {
        &self.desk
    }
}

impl<'a, 'command: 'a, R: Runtime> CommandArg<'command, R> for DeskState<'a> {
    fn from_command(command: CommandItem<'command, R>) -> Result<Self, InvokeError> {
        let desk = State::<'a, Desk>::from_command(command)?;
        Ok(Self { _held: desk.holds.hold(), desk })
    }
}

/// Turns an engine's answer into the window's.
pub(crate) fn reply<T>(answer: Result<T, EngineError>) -> Result<T, Failure> {
    answer.map_err(|error| Failure::from(&error))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    /// The words of `text` that `begin` and `end` stand around.
    fn words<'a>(text: &'a str, begin: &str, end: &str) -> BTreeSet<&'a str> {
        text.split(begin).skip(1).filter_map(|rest| rest.split(end).next()).collect()
    }

    #[test]
    fn every_command_is_answered_and_the_window_may_call_it() {
        let (build, desktop) = (include_str!("../../build.rs"), include_str!("../desktop.rs"));
        let list = build.split("COMMANDS: &[&str] = &[").nth(1).and_then(|rest| rest.split("];").next());
        let named: BTreeSet<&str> = list.unwrap_or_default().split('"').skip(1).step_by(2).collect();
        let answered: BTreeSet<&str> = words(desktop, "            commands::", ",")
            .into_iter()
            .filter_map(|path| path.split("::").nth(1))
            .collect();
        assert!(named.len() > 70, "{named:?}");
        assert_eq!(named, answered);
        let allowed = words(include_str!("../../capabilities/main.json"), "\"allow-", "\"");
        let expected: BTreeSet<String> = named.iter().map(|name| name.replace('_', "-")).collect();
        assert_eq!(allowed, expected.iter().map(String::as_str).collect());
    }
}
