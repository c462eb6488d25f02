//! What nearly every story begins with: somebody at a desk, signed in.

use chrono::{Datelike, Days, NaiveDate, Utc};
use synodic_tests::desktop::bus::SessionBus;
use synodic_tests::desktop::google::Google;
use synodic_tests::desktop::home::Home;
use synodic_tests::desktop::story::Stage;
use synodic_tests::desktop::window::Window;

/// The local calendar that is linked to the account's primary one.
pub(crate) const CALENDAR: &str = "Mine";

/// Somebody's desktop session, home folder and Google account.
pub(crate) struct Desk {
    pub(crate) bus: SessionBus,
    pub(crate) google: Google,
    pub(crate) home: Home,
    pub(crate) stage: Stage,
}

impl Desk {
    /// A desk whose owner has not signed in.
    pub(crate) async fn new(stage: &Stage) -> Self {
        assert!(
            std::env::var_os("DISPLAY").is_some(),
            "there is no display; run this under scripts/with-desktop"
        );
        let bus = SessionBus::start(stage.folder()).await;
        let google = Google::start().await;
        let home = google.at_home(Home::new(stage.folder())).with("DBUS_SESSION_BUS_ADDRESS", bus.address());
        Self { bus, google, home, stage: stage.clone() }
    }

    /// A desk whose owner has signed in and linked one calendar.
    pub(crate) async fn signed_in(stage: &Stage) -> Self {
        let desk = Self::new(stage).await;
        desk.google.connect(&desk.home, CALENDAR).await;
        desk
    }

    /// Opens the window, in week view.
    pub(crate) async fn window(&self) -> Window {
        let window = Window::open(&self.stage, &self.home, &[]).await;
        window.show_week().await;
        window
    }
}

/// Today in Berlin, where everybody in these stories lives. A week view shows it.
pub(crate) fn today() -> NaiveDate {
    Utc::now().with_timezone(&chrono_tz::Europe::Berlin).date_naive()
}

/// The Monday of this week, which a week and a month view show whatever the day.
pub(crate) fn monday() -> NaiveDate {
    let today = today();
    today - Days::new(today.weekday().num_days_from_monday().into())
}
