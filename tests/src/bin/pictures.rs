//! Takes the pictures of the window that the README shows, and those of every state to judge them by.
//!
//! usage: `scripts/with-desktop cargo run -p synodic-tests --bin pictures -- FOLDER`

#![allow(clippy::expect_used, reason = "a picture that cannot be taken ends it, and says why")]
#![allow(clippy::print_stdout, reason = "it tells which pictures it took")]

use std::path::{Path, PathBuf};

use synodic_simulators::fault::{Effect, Fault};
use synodic_simulators::google::GoogleOptions;
use synodic_tests::dav::{DavServer, Kind, PASSWORD, USER};
use synodic_tests::desktop::bus::SessionBus;
use synodic_tests::desktop::google::{CALENDAR, Google, event};
use synodic_tests::desktop::home::Home;
use synodic_tests::desktop::notion::{Notion, VERANSTALTUNGEN};
use synodic_tests::desktop::story::{Stage, tell};
use synodic_tests::desktop::wait::until;
use synodic_tests::desktop::window::Window;

/// The key that closes things.
const ESCAPE: &str = "\u{e00c}";

fn main() {
    let folder: PathBuf = std::env::args_os().nth(1).map(PathBuf::from).expect("usage: pictures FOLDER");
    std::fs::create_dir_all(&folder).expect("the folder can be made");
    let folder = folder.canonicalize().expect("the folder is there");
    tell("pictures", async |stage: Stage| take(&stage, &folder).await);
}

async fn take(stage: &Stage, folder: &Path) {
    let bus = SessionBus::start(stage.folder()).await;
    let mut google = Google::start_with_a_life(GoogleOptions::default()).await;
    let home = google.at_home(Home::new(stage.folder())).with("DBUS_SESSION_BUS_ADDRESS", bus.address());
    first_run(stage, &home, folder).await;
    google.connect_everything(&home).await;
    let window = Window::open(stage, &home, &[]).await;
    window.resize(1280, 800).await;
    window.shows_state("synced").await;

    for scheme in ["Light", "Dark"] {
        choose_scheme(&window, scheme).await;
        let picture = async |name: &str| {
            let file = folder.join(format!("{name}-{}.png", scheme.to_lowercase()));
            window.picture(&file).await;
            println!("{}", file.display());
        };
        views(&window, &picture).await;
        states(&window, &mut google, &picture).await;
    }
    conflict(&window, &home, &mut google, folder).await;
    review(&window, &google, folder).await;
    needs_sign_in(&window, &google, folder).await;
    window.log_out().await;
    others(stage, &bus, folder).await;
}

/// A calendar server and Notion: how they are connected, what a link would come to, and what is said of items that make
/// no sense and of a replica that was damaged.
async fn others(stage: &Stage, bus: &SessionBus, folder: &Path) {
    let server = DavServer::start(Kind::Radicale).await;
    let notion = Notion::start().await;
    let home = Home::new(stage.folder()).with("DBUS_SESSION_BUS_ADDRESS", bus.address());
    let google = Google::start().await;
    let home = google.at_home(notion.at_home(home));
    google.connect(&home, "Mine").await;
    crowd(&google).await;
    google.control().put_oddity(CALENDAR, "odd00", serde_json::json!({ "id": "odd00", "start": "soon" }));
    let window = Window::open(stage, &home, &[]).await;
    window.resize(1280, 800).await;
    window.click("connect").await;
    window.click("connect-caldav").await;
    window.click_css("[data-testid=connect-row-caldav] label[for$=\"-other\"]").await;
    window.find("caldav-certificate").await;
    as_both(&window, "connect-caldav", folder).await;
    window.put_into("caldav-place", &server.url()).await;
    window.put_into("caldav-user", USER).await;
    window.put_into("caldav-password", PASSWORD).await;
    window.click("caldav-send").await;
    window.find("account-calendars").await;
    window.click_css("[aria-label=\"Keep work in step\"]").await;
    window.find_css("[data-testid=\"remote-calendar\"][data-linked]").await;

    window.show_week().await;
    window.click("sync-now").await;
    window.shows_state("synced").await;
    as_both(&window, "crowd", folder).await;
    window.click("sync-indicator").await;
    until("the panel tells of it", async || {
        let text = window.text().await;
        if text.contains("could not be read") { Ok(()) } else { Err(text) }
    })
    .await;
    as_both(&window, "sync-unreadable", folder).await;
    window.press(ESCAPE).await;

    window.click("new-calendar").await;
    window.find("calendar-place").await;
    as_both(&window, "new-calendar", folder).await;
    window.type_into("calendar-name", "Choir").await;
    window.click("save-calendar").await;
    window.lacks("calendar-name").await;
    window.click("connect").await;
    window.click("settings-accounts").await;
    window.click("connect-notion").await;
    window.put_into("notion-token", notion.token()).await;
    window.click("notion-token-send").await;
    window.find("local-calendar").await;
    // What comes into the lists above moves the calendar away from the click.
    until("the databases are listed", async || {
        let text = window.text().await;
        if text.contains(VERANSTALTUNGEN) { Ok(()) } else { Err(text) }
    })
    .await;
    window.click("link-calendar").await;
    window.choose("link-target", &format!("🎭 {VERANSTALTUNGEN}")).await;
    window.click("save-link").await;
    window.find("slot-title").await;
    window.click("save-mapping").await;
    window.find("link-plan").await;
    as_both(&window, "mapping-compare", folder).await;
    window.press(ESCAPE).await;
    window.log_out().await;

    let torn = std::fs::read(home.replica()).expect("the replica can be read");
    let (kept, _) = torn.split_at(torn.len() / 2);
    std::fs::write(home.replica(), kept).expect("the replica can be torn");
    let window = Window::open(stage, &home, &[]).await;
    window.resize(1280, 800).await;
    window.click("sync-indicator").await;
    window.find("recovered").await;
    as_both(&window, "sync-recovered", folder).await;
    window.log_out().await;
}

/// More than can stand side by side.
async fn crowd(google: &Google) {
    let today = chrono::Utc::now().date_naive();
    for booth in 1..=9 {
        google.add(&event(&format!("Booth {booth}"), today, 10)).await;
    }
}

/// Takes a picture in both schemes of what would close if the scheme were chosen from its menu.
async fn as_both(window: &Window, name: &str, folder: &Path) {
    for scheme in ["light", "dark"] {
        let set = "document.documentElement.dataset.mantineColorScheme = arguments[0]";
        window.script(set, vec![scheme.into()]).await;
        window.picture(&folder.join(format!("{name}-{scheme}.png"))).await;
    }
}

/// The window before anything is in it.
async fn first_run(stage: &Stage, home: &Home, folder: &Path) {
    let window = Window::open(stage, home, &[]).await;
    window.resize(1280, 800).await;
    window.find("first-run").await;
    window.picture(&folder.join("first-run.png")).await;
    window.log_out().await;
}

/// Month, week, day and agenda, wide and narrow, an event and its editor, a new event, and the other rooms.
async fn views(window: &Window, picture: &impl AsyncFn(&str)) {
    for view in ["month", "week", "day", "agenda"] {
        show(window, view).await;
        picture(view).await;
    }
    window.resize(720, 900).await;
    for view in ["month", "week"] {
        show(window, view).await;
        picture(&format!("{view}-narrow")).await;
    }
    window.resize(1280, 800).await;
    window.show_week().await;
    window.open_event("Stand-up").await;
    picture("event").await;
    window.click("edit-event").await;
    window.find("event-title-input").await;
    picture("editor").await;
    window.press(ESCAPE).await;
    window.press(ESCAPE).await;
    window.click("new-event").await;
    window.type_into("event-title-input", "Tea with Grace tomorrow 16:00 for 45 min at Luigi’s").await;
    window.find("understood").await;
    picture("new-event").await;
    window.press(ESCAPE).await;
    question(window, picture).await;
    file(window, picture).await;
    past(window, picture).await;
    rooms(window, picture).await;
}

/// What became of an event and why, what was deleted and what was pulled, and several events that are selected.
async fn past(window: &Window, picture: &impl AsyncFn(&str)) {
    window.make_event("Tea with Ada").await;
    window.rename_event("Tea with Ada", "Tea with Ada and Grace").await;
    window.open_event("Tea with Ada").await;
    window.click("event-history").await;
    window.find("history-line").await;
    picture("history").await;
    choose(window, "[data-testid=history] label", "Why?").await;
    window.find("why").await;
    picture("why").await;
    window.press(ESCAPE).await;
    window.lacks("history").await;
    window.delete_event("Tea with Ada").await;
    window.click_with_control("Stand-up").await;
    window.find("selection-bar").await;
    picture("selection").await;
    window.press(ESCAPE).await;
    window.lacks("selection-bar").await;
    window.click("connect").await;
    window.click("settings-data").await;
    window.find("open-deleted").await;
    picture("settings-data").await;
    window.click("open-deleted").await;
    window.find("deleted-event").await;
    picture("deleted").await;
    window.press(ESCAPE).await;
    window.lacks("deleted").await;
    window.click("open-runs").await;
    window.find("runs").await;
    picture("runs").await;
    window.press(ESCAPE).await;
    window.lacks("runs").await;
    window.show_week().await;
}

/// A calendar file over the window, and what is in it.
async fn file(window: &Window, picture: &impl AsyncFn(&str)) {
    let hold = "const event = (uid, title, start) => `BEGIN:VEVENT\\r\\nUID:${uid}\\r\\nSUMMARY:${title}\\r\\nDTSTART${start}\\r\\nEND:VEVENT\\r\\n`;
        const text = 'BEGIN:VCALENDAR\\r\\nX-WR-CALNAME:Rowing club\\r\\n' + event('a', 'Regatta', ';VALUE=DATE:20270612')
            + event('b', 'Training on the water', ':20270607T160000Z\\r\\nRRULE:FREQ=WEEKLY') + event('c', 'Supper at the boathouse', ':20270609T173000Z')
            + event('d', 'General meeting', ':soon') + 'BEGIN:VTODO\\r\\nUID:e\\r\\nEND:VTODO\\r\\nEND:VCALENDAR\\r\\n';
        globalThis.held = new DataTransfer();
        held.items.add(new File([text], 'Rowing club.ics'));
        document.body.dispatchEvent(new DragEvent('dragenter', { dataTransfer: held, bubbles: true, cancelable: true }));";
    window.script(hold, vec![]).await;
    window.find("drop-target").await;
    picture("drop").await;
    let drop = "document.body.dispatchEvent(new DragEvent('drop', { dataTransfer: held, bubbles: true, cancelable: true }))";
    window.script(drop, vec![]).await;
    window.find("import-now").await;
    picture("import").await;
    window.press(ESCAPE).await;
    window.lacks("import").await;
}

/// What is asked of an edit of something that repeats.
async fn question(window: &Window, picture: &impl AsyncFn(&str)) {
    window.open_event("Stand-up").await;
    window.click("edit-event").await;
    window.type_into("event-title-input", "Sit-down").await;
    window.click("save-event").await;
    window.find("scope-all").await;
    picture("scope").await;
    window.press(ESCAPE).await;
    window.lacks("scope-all").await;
    choose(window, "[data-testid=inspector] button", "Cancel").await;
    window.click_css("[data-testid=inspector] [aria-label=Close]").await;
    window.lacks("inspector").await;
}

/// The year, the palette and the settings.
async fn rooms(window: &Window, picture: &impl AsyncFn(&str)) {
    window.click("view-year").await;
    window.find("year").await;
    picture("year").await;
    window.click("open-palette").await;
    window.find("palette-field").await;
    picture("palette").await;
    window.press(ESCAPE).await;
    window.lacks("palette-field").await;
    window.click("open-search").await;
    window.type_into("search-field", "st").await;
    window.find("search-hit").await;
    picture("search").await;
    window.press(ESCAPE).await;
    window.lacks("search-field").await;
    window.click("connect").await;
    window.find("settings").await;
    window.click("settings-accounts").await;
    window.find("account").await;
    picture("accounts").await;
    window.click("settings-calendars").await;
    window.find("remote-calendar").await;
    picture("calendars").await;
    window.click("settings-view").await;
    window.find("settings").await;
    picture("settings-view").await;
    window.click_css("[data-testid=second-zone] + span").await;
    window.show_week().await;
    until("the hours of UTC are shown", async || {
        let text = window.text().await;
        if text.contains("UTC") { Ok(()) } else { Err(text) }
    })
    .await;
    picture("second-zone").await;
    window.click("connect").await;
    window.click("settings-view").await;
    window.click_css("[data-testid=second-zone] + span").await;
    window.click("settings-desktop").await;
    window.find("settings").await;
    picture("settings-desktop").await;
    window.click("settings-dashboard").await;
    window.find("account-health").await;
    window.lacks("charts-loading").await;
    picture("dashboard").await;
    window.show_week().await;
}

/// The indicator in every state that a person can meet, its panel open.
async fn states(window: &Window, google: &mut Google, picture: &impl AsyncFn(&str)) {
    with_panel(window, "synced", picture).await;

    google.inject(Fault::new(Effect::Latency { millis: 4000 }).on("GET", "/events"));
    window.click("sync-now").await;
    with_panel(window, "syncing", picture).await;
    google.control().clear_faults();
    window.shows_state("synced").await;

    let pause = Effect::Status {
        status: 429,
        reason: "rateLimitExceeded".into(),
        retry_after_seconds: Some(40),
        applied: false,
    };
    google.inject(Fault::new(pause));
    window.click("sync-now").await;
    with_panel(window, "backing_off", picture).await;
    google.control().clear_faults();
    window.click("sync-now").await;
    window.shows_state("synced").await;

    window.click("sync-indicator").await;
    choose(window, "button", "Pause").await;
    choose(window, "[role=menuitem]", "Until I resume").await;
    window.press(ESCAPE).await;
    with_panel(window, "paused", picture).await;
    window.click("sync-indicator").await;
    choose(window, "[data-testid=sync-panel] button", "Resume").await;
    window.press(ESCAPE).await;
    window.shows_state("synced").await;

    google.go_away().await;
    window.make_event("Made on the train").await;
    with_panel(window, "offline", picture).await;
    google.come_back().await;
    window.click("sync-now").await;
    window.shows_state("synced").await;

    let refusal =
        Effect::Status { status: 403, reason: "forbidden".into(), retry_after_seconds: None, applied: false };
    google.inject(Fault::new(refusal).on("POST", "/events"));
    window.make_event("Too much for the account").await;
    with_panel(window, "failed", picture).await;
    google.control().clear_faults();
    window.delete_event("Too much for the account").await;
    window.delete_event("Made on the train").await;
    window.shows_state("synced").await;
}

/// Both sides give one event another title while they cannot hear of each other, and nobody is to win by itself.
async fn conflict(window: &Window, home: &Home, google: &mut Google, folder: &Path) {
    home.run(["conflict", "policy", "Personal", "ask"]).await.done();
    window.show_week().await;
    google.go_away().await;
    window.rename_event("Dentist", "Dentist, at last").await;
    let control = google.control();
    for calendar in control.calendars() {
        for mut event in control.events(&calendar) {
            if event["summary"] == "Dentist" {
                event["summary"] = "Dentist (moved upstairs)".into();
                control.put_event(&calendar, event);
            }
        }
    }
    google.come_back().await;
    window.click("sync-now").await;
    in_both_schemes(window, "conflict", folder).await;
    window.click("sync-indicator").await;
    window.click("compare").await;
    window.find("conflict-field").await;
    window.picture(&folder.join("conflict-dark.png")).await;
    window.click("all-remote").await;
    window.click("decide").await;
    window.shows_state("synced").await;
}

/// Somebody empties a calendar elsewhere, which is more often a mishap than a wish.
async fn review(window: &Window, google: &Google, folder: &Path) {
    let control = google.control();
    for calendar in control.calendars() {
        let events = control.events(&calendar);
        if events.iter().any(|event| event["summary"] == "Stand-up") {
            for event in events {
                control.delete_event(&calendar, event["id"].as_str().unwrap_or_default());
            }
        }
    }
    window.click("sync-now").await;
    in_both_schemes(window, "review", folder).await;
}

/// The state that only a person with a browser gets out of, so it comes last.
async fn needs_sign_in(window: &Window, google: &Google, folder: &Path) {
    let (email, _) = google.control().accounts().swap_remove(0);
    google.control().revoke(&email);
    google.control().expire_access_tokens();
    window.click("sync-now").await;
    in_both_schemes(window, "needs_sign_in", folder).await;
}

async fn in_both_schemes(window: &Window, state: &str, folder: &Path) {
    window.shows_state(state).await;
    for scheme in ["Light", "Dark"] {
        choose_scheme(window, scheme).await;
        let picture = async |name: &str| {
            window.picture(&folder.join(format!("{name}-{}.png", scheme.to_lowercase()))).await;
        };
        with_panel(window, state, &picture).await;
    }
}

async fn with_panel(window: &Window, state: &str, picture: &impl AsyncFn(&str)) {
    window.shows_state(state).await;
    window.click("sync-indicator").await;
    window.find("sync-panel").await;
    picture(&format!("sync-{}", state.replace('_', "-"))).await;
    window.press(ESCAPE).await;
}

async fn show(window: &Window, view: &str) {
    window.click(&format!("view-{view}")).await;
    until("the view has events", async || {
        let blocks = window.blocks().await;
        if blocks.is_empty() { Err(window.text().await) } else { Ok(()) }
    })
    .await;
}

async fn choose_scheme(window: &Window, scheme: &str) {
    window.click_css("[aria-label=\"View options\"]").await;
    choose(window, "[role=menuitemradio]", scheme).await;
    window.press(ESCAPE).await;
}

/// Clicks what a selector names and begins with `words`.
async fn choose(window: &Window, selector: &str, words: &str) {
    let click = "const found = [...document.querySelectorAll(arguments[0])]
        .find((one) => one.textContent.trim().startsWith(arguments[1]));
        found?.click();
        return found !== undefined";
    until(&format!("{words:?} can be chosen"), async || {
        let clicked = window.script(click, vec![selector.into(), words.into()]).await;
        if clicked == true { Ok(()) } else { Err(window.text().await) }
    })
    .await;
}
