//! Starting anew, in place and out of sight, once a window has been closed to the tray.
//!
//! A window leaves behind what no library gives back while the process lives: WebKit's and GTK's pages, fonts, pictures,
//! compiled scripts. They would be half of what the program takes up for weeks in the tray. So some time after the last
//! window has gone the program stops as if it was quit and executes itself again, hidden, with the same process number.
//!
//! That is done only where nobody can notice: [`obstacle`] decides from a few facts. A start that has shown no window has
//! nothing to get rid of, and does not do it.

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::Command;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;

use tauri::{AppHandle, Manager as _};

use crate::commands::Desk;
use crate::desktop::Start;
use crate::window;

/// How long no window has been there before the program starts anew, and how often it is looked at again.
pub(crate) const REST: Duration = Duration::from_secs(30);

/// What decides whether anybody would notice.
#[derive(Clone, Copy, Debug)]
struct Facts {
    /// Whether there is a window.
    has_window: bool,
    /// Whether a process of the web view's is left, for which nobody would wait any more.
    has_web_view: bool,
    /// What somebody waits for or looks at: calls, notifications, sign-ins.
    held: usize,
    /// Whether the engine could be started again at any moment.
    engine_rests: bool,
    /// Whether what is kept nowhere would be lost: the demo's services.
    is_demo: bool,
    /// Whether the program is still where it was started from; an upgrade may have replaced it.
    has_program: bool,
}

/// Why the program cannot start anew now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Obstacle {
    Demo,
    Window,
    WebView,
    Held,
    Engine,
    Program,
}

/// What would be noticed of it, if anything.
const fn obstacle(facts: &Facts) -> Option<Obstacle> {
    match facts {
        Facts { is_demo: true, .. } => Some(Obstacle::Demo),
        Facts { has_window: true, .. } => Some(Obstacle::Window),
        Facts { has_web_view: true, .. } => Some(Obstacle::WebView),
        Facts { held: 1.., .. } => Some(Obstacle::Held),
        Facts { engine_rests: false, .. } => Some(Obstacle::Engine),
        Facts { has_program: false, .. } => Some(Obstacle::Program),
        _ => None,
    }
}

impl Obstacle {
    /// Whether looking again is of no use: the next window that is closed begins another look.
    const fn is_final(self) -> bool {
        matches!(self, Self::Demo | Self::Window | Self::Program)
    }
}

/// Whether the program is to be executed again when it ends, and how.
#[derive(Debug)]
pub(crate) struct Anew {
    /// How it was started.
    start: Start,
    /// How long no window has to have been there.
    rest: Duration,
    wanted: AtomicU8,
    /// What whoever started it has left open for it.
    #[cfg(target_os = "linux")]
    open: std::collections::BTreeSet<std::os::fd::RawFd>,
}

const NO: u8 = 0;
const HIDDEN: u8 = 1;
const SHOWN: u8 = 2;

impl Anew {
    /// For a program that was started so, and rests so long after its window was closed.
    pub(crate) fn new(start: Start, rest: Duration) -> Self {
        Self {
            start,
            rest,
            wanted: AtomicU8::new(NO),
            #[cfg(target_os = "linux")]
            open: crate::descriptors::lasting(),
        }
    }

    /// Has it executed again.
    fn want(&self) {
        self.wanted.store(HIDDEN, Ordering::SeqCst);
    }

    /// Whether it is to be executed again.
    pub(crate) fn is_wanted(&self) -> bool {
        self.wanted.load(Ordering::SeqCst) != NO
    }

    /// Has it end for good, for somebody asked for that.
    pub(crate) fn forget(&self) {
        self.wanted.store(NO, Ordering::SeqCst);
    }

    /// Has it show its window if it is to be executed again; true when it is.
    fn show(&self) -> bool {
        self.wanted.compare_exchange(HIDDEN, SHOWN, Ordering::SeqCst, Ordering::SeqCst) != Err(NO)
    }

    /// Executes the program again if that is wanted. Everything has to be put away.
    pub(crate) fn carry_out(&self) {
        let wanted = self.wanted.load(Ordering::SeqCst);
        let Some(program) = program().filter(|_| wanted != NO) else { return };
        let mut command = Command::new(program);
        command.args(arguments(&self.start, wanted == HIDDEN));
        #[cfg(target_os = "linux")]
        crate::descriptors::close_all_but(&self.open);
        #[cfg(unix)]
        replace(&mut command);
        if let Err(error) = command.spawn() {
            tracing::error!(%error, "the program could not start anew and has ended");
        }
    }
}

/// Executes a program in this one's place; returns only where that fails.
#[cfg(unix)]
fn replace(command: &mut Command) {
    use std::os::unix::process::CommandExt as _;
    if let Some(name) = std::env::args_os().next() {
        command.arg0(name);
    }
    let error = command.exec();
    tracing::error!(%error, "the program could not start anew in its place");
}

/// The program's own file; none when it has been removed or replaced.
fn program() -> Option<PathBuf> {
    // A file that is gone is called by its former name and “ (deleted)”.
    std::env::current_exe().ok().filter(|path| path.is_file())
}

/// What the program is started with to be as it was.
fn arguments(start: &Start, is_hidden: bool) -> Vec<OsString> {
    let folder = start.data_dir.iter().flat_map(|folder| ["--data-dir".into(), folder.into()]);
    folder.chain(is_hidden.then(|| "--hidden".into())).collect()
}

/// Has the program show its window after it has started anew, if it is about to; true when it is.
pub(crate) fn show(app: &AppHandle) -> bool {
    app.try_state::<Desk>().is_some_and(|desk| desk.anew.show())
}

/// Looks after some time whether the program may start anew, and again until it may or there is a window.
pub(crate) fn follow(app: &AppHandle) {
    // Elsewhere the web view's memory is not ours.
    let rest = app.try_state::<Desk>().filter(|_| cfg!(target_os = "linux")).map(|desk| desk.anew.rest);
    let Some(rest) = rest else { return };
    let app = app.clone();
    tauri::async_runtime::spawn(async move {
        loop {
            tokio::time::sleep(rest).await;
            let (answer, answered) = tokio::sync::oneshot::channel();
            let handle = app.clone();
            // On the main thread, so that no window comes between the look and the end.
            let asked = app.run_on_main_thread(move || {
                // Nobody hears it where the program is ending.
                let _ = answer.send(begin(&handle));
            });
            match (asked, answered.await) {
                (Ok(()), Ok(Some(obstacle))) if !obstacle.is_final() => {}
                _ => return,
            }
        }
    });
}

/// Ends the program to start it anew, unless something is in the way.
fn begin(app: &AppHandle) -> Option<Obstacle> {
    let desk = app.try_state::<Desk>()?;
    #[cfg(target_os = "linux")]
    let has_web_view = crate::leftover::is_there();
    #[cfg(not(target_os = "linux"))]
    let has_web_view = false;
    let facts = Facts {
        has_window: window::is_there(app),
        has_web_view,
        held: desk.holds.count(),
        engine_rests: desk.engine.as_ref().is_ok_and(synodic_engine::Engine::is_at_rest),
        is_demo: desk.demo,
        has_program: program().is_some(),
    };
    let obstacle = obstacle(&facts);
    match obstacle {
        Some(obstacle) => tracing::debug!(?obstacle, "the program goes on as it is"),
        None => {
            tracing::info!("the window has been closed for a while; starting anew without it");
            desk.anew.want();
            app.exit(0);
        }
    }
    obstacle
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOTHING: Facts = Facts {
        has_window: false,
        has_web_view: false,
        held: 0,
        engine_rests: true,
        is_demo: false,
        has_program: true,
    };

    #[test]
    fn it_starts_anew_only_where_nobody_can_notice() {
        assert_eq!(obstacle(&NOTHING), None);
        for (facts, expected) in [
            (Facts { has_window: true, ..NOTHING }, Obstacle::Window),
            (Facts { has_web_view: true, ..NOTHING }, Obstacle::WebView),
            (Facts { held: 1, ..NOTHING }, Obstacle::Held),
            (Facts { held: 7, ..NOTHING }, Obstacle::Held),
            (Facts { engine_rests: false, ..NOTHING }, Obstacle::Engine),
            (Facts { is_demo: true, ..NOTHING }, Obstacle::Demo),
            (Facts { has_program: false, ..NOTHING }, Obstacle::Program),
        ] {
            assert_eq!(obstacle(&facts), Some(expected), "{facts:?}");
        }
    }

    #[test]
    fn what_passes_is_waited_for_and_what_does_not_is_not() {
        for obstacle in [Obstacle::WebView, Obstacle::Held, Obstacle::Engine] {
            assert!(!obstacle.is_final(), "{obstacle:?}");
        }
        for obstacle in [Obstacle::Demo, Obstacle::Window, Obstacle::Program] {
            assert!(obstacle.is_final(), "{obstacle:?}");
        }
    }

    #[test]
    fn it_is_started_as_it_was_but_for_the_window() {
        let start =
            Start { data_dir: Some("/a place".into()), open: Some("club.ics".into()), ..Start::default() };
        assert_eq!(arguments(&start, true), ["--data-dir", "/a place", "--hidden"]);
        assert_eq!(arguments(&Start::default(), false), [""; 0]);
    }

    #[test]
    fn who_asks_for_the_window_meanwhile_gets_it_and_who_quits_has_quit() {
        let anew = Anew::new(Start::default(), REST);
        assert!(!anew.show(), "the window is here");
        anew.want();
        assert!(anew.show() && anew.show() && anew.is_wanted());
        anew.forget();
        assert!(!anew.is_wanted() && !anew.show());
    }
}
