//! The desktop face: engine, window and tray in one process, from start to quit.
//!
//! Closing the window ends its web view and leaves the tray and the engine running; quitting from the tray, SIGTERM or
//! the end of the desktop session stop the engine first, which finishes or rolls back what is in flight.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use synodic_engine::desktop::Navigation;
use synodic_engine::view::{Failure, FailureCode};
use synodic_engine::{Engine, EngineConfig};
use tauri::{AppHandle, Manager as _, RunEvent};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::anew::{self, Anew};
use crate::call::Call;
use crate::commands::{self, Desk};
use crate::demo::{Demo, SharedDemo};
use crate::environment::{Lookup, data_dir, engine_config, rest_before_anew, start_engine};
use crate::holds::Holds;
use crate::local_socket::{self, Remote};
use crate::terminated::terminated;
use crate::{crash, link, notify, tray, window};

/// How the desktop is started.
#[derive(Clone, Debug, Default)]
pub(crate) struct Start {
    /// Where the replica is, if the person said so.
    pub(crate) data_dir: Option<PathBuf>,
    /// Without showing the window, as at login.
    pub(crate) hidden: bool,
    /// On simulated accounts.
    pub(crate) demo: bool,
    /// A link or a file to show.
    pub(crate) open: Option<String>,
}

/// How long a start waits for another Synodic that has the replica and does not listen: one that begins or ends, or a
/// command at work.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long what somebody asked for in the last moment may take before the program starts anew.
const LAST_CALL: Duration = Duration::from_secs(10);

/// What has to be put away in the end.
struct Closing {
    engine: Option<Engine>,
    stop: CancellationToken,
    /// What answers the command line.
    serving: TaskTracker,
    demo: SharedDemo,
}

/// Runs the desktop until it is quit.
pub(crate) fn run(start: &Start, lookup: Lookup<'_>) -> Result<ExitCode, Failure> {
    if !has_display(lookup) {
        return Err(Failure {
            code: FailureCode::Invalid,
            message: "there is no display to open a window on; start Synodic in a desktop session, or use \
                      “synodic serve” and the other commands, which need none (see “synodic --help”)"
                .into(),
            field: None,
        });
    }
    #[cfg(target_os = "linux")]
    crate::graphics::prepare();
    let handle = tauri::async_runtime::handle();
    let runtime = handle.inner();
    let demo = start.demo.then(|| runtime.block_on(Demo::start())).transpose()?;
    let config = match &demo {
        Some(demo) => demo.engine_config()?,
        None => engine_config(data_dir(start.data_dir.as_deref(), lookup)?, lookup)?,
    };
    let anew = Anew::new(start.clone(), rest_before_anew(lookup)?);
    let place = start.open.as_deref().map(|open| link::read(open, config.viewer)).transpose()?;
    let Some(engine) = runtime.block_on(start_or_raise(&config, place.as_ref()))? else {
        return Ok(ExitCode::SUCCESS);
    };
    if let Err(failure) = &engine {
        eprintln!("synodic: {}", failure.message);
    }
    open(start, config, engine, demo, place, anew)
}

/// GTK needs an X or Wayland server and ends the process when there is none; we would rather say so.
fn has_display(lookup: Lookup<'_>) -> bool {
    !cfg!(target_os = "linux") || lookup("DISPLAY").is_some() || lookup("WAYLAND_DISPLAY").is_some()
}

/// Starts the engine, or has the Synodic that runs already show its window; none when that does. Whoever has the replica
/// without answering is waited for.
///
/// # Errors
/// When the one that runs has no window.
async fn start_or_raise(
    config: &EngineConfig,
    place: Option<&Navigation>,
) -> Result<Option<Result<Engine, Failure>>, Failure> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let engine = start_engine(config.clone()).await.map_err(|error| Failure::from(&error));
        if !matches!(&engine, Err(failure) if failure.code == FailureCode::Busy) {
            return Ok(Some(engine));
        }
        if raise_running(config, place.cloned()).await? {
            return Ok(None);
        }
        if Instant::now() >= deadline {
            return Ok(Some(engine));
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// A second start brings the first one's window to the front, and has it show what this one was started with; false
/// when nobody answers.
///
/// # Errors
/// When the one that runs has no window.
async fn raise_running(config: &EngineConfig, place: Option<Navigation>) -> Result<bool, Failure> {
    let Some(running) = Remote::connect(&config.data_dir).await else { return Ok(false) };
    match running.ask(&Call::Raise { place }, &mut |_| {}).await {
        Ok(_) => Ok(true),
        Err(failure) if failure.code == FailureCode::Busy => Err(failure),
        Err(failure) => {
            tracing::warn!(message = failure.message, "the running Synodic did not answer");
            Ok(false)
        }
    }
}

fn open(
    start: &Start,
    config: EngineConfig,
    engine: Result<Engine, Failure>,
    demo: Option<Demo>,
    place: Option<Navigation>,
    anew: Anew,
) -> Result<ExitCode, Failure> {
    let failed = engine.is_err();
    let crashed = crash::begin(&config.data_dir);
    let demo: SharedDemo = Arc::new(tokio::sync::Mutex::new(demo));
    let stop = CancellationToken::new();
    let (holds, serving) = (Holds::default(), TaskTracker::new());
    let closing = Closing {
        engine: engine.as_ref().ok().cloned(),
        stop: stop.clone(),
        serving: serving.clone(),
        demo: Arc::clone(&demo),
    };
    let desk = Desk {
        engine: engine.clone(),
        sign_in: tokio::sync::Mutex::default(),
        demo: start.demo,
        places: Mutex::default(),
        files: commands::files::Files::default(),
        holds: holds.clone(),
        anew,
    };
    let hidden = start.hidden && !failed;
    let builder = tauri::Builder::default();
    let builder = if start.demo { builder } else { builder.plugin(window::memory()) };
    let app = builder
        .manage(desk)
        .invoke_handler(tauri::generate_handler![
            commands::events::occurrences,
            commands::events::search,
            commands::events::event,
            commands::events::create_event,
            commands::events::change_event,
            commands::events::delete_event,
            commands::events::answer_event,
            commands::events::move_event,
            commands::events::edit_scopes,
            commands::events::preview_series,
            commands::events::undo,
            commands::events::event_history,
            commands::events::why,
            commands::events::runs,
            commands::events::revert_run,
            commands::events::deleted_events,
            commands::events::revert_change,
            commands::events::history_days,
            commands::events::set_history_days,
            commands::calendars::calendars,
            commands::calendars::create_calendar,
            commands::calendars::create_calendar_at,
            commands::calendars::set_calendar_visible,
            commands::calendars::remote_calendars,
            commands::calendars::link_calendar,
            commands::calendars::plan_link,
            commands::calendars::unlink_calendar,
            commands::calendars::change_calendar,
            commands::calendars::known_remote_calendars,
            commands::calendars::dismiss_new_calendars,
            commands::calendars::choose_calendars,
            commands::calendars::leaving_link,
            commands::calendars::clean_up,
            commands::calendars::read_anew,
            commands::accounts::accounts,
            commands::accounts::add_google_account,
            commands::accounts::cancel_sign_in,
            commands::accounts::sign_in_again,
            commands::accounts::remove_account,
            commands::accounts::add_caldav_account,
            commands::accounts::subscribe,
            commands::notion::add_notion_account,
            commands::notion::add_notion_account_in_browser,
            commands::notion::notion_data_sources,
            commands::notion::propose_notion_mapping,
            commands::notion::notion_mapping,
            commands::notion::link_notion,
            commands::notion::plan_notion_mapping,
            commands::notion::set_notion_mapping,
            commands::notion::begin_notion_webhook,
            commands::notion::notion_webhook,
            commands::accounts::leaving_account,
            commands::accounts::google_client,
            commands::accounts::set_google_client,
            commands::sync::sync_snapshot,
            commands::sync::sync_now,
            commands::sync::dashboard,
            commands::sync::sync_log,
            commands::sync::sync_account,
            commands::sync::pause,
            commands::sync::resume,
            commands::sync::retry_edit,
            commands::sync::discard_edit,
            commands::sync::reviews,
            commands::sync::approve_review,
            commands::sync::discard_review,
            commands::sync::conflicts,
            commands::sync::resolve_conflict,
            commands::sync::conflict_policy,
            commands::sync::set_link_policy,
            commands::sync::set_account_policy,
            commands::app::app_info,
            commands::app::open_link,
            commands::app::diagnostics,
            commands::app::save_file,
            commands::files::hand_in_file,
            commands::files::open_file,
            commands::files::plan_import,
            commands::files::import_file,
            commands::files::put_file_away,
            commands::files::export_calendar,
            commands::files::show_downloads,
            commands::desktop::navigations,
            commands::desktop::desktop_settings,
            commands::desktop::set_desktop_settings,
            commands::desktop::starts_at_login,
            commands::desktop::set_starts_at_login,
            commands::desktop::quit,
        ])
        .setup(move |app| {
            if !hidden {
                window::create(app.handle())?;
            }
            quit_when_terminated(app.handle().clone());
            if let Ok(engine) = engine {
                live(
                    app.handle(),
                    &engine,
                    &config,
                    Bonds { stop, serving, holds: holds.clone() },
                    demo,
                    place,
                );
                if let Some(report) = crashed {
                    tell_of_crash(&holds, &report);
                }
            }
            Ok(())
        })
        .build(tauri::generate_context!())
        .map_err(|error| crate::call::internal(&error))?;
    app.run(move |app, event| match event {
        // Without a code it is only the last window that was closed: the tray stays.
        RunEvent::ExitRequested { code: None, api, .. } if !failed => api.prevent_exit(),
        RunEvent::Exit => put_away(app, &closing),
        _ => {}
    });
    Ok(if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn quit_when_terminated(app: AppHandle) {
    tauri::async_runtime::spawn(async move {
        terminated().await;
        quit(&app);
    });
}

/// What ties the program's parts to its end.
struct Bonds {
    stop: CancellationToken,
    serving: TaskTracker,
    holds: Holds,
}

/// Connects everything that follows the engine.
fn live(
    app: &AppHandle,
    engine: &Engine,
    config: &EngineConfig,
    bonds: Bonds,
    demo: SharedDemo,
    place: Option<Navigation>,
) {
    let Bonds { stop, serving, holds } = bonds;
    window::forward(app, engine);
    let (raise, mut raised) = mpsc::unbounded_channel();
    if place.is_some() {
        // The channel is open, for we hold its other end.
        let _ = raise.send(place);
    }
    notify::follow(engine, &raise, &holds);
    tauri::async_runtime::spawn(tray::follow(app.clone(), engine.clone(), raise.clone()));
    let (served, data_dir) = (engine.clone(), config.data_dir.clone());
    tauri::async_runtime::spawn(serving.track_future(async move {
        match local_socket::serve(served, &data_dir, raise, holds, stop) {
            // It is awaited so that its end can be waited for.
            Ok(serving) => drop(serving.await),
            Err(error) => tracing::warn!(%error, "the command line cannot reach this window"),
        }
    }));
    let handle = app.clone();
    tauri::async_runtime::spawn(async move {
        while let Some(place) = raised.recv().await {
            // The main thread may be putting the program away, and listen to nobody.
            if anew::show(&handle) {
                continue;
            }
            let app = handle.clone();
            // Windows may be touched on the main thread only.
            let _ = handle.run_on_main_thread(move || window::raise(&app, place));
        }
    });
    let connecting = engine.clone();
    tauri::async_runtime::spawn(async move {
        let demo = demo.lock().await;
        let Some(demo) = demo.as_ref() else { return };
        match demo.connect(&connecting).await {
            Ok(()) => announce(demo),
            Err(failure) => {
                tracing::error!(message = failure.message, "the demo's accounts could not be connected");
            }
        }
    });
}

/// The report is named, so that the person can send it; it holds nothing of theirs.
fn tell_of_crash(holds: &Holds, report: &Path) {
    let body =
        format!("Nothing that you have saved is lost. What happened is described in {}.", report.display());
    notify::say(holds, "Synodic ended unexpectedly the last time", &body);
}

fn announce(demo: &Demo) {
    eprintln!(
        "synodic: the demo’s simulated account {} can be seen at {} and its Notion at {}",
        demo.email(),
        demo.page(),
        demo.workspace_page()
    );
}

/// Ends the program; what is in flight is put away on the way out.
pub(crate) fn quit(app: &AppHandle) {
    if let Some(desk) = app.try_state::<Desk>() {
        desk.anew.forget();
    }
    app.exit(0);
}

fn put_away(app: &AppHandle, closing: &Closing) {
    closing.stop.cancel();
    closing.serving.close();
    tauri::async_runtime::block_on(async {
        closing.serving.wait().await;
        if let Some(desk) = app.try_state::<Desk>().filter(|desk| desk.anew.is_wanted()) {
            let _ = tokio::time::timeout(LAST_CALL, desk.holds.until_none()).await;
        }
        if let Some(engine) = &closing.engine
            && let Err(error) = engine.shutdown().await
        {
            tracing::error!(%error, "the engine did not stop cleanly");
        }
        if let Some(demo) = closing.demo.lock().await.take() {
            demo.stop().await;
        }
    });
    app.cleanup_before_exit();
    if let Some(desk) = app.try_state::<Desk>() {
        desk.anew.carry_out();
    }
}
