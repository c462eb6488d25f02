//! A notification daemon that shows nothing and remembers everything.

#![allow(missing_docs, reason = "the interface macro writes a trait of its own without any")]

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

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

/// What the daemon remembers.
#[derive(Debug, Default)]
struct Memory {
    shown: Vec<Notified>,
    withdrawn: Vec<u32>,
    is_inhibited: bool,
}

impl Memory {
    fn of(shared: &Mutex<Self>) -> MutexGuard<'_, Self> {
        shared.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct Daemon {
    memory: Arc<Mutex<Memory>>,
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
        let shown = &mut Memory::of(&self.memory).shown;
        let id = if replaces == 0 { u32::try_from(shown.len()).unwrap_or(u32::MAX) + 1 } else { replaces };
        shown.push(Notified { id, program, summary, body, actions });
        id
    }

    fn close_notification(&self, id: u32) {
        Memory::of(&self.memory).withdrawn.push(id);
    }

    /// Whether the person does not want to be disturbed, as Plasma's daemon tells it.
    #[zbus(property)]
    fn inhibited(&self) -> bool {
        Memory::of(&self.memory).is_inhibited
    }

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
    memory: Arc<Mutex<Memory>>,
}

impl NotificationServer {
    /// Puts a daemon on the bus.
    ///
    /// # Panics
    /// When the bus has one already.
    pub async fn start(bus: &SessionBus) -> Self {
        let connection = bus.connect().await;
        let memory = Arc::<Mutex<Memory>>::default();
        let daemon = Daemon { memory: Arc::clone(&memory) };
        connection.object_server().at(PATH, daemon).await.expect("the path is free");
        connection.request_name("org.freedesktop.Notifications").await.expect("the name is free");
        Self { connection, memory }
    }

    /// What was shown so far.
    pub fn shown(&self) -> Vec<Notified> {
        Memory::of(&self.memory).shown.clone()
    }

    /// Switches “do not disturb” on or off.
    pub fn inhibit(&self, is_inhibited: bool) {
        Memory::of(&self.memory).is_inhibited = is_inhibited;
    }

    /// Waits until the program withdraws a notification.
    ///
    /// # Panics
    /// When it stays.
    pub async fn withdrawn(&self, notification: &Notified) {
        let withdrawn = async || Memory::of(&self.memory).withdrawn.clone();
        until_right("the notification is withdrawn", withdrawn, |ids| ids.contains(&notification.id)).await;
    }

    /// Waits for the first notification.
    ///
    /// # Panics
    /// When none comes.
    pub async fn first(&self) -> Notified {
        let shown = until_right("a notification is shown", async || self.shown(), |shown| !shown.is_empty());
        shown.await.into_iter().next().expect("there is one")
    }

    /// Puts a notification away, as the person does who has read it.
    ///
    /// # Panics
    /// When the bus has gone.
    pub async fn dismiss(&self, notification: &Notified) {
        let emitter = SignalEmitter::new(&self.connection, PATH).expect("the path is one");
        Daemon::notification_closed(&emitter, notification.id, 2).await.expect("the bus takes signals");
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
