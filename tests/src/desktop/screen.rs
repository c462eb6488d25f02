//! The screen as the window manager sees it: which windows of a process are shown, and asking one to close.

use std::collections::BTreeSet;

use x11rb::connection::Connection;
use x11rb::protocol::xproto::{
    Atom, AtomEnum, ClientMessageEvent, ConfigureWindowAux, ConnectionExt, EventMask, ImageFormat, MapState,
    Window,
};
use x11rb::rust_connection::RustConnection;

use super::wait::until_right;

/// The X server that `DISPLAY` names.
#[derive(Debug)]
pub struct Screen {
    connection: RustConnection,
    root: Window,
}

impl Screen {
    /// Connects to it.
    ///
    /// # Panics
    /// When there is none.
    pub fn open() -> Self {
        let (connection, number) = RustConnection::connect(None).expect("the tests run on a display");
        let root = connection.setup().roots.get(number).expect("the display has a screen").root;
        Self { connection, root }
    }

    /// Waits until the process shows its window, or none, and returns those shown.
    ///
    /// # Panics
    /// When that does not come about.
    pub async fn shows(&self, process: u32, is_shown: bool) -> Vec<Window> {
        let what = format!("process {process} shows {} window", if is_shown { "its" } else { "no" });
        until_right(&what, async || self.windows(process), |windows| windows.is_empty() != is_shown).await
    }

    /// Clicks the window's close button.
    ///
    /// # Panics
    /// When the process shows no window.
    pub fn close(&self, process: u32) {
        let windows = self.windows(process);
        let window = *windows.first().expect("there is a window to close");
        let delete = self.atom("WM_DELETE_WINDOW");
        let message = ClientMessageEvent::new(32, window, self.atom("WM_PROTOCOLS"), [delete, 0, 0, 0, 0]);
        self.connection.send_event(false, window, EventMask::NO_EVENT, message).expect("X takes events");
        self.connection.flush().expect("X takes events");
    }

    /// Drags a window to a place and size, as x, y, width and height.
    ///
    /// # Panics
    /// When the window has gone.
    pub fn put(&self, window: Window, [x, y, width, height]: [i16; 4]) {
        let place = ConfigureWindowAux::new()
            .x(i32::from(x))
            .y(i32::from(y))
            .width(u32::from(width.unsigned_abs()))
            .height(u32::from(height.unsigned_abs()));
        self.connection.configure_window(window, &place).expect("X takes requests");
        self.connection.flush().expect("X takes requests");
    }

    /// Where a process shows its window and how large, as x, y, width and height; none when it shows none.
    pub fn place(&self, process: u32) -> Option<[i16; 4]> {
        let window = *self.windows(process).first()?;
        let seen = self.connection.get_geometry(window).ok()?.reply().ok()?;
        let [width, height] =
            [seen.width, seen.height].map(|length| i16::try_from(length).unwrap_or(i16::MAX));
        Some([seen.x, seen.y, width, height])
    }

    /// Whether something is drawn in the window of a process, not one colour alone.
    pub fn is_drawn(&self, process: u32) -> bool {
        let colours = || {
            let window = *self.windows(process).first()?;
            let [_, _, width, height] = self.place(process)?;
            let [width, height] = [width.unsigned_abs(), height.unsigned_abs()];
            let asked =
                self.connection.get_image(ImageFormat::Z_PIXMAP, window, 0, 0, width, height, u32::MAX);
            let picture = asked.ok()?.reply().ok()?.data;
            Some(picture.chunks(4).collect::<BTreeSet<_>>().len())
        };
        colours().is_some_and(|colours| colours > 16)
    }

    /// The top-level windows of a process that are on the screen.
    pub fn windows(&self, process: u32) -> Vec<Window> {
        let tree = self.connection.query_tree(self.root).ok().and_then(|cookie| cookie.reply().ok());
        let children = tree.map(|tree| tree.children).unwrap_or_default();
        children
            .into_iter()
            .filter(|&window| self.owner(window) == Some(process) && self.is_shown(window))
            .collect()
    }

    fn owner(&self, window: Window) -> Option<u32> {
        let pid = self.atom("_NET_WM_PID");
        let cookie = self.connection.get_property(false, window, pid, AtomEnum::CARDINAL, 0, 1).ok()?;
        cookie.reply().ok()?.value32()?.next()
    }

    /// Whether it is drawn and large enough for somebody to look at; toolkits keep tiny windows of their own.
    fn is_shown(&self, window: Window) -> bool {
        let attributes =
            self.connection.get_window_attributes(window).ok().and_then(|cookie| cookie.reply().ok());
        let geometry = self.connection.get_geometry(window).ok().and_then(|cookie| cookie.reply().ok());
        attributes.is_some_and(|attributes| attributes.map_state == MapState::VIEWABLE)
            && geometry.is_some_and(|geometry| geometry.width > 100)
    }

    fn atom(&self, name: &str) -> Atom {
        let cookie = self.connection.intern_atom(false, name.as_bytes()).expect("X answers");
        cookie.reply().expect("X answers").atom
    }
}
