//! A tray as a desktop has one: takes items in, shows their picture and menu, and clicks.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use zbus::message::Header;
use zbus::proxy::CacheProperties;
use zbus::zvariant::{OwnedObjectPath, OwnedValue, Value};
use zbus::{Connection, Proxy, interface};

use super::bus::SessionBus;
use super::wait::{until, until_right};

type Layout = (i32, HashMap<String, OwnedValue>, Vec<OwnedValue>);

/// Where an item that registered is to be found: its connection's name and its object.
type Place = (String, String);

/// The watcher that items register with.
struct Watcher {
    places: Arc<Mutex<Vec<Place>>>,
}

#[interface(name = "org.kde.StatusNotifierWatcher")]
impl Watcher {
    #[allow(clippy::needless_pass_by_value, reason = "the macro hands it over")]
    /// Takes an item in. Some send the name of their bus connection, others the path of their object.
    fn register_status_notifier_item(&self, service: &str, #[zbus(header)] header: Header<'_>) {
        let sender = header.sender().map(ToString::to_string).unwrap_or_default();
        let place = if service.starts_with('/') {
            (sender, service.to_owned())
        } else {
            (service.to_owned(), "/StatusNotifierItem".to_owned())
        };
        self.places.lock().unwrap_or_else(PoisonError::into_inner).push(place);
    }

    fn register_status_notifier_host(&self, _service: &str) {}

    #[zbus(property)]
    fn registered_status_notifier_items(&self) -> Vec<String> {
        let places = self.places.lock().unwrap_or_else(PoisonError::into_inner);
        places.iter().map(|(name, path)| format!("{name}{path}")).collect()
    }

    #[zbus(property)]
    fn is_status_notifier_host_registered(&self) -> bool {
        true
    }

    #[zbus(property)]
    fn protocol_version(&self) -> i32 {
        0
    }
}

/// A desktop's tray.
#[derive(Debug)]
pub struct TrayHost {
    connection: Connection,
    places: Arc<Mutex<Vec<Place>>>,
}

impl TrayHost {
    /// Puts a tray on the bus.
    ///
    /// # Panics
    /// When the bus has one already.
    pub async fn start(bus: &SessionBus) -> Self {
        let connection = bus.connect().await;
        let places = Arc::<Mutex<Vec<Place>>>::default();
        let watcher = Watcher { places: Arc::clone(&places) };
        connection.object_server().at("/StatusNotifierWatcher", watcher).await.expect("the path is free");
        connection.request_name("org.kde.StatusNotifierWatcher").await.expect("the name is free");
        Self { connection, places }
    }

    /// Takes the tray away, as a panel that crashes.
    ///
    /// # Panics
    /// When the bus has gone.
    pub async fn vanish(self) {
        self.connection.close().await.expect("the bus takes leave");
    }

    /// How often an item has registered.
    pub fn arrivals(&self) -> usize {
        self.places.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// Waits for the one item, which may have registered more than once.
    ///
    /// # Panics
    /// When none comes, or more than one.
    pub async fn item(&self) -> TrayItem {
        let mut places = until_right(
            "an item registers with the tray",
            async || self.places.lock().unwrap_or_else(PoisonError::into_inner).clone(),
            |places| !places.is_empty(),
        )
        .await;
        places.dedup();
        let [(name, path)] = places.as_slice() else { panic!("one item, not {places:?}") };
        let item = proxy(&self.connection, name, path, "org.kde.StatusNotifierItem").await;
        let menu: OwnedObjectPath = item.get_property("Menu").await.expect("the item has a menu");
        let menu = proxy(&self.connection, name, menu.as_str(), "com.canonical.dbusmenu").await;
        TrayItem { item, menu }
    }
}

async fn proxy(connection: &Connection, name: &str, path: &str, interface: &str) -> Proxy<'static> {
    zbus::proxy::Builder::new(connection)
        .destination(name.to_owned())
        .and_then(|builder| builder.path(path.to_owned()))
        .and_then(|builder| builder.interface(interface.to_owned()))
        .expect("names and paths came from the bus")
        // What is shown is asked for each time, not remembered.
        .cache_properties(CacheProperties::No)
        .build()
        .await
        .expect("the item answers")
}

/// An item in the tray.
#[derive(Debug)]
pub struct TrayItem {
    item: Proxy<'static>,
    menu: Proxy<'static>,
}

/// A line of the item's menu.
#[derive(Clone, PartialEq, Eq)]
pub struct MenuLine {
    id: i32,
    /// What it says.
    pub label: String,
    /// Whether it can be clicked.
    pub enabled: bool,
    /// What it opens.
    pub lines: Vec<Self>,
}

impl fmt::Debug for MenuLine {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:?}{}", self.label, if self.enabled { "" } else { " (greyed)" })
    }
}

impl TrayItem {
    /// A text property of the item.
    ///
    /// # Panics
    /// When the item has gone.
    pub async fn text(&self, property: &str) -> String {
        self.item
            .get_property(property)
            .await
            .unwrap_or_else(|error| panic!("the item's {property}: {error}"))
    }

    /// The pixels of the largest picture that it shows.
    ///
    /// # Panics
    /// When the item has gone, or shows none.
    pub async fn picture(&self) -> Vec<u8> {
        let pictures: Vec<(i32, i32, Vec<u8>)> =
            self.item.get_property("IconPixmap").await.expect("the item has a picture");
        pictures.into_iter().max_by_key(|(width, ..)| *width).expect("the item has a picture").2
    }

    /// What the tray says when somebody points at the item.
    ///
    /// # Panics
    /// When the item has gone.
    pub async fn tool_tip(&self) -> String {
        type ToolTip = (String, Vec<(i32, i32, Vec<u8>)>, String, String);
        let tip: ToolTip = self.item.get_property("ToolTip").await.expect("the item has a tool tip");
        tip.3
    }

    /// The lines of the menu, without the separators.
    ///
    /// # Panics
    /// When the item has gone.
    pub async fn menu(&self) -> Vec<MenuLine> {
        let (_, (_, _, children)): (u32, Layout) = self
            .menu
            .call("GetLayout", &(0_i32, -1_i32, Vec::<String>::new()))
            .await
            .unwrap_or_else(|error| panic!("the item's menu: {error}"));
        children.into_iter().filter_map(line).collect()
    }

    /// Clicks the line that says `label`.
    ///
    /// # Panics
    /// When there is none, or it is greyed out.
    pub async fn click(&self, label: &str) {
        self.click_within("", label).await;
    }

    /// Clicks the line that says `label`, in the group whose line begins with `group`; at the top when that is empty.
    ///
    /// # Panics
    /// When there is none, or it is greyed out.
    pub async fn click_within(&self, group: &str, label: &str) {
        // A menu that was drawn anew since it was read knows the line under another number, and has done nothing yet.
        until(&format!("the menu takes a click on {label:?}"), async || {
            let line = self.line(group, label).await;
            let clicked = (line.id, "clicked", Value::from(0_i32), 0_u32);
            self.menu.call::<_, _, ()>("Event", &clicked).await
        })
        .await;
    }

    async fn line(&self, group: &str, label: &str) -> MenuLine {
        let mut lines = self.menu().await;
        if !group.is_empty() {
            let opened = lines.iter().find(|line| line.label.starts_with(group));
            lines = opened.unwrap_or_else(|| panic!("no {group:?} in {lines:?}")).lines.clone();
        }
        let line = lines.iter().find(|line| line.label == label);
        let line = line.unwrap_or_else(|| panic!("no {label:?} in {lines:?}"));
        assert!(line.enabled, "{line:?} cannot be clicked");
        line.clone()
    }

    /// Waits until the menu's first line, which tells the state, is right.
    ///
    /// # Panics
    /// When it does not become so.
    pub async fn state_line(&self, what: &str, is_right: impl Fn(&str) -> bool) -> String {
        let first = async || self.menu().await.first().map(|line| line.label.clone()).unwrap_or_default();
        until_right(&format!("the tray says {what}"), first, |line| is_right(line)).await
    }
}

fn line(child: OwnedValue) -> Option<MenuLine> {
    let (id, properties, children) = Layout::try_from(child).ok()?;
    let text = |name: &str| properties.get(name).and_then(|value| String::try_from(value.clone()).ok());
    if text("type").as_deref() == Some("separator") {
        return None;
    }
    let enabled =
        properties.get("enabled").and_then(|value| bool::try_from(value.clone()).ok()).unwrap_or(true);
    let lines = children.into_iter().filter_map(line).collect();
    // An underscore marks the letter for the keyboard.
    Some(MenuLine { id, label: text("label")?.replace('_', ""), enabled, lines })
}
