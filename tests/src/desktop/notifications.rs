//! A notification daemon that shows nothing and remembers everything.

#![allow(missing_docs, reason = "the interface macro writes a trait of its own without any")]

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use zbus::object_server::SignalEmitter;
use zbus::zvariant::OwnedValue;
use zbus::{Connection, interface};

use super::bus::SessionBus;
use super::wait::until_right;

const PATH: &str = "/org/freedesktop/Notifications";

/// A notification as a program sent it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notified {
    /// The number it was given.
    pub id: u32,
    /// The program's name.
    pub program: String,
    /// Its first line.
    pub summary: String,
    /// Its text.
    pub body: String,
    /// The names of its actions, each followed by what its button says.
    pub actions: Vec<String>,
}

struct Daemon {
    shown: Arc<Mutex<Vec<Notified>>>,
}

#[interface(name = "org.freedesktop.Notifications")]
impl Daemon {
    fn get_capabilities(&self) -> Vec<String> {
        vec!["actions".to_owned(), "body".to_owned()]
    }

    fn get_server_information(&self) -> (String, String, String, String) {
        ("notebook".to_owned(), "tests".to_owned(), "1".to_owned(), "1.2".to_owned())
    }

    #[allow(clippy::too_many_arguments, reason = "the interface has them")]
    fn notify(
        &self,
        program: String,
        replaces: u32,
        _icon: String,
        summary: String,
        body: String,
        actions: Vec<String>,
        _hints: HashMap<String, OwnedValue>,
        _timeout: i32,
    ) -> u32 {
        let mut shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        let id = if replaces == 0 { u32::try_from(shown.len()).unwrap_or(u32::MAX) + 1 } else { replaces };
        shown.push(Notified { id, program, summary, body, actions });
        id
    }

    fn close_notification(&self, _id: u32) {}

    /// Tells the program that the person chose an action.
    #[zbus(signal)]
    async fn action_invoked(emitter: &SignalEmitter<'_>, id: u32, action: &str) -> zbus::Result<()>;

    /// Tells the program that the notification is gone.
    #[zbus(signal)]
    async fn notification_closed(emitter: &SignalEmitter<'_>, id: u32, reason: u32) -> zbus::Result<()>;
}

/// A desktop's notification daemon.
#[derive(Debug)]
pub struct NotificationServer {
    connection: Connection,
    shown: Arc<Mutex<Vec<Notified>>>,
}

impl NotificationServer {
    /// Puts a daemon on the bus.
    ///
    /// # Panics
    /// When the bus has one already.
    pub async fn start(bus: &SessionBus) -> Self {
        let connection = bus.connect().await;
        let shown = Arc::<Mutex<Vec<Notified>>>::default();
        let daemon = Daemon { shown: Arc::clone(&shown) };
        connection.object_server().at(PATH, daemon).await.expect("the path is free");
        connection.request_name("org.freedesktop.Notifications").await.expect("the name is free");
        Self { connection, shown }
    }

    /// What was shown so far.
    pub fn shown(&self) -> Vec<Notified> {
        self.shown.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Waits for the first notification.
    ///
    /// # Panics
    /// When none comes.
    pub async fn first(&self) -> Notified {
        let shown = until_right("a notification is shown", async || self.shown(), |shown| !shown.is_empty());
        shown.await.into_iter().next().expect("there is one")
    }

    /// Clicks an action of a notification.
    ///
    /// # Panics
    /// When the bus has gone.
    pub async fn click(&self, notification: &Notified, action: &str) {
        let emitter = SignalEmitter::new(&self.connection, PATH).expect("the path is one");
        Daemon::action_invoked(&emitter, notification.id, action).await.expect("the bus takes signals");
    }
}
