//! Runs one test and keeps what explains its failure: log files always, pictures and pages when it fails.
//!
//! WebKit's `WebDriver` now and then misses that the window has dealt with a key or a click. It never answers then, while
//! the page is at rest and could go on. Such a story says nothing about the program and is told once more.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use std::{fs, panic, thread};

use super::home::target_folder;
use super::window::Window;

/// Where a test takes place.
#[derive(Clone, Debug)]
pub struct Stage {
    folder: PathBuf,
    windows: Arc<Mutex<Vec<Window>>>,
    /// Whether a driver has stopped answering, and the page is not to blame.
    is_driver_lost: Arc<AtomicBool>,
}

impl Stage {
    /// Makes the folder for logs and pictures anew.
    ///
    /// # Panics
    /// When the target folder cannot be written.
    pub fn new(name: &str) -> Self {
        let folder = target_folder().join("e2e").join(name);
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).expect("the target folder can be written");
        Self { folder, windows: Arc::default(), is_driver_lost: Arc::default() }
    }

    /// The folder for logs and pictures.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Remembers a window, to look at it should the test fail.
    pub(super) fn opened(&self, window: &Window) {
        self.windows.lock().unwrap_or_else(PoisonError::into_inner).push(window.clone());
    }

    async fn keep_evidence(&self) {
        let windows = self.windows.lock().unwrap_or_else(PoisonError::into_inner).clone();
        for (number, window) in windows.iter().enumerate() {
            let file = |ending: &str| self.folder.join(format!("window-{number}.{ending}"));
            if !window.keep_evidence(&file("png"), &file("html")).await && window.is_page_at_rest().await {
                self.is_driver_lost.store(true, Ordering::SeqCst);
            }
        }
        eprintln!("logs, pictures and pages are in {}", self.folder.display());
    }
}

/// Runs a test on a stage of its own.
///
/// # Panics
/// When the test does.
pub fn tell(name: &str, story: impl AsyncFn(Stage)) {
    let stage = Stage::new(name);
    let is_driver_lost = Arc::clone(&stage.is_driver_lost);
    let Err(panic) = catch_unwind(AssertUnwindSafe(|| tell_once(stage, &story))) else { return };
    if !is_driver_lost.load(Ordering::SeqCst) {
        resume_unwind(panic);
    }
    eprintln!("the driver does not answer, and the page is at rest: the story is told once more");
    tell_once(Stage::new(name), &story);
}

fn tell_once(stage: Stage, story: &impl AsyncFn(Stage)) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime can be made");
    keep_evidence_of_panics(&stage);
    runtime.block_on(story(stage));
    runtime.shutdown_timeout(Duration::from_secs(1));
}

/// Looks at the windows as soon as the story panics, while everything that it holds is still there.
fn keep_evidence_of_panics(stage: &Stage) {
    let (folder, story) = (stage.folder.clone(), thread::current().id());
    // The hook outlives the story, and must not keep its windows open.
    let windows = Arc::downgrade(&stage.windows);
    let is_driver_lost = Arc::clone(&stage.is_driver_lost);
    let tell_of_it = panic::take_hook();
    panic::set_hook(Box::new(move |what| {
        tell_of_it(what);
        let Some(windows) = windows.upgrade().filter(|_| thread::current().id() == story) else { return };
        let stage = Stage { folder: folder.clone(), windows, is_driver_lost: Arc::clone(&is_driver_lost) };
        let looking = thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.expect("a runtime can be made").block_on(stage.keep_evidence());
        });
        // A panic while looking has told of itself.
        drop(looking.join());
    }));
}
