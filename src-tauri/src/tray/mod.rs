//! The tray icon: its picture, its tooltip and its menu follow the sync snapshot.
//!
//! It speaks the `StatusNotifierItem` protocol itself, over D-Bus: the desktop's library for it knows no tooltip and no
//! click, and a program that misses it at start ends there. A desktop without a tray is no failure, for the window has
//! all that the menu has; a tray that comes later takes the icon in, and one that goes takes only the icon with it.
//!
//! [`menu`] decides what the menu says, [`panel`] which pictures the panel wants.

mod menu;
mod panel;
mod picture;

use std::time::Duration;

use chrono::{DateTime, NaiveTime, TimeDelta, Utc};
use ksni::menu::{StandardItem, SubMenu};
use ksni::{Handle, MenuItem, OfflineReason, ToolTip, TrayMethods};
use synodic_engine::Engine;
use synodic_engine::desktop::Navigation;
use synodic_engine::snapshot::SyncSnapshot;
use synodic_engine::view::{Change, OccurrenceView};
use synodic_model::{EventStatus, ResponseStatus, TimeWindow, When};
use tauri::{AppHandle, Manager as _};
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{broadcast, mpsc, watch};

use self::menu::{Act, Line, Span};
use self::panel::Tone;
use crate::commands::Desk;
use crate::notify::{self, Raise};
use crate::present::{self, Glyph};
use crate::{bus, desktop};

/// The name under which a desktop's tray takes items in.
const WATCHER: &str = "org.kde.StatusNotifierWatcher";
/// How far ahead the next event is looked for.
const NEXT_WITHIN: TimeDelta = TimeDelta::days(7);
/// Lines say how long ago the last success was, so they age even when nothing happens.
const AGING: Duration = Duration::from_secs(60);

/// What is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Look {
    glyph: Glyph,
    tone: Tone,
    state: String,
    lines: Vec<Line>,
}

/// The item as the desktop's tray asks for it.
struct Item {
    look: Look,
    acts: mpsc::UnboundedSender<Act>,
}

impl ksni::Tray for Item {
    fn id(&self) -> String {
        "synodic".into()
    }

    fn title(&self) -> String {
        "Synodic".into()
    }

    fn icon_pixmap(&self) -> Vec<ksni::Icon> {
        picture::of(self.look.glyph, self.look.tone)
    }

    fn tool_tip(&self) -> ToolTip {
        ToolTip { title: "Synodic".into(), description: self.look.state.clone(), ..ToolTip::default() }
    }

    fn activate(&mut self, _x: i32, _y: i32) {
        self.act(Act::Open);
    }

    fn menu(&self) -> Vec<MenuItem<Self>> {
        self.look.lines.iter().map(item).collect()
    }

    fn watcher_offline(&self, reason: OfflineReason) -> bool {
        tracing::debug!(?reason, "the desktop has no tray for now");
        true
    }
}

impl Item {
    fn act(&self, act: Act) {
        // The program may be ending; then nobody carries it out.
        let _ = self.acts.send(act);
    }
}

fn item(line: &Line) -> MenuItem<Item> {
    match line {
        Line::Separator => MenuItem::Separator,
        Line::Says(label) => {
            StandardItem { label: plain(label), enabled: false, ..StandardItem::default() }.into()
        }
        Line::Does(label, act) => {
            let act = act.clone();
            let activate = Box::new(move |item: &mut Item| item.act(act.clone()));
            StandardItem { label: plain(label), activate, ..StandardItem::default() }.into()
        }
        Line::Group(label, lines) => {
            let submenu = lines.iter().map(item).collect();
            SubMenu { label: plain(label), submenu, ..SubMenu::default() }.into()
        }
    }
}

/// A menu takes a single underscore for the mark of a keyboard letter.
fn plain(label: &str) -> String {
    label.replace('_', "__")
}

/// Puts the icon into the tray and lets it follow the engine, for as long as that runs.
pub(crate) async fn follow(app: AppHandle, engine: Engine, raise: Raise) {
    let (acts, mut chosen) = mpsc::unbounded_channel();
    let mut settings = match engine.follow_desktop_settings().await {
        Ok(settings) => settings,
        Err(error) => {
            return tracing::warn!(%error, "there is no tray icon; the window has all that it shows");
        }
    };
    let (mut snapshots, mut changes) = (engine.snapshots(), engine.changes());
    let mut scheme = panel::follow_scheme();
    let look = |next: Option<&OccurrenceView>, tone| {
        let (snapshot, now) = (engine.snapshot(), Utc::now());
        Look {
            glyph: present::glyph(snapshot.state),
            tone,
            state: present::line(&snapshot, now),
            lines: menu::lines(&snapshot, next, now, engine.config().viewer),
        }
    };
    // The library misses a tray that comes while it looks for one, as both do at log-in; so it looks when there is one.
    // Without a D-Bus there is no tray, now or later.
    tokio::select! {
        there = bus::until_owned(WATCHER) => if let Err(error) = there {
            return tracing::warn!(%error, "there is no tray icon; the window has all that it shows");
        },
        () = ended(snapshots.clone()) => return,
    }
    let mut next = next_event(&engine).await;
    let tone = panel::tone(settings.borrow_and_update().panel, *scheme.borrow_and_update());
    let mut shown = look(next.as_ref(), tone);
    let first = Item { look: shown.clone(), acts };
    let tray = match first.assume_sni_available(true).spawn().await {
        Ok(tray) => tray,
        Err(error) => {
            return tracing::warn!(%error, "there is no tray icon; the window has all that it shows");
        }
    };
    loop {
        tokio::select! {
            changed = snapshots.changed() => if changed.is_err() { break },
            changed = settings.changed() => if changed.is_err() { break },
            // Without anybody to tell of them, colours stay what they are.
            Ok(()) = scheme.changed() => {}
            moved = moved(&mut changes) => {
                if !moved { break }
                next = next_event(&engine).await;
            }
            Some(act) = chosen.recv() => carry_out(act, &app, &engine, &raise),
            () = tokio::time::sleep(AGING) => {
                if next.as_ref().is_none_or(|next| next.starts_at <= Utc::now()) {
                    next = next_event(&engine).await;
                }
            }
        }
        snapshots.borrow_and_update();
        let tone = panel::tone(settings.borrow_and_update().panel, *scheme.borrow_and_update());
        show(&tray, &mut shown, look(next.as_ref(), tone)).await;
    }
    tray.shutdown().await;
}

/// Waits until the engine has ended.
async fn ended(mut snapshots: watch::Receiver<SyncSnapshot>) {
    while snapshots.changed().await.is_ok() {}
}

/// Waits until events may have changed; false when the engine has ended.
async fn moved(changes: &mut broadcast::Receiver<Change>) -> bool {
    loop {
        match changes.recv().await {
            Ok(Change::RemoteCalendars) => {}
            Ok(_) | Err(RecvError::Lagged(_)) => {
                *changes = changes.resubscribe();
                return true;
            }
            Err(RecvError::Closed) => return false,
        }
    }
}

/// Shows a look; does nothing when it is the one that is shown.
async fn show(tray: &Handle<Item>, shown: &mut Look, look: Look) {
    if *shown != look {
        shown.clone_from(&look);
        tray.update(|item| item.look = look).await;
    }
}

/// The next event with a time of day that the person takes part in.
async fn next_event(engine: &Engine) -> Option<OccurrenceView> {
    let now = Utc::now();
    let window = TimeWindow { from: now, to: now + NEXT_WITHIN, viewer: engine.config().viewer };
    let occurrences = engine.occurrences(window).await.unwrap_or_default();
    occurrences.into_iter().find(|occurrence| {
        occurrence.starts_at > now
            && !matches!(occurrence.when, When::AllDay { .. })
            && occurrence.status != EventStatus::Cancelled
            && occurrence.response != Some(ResponseStatus::Declined)
    })
}

fn carry_out(act: Act, app: &AppHandle, engine: &Engine, raise: &Raise) {
    let go = |place| {
        let _ = raise.send(place);
    };
    match act {
        Act::Open => go(None),
        Act::Settings => go(Some(Navigation::Settings)),
        Act::Sync => go(Some(Navigation::Sync)),
        Act::NewEvent => go(Some(Navigation::NewEvent { title: String::new(), when: None })),
        Act::Event(target) => go(Some(Navigation::Event { target })),
        Act::SyncNow => engine.sync_now(),
        Act::Quit => desktop::quit(app),
        slow => {
            let engine = engine.clone();
            let held = app.try_state::<Desk>().map(|desk| desk.holds.hold());
            tauri::async_runtime::spawn(async move {
                let _held = held;
                if let Err(reason) = carry_out_slowly(slow, &engine).await {
                    tracing::warn!(
                        reason,
                        "what the tray was asked for could not be done; the window tells more"
                    );
                }
            });
        }
    }
}

/// Does what takes a while.
async fn carry_out_slowly(act: Act, engine: &Engine) -> Result<(), String> {
    match act {
        Act::SyncAccount(account) => {
            engine.sync_pass(Some(account)).await.map(drop).map_err(|error| error.to_string())
        }
        Act::SignIn(account) => notify::sign_in(engine, account).await,
        Act::Pause(span) => {
            let until = pause_end(span, Utc::now(), engine.config().viewer);
            engine.pause(until).await.map_err(|error| error.to_string())
        }
        Act::Resume => engine.resume().await.map_err(|error| error.to_string()),
        Act::Open | Act::Settings | Act::Sync | Act::NewEvent | Act::Event(_) | Act::SyncNow | Act::Quit => {
            Ok(())
        }
    }
}

/// When a pause ends by itself.
fn pause_end(span: Span, now: DateTime<Utc>, zone: chrono_tz::Tz) -> Option<DateTime<Utc>> {
    match span {
        Span::Hour => Some(now + TimeDelta::hours(1)),
        Span::Tomorrow => {
            let tomorrow = now.with_timezone(&zone).date_naive().succ_opt()?.and_time(NaiveTime::MIN);
            // Where the clocks skip midnight the day begins an hour later.
            let begin = tomorrow.and_local_timezone(zone).earliest();
            let begin =
                begin.or_else(|| (tomorrow + TimeDelta::hours(1)).and_local_timezone(zone).earliest());
            begin.map(|begin| begin.with_timezone(&Utc))
        }
        Span::Open => None,
    }
}

/// Whether the desktop shows the icon: somebody keeps the list of tray icons.
pub(crate) async fn is_shown() -> bool {
    bus::has_owner(WATCHER).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pause_until_tomorrow_ends_at_the_persons_midnight() {
        let now: DateTime<Utc> = "2026-11-23T22:30:00Z".parse().unwrap();
        let end = |zone| pause_end(Span::Tomorrow, now, zone).unwrap().to_rfc3339();
        assert_eq!(end(chrono_tz::Europe::London), "2026-11-24T00:00:00+00:00");
        assert_eq!(end(chrono_tz::Europe::Berlin), "2026-11-23T23:00:00+00:00");
        assert_eq!(end(chrono_tz::Pacific::Kiritimati), "2026-11-24T10:00:00+00:00");
        assert_eq!(pause_end(Span::Hour, now, chrono_tz::UTC), Some(now + TimeDelta::hours(1)));
        assert_eq!(pause_end(Span::Open, now, chrono_tz::UTC), None);
    }

    #[test]
    fn an_underscore_in_a_title_is_no_keyboard_letter() {
        assert_eq!(plain("snake_case"), "snake__case");
    }
}
