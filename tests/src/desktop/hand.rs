//! What a person does with the events that the window shows, by mouse and by keyboard.

use std::time::Duration;

use chrono::NaiveDate;
use fantoccini::Locator;
use fantoccini::actions::{
    Actions, InputSource, KeyAction, KeyActions, MOUSE_BUTTON_LEFT, MouseActions, PointerAction,
};
use fantoccini::elements::Element;
use fantoccini::key::Key;

use super::wait::until;
use super::window::Window;

impl Window {
    /// Presses on an element, moves by `(right, down)` pixels and lets go.
    ///
    /// # Panics
    /// When the driver refuses.
    pub async fn drag(&self, element: &Element, (right, down): (f64, f64)) {
        let (x, y, width, height) = resting_place(element).await;
        self.drag_from((x + width / 2.0, y + (height / 2.0).min(6.0)), (right, down)).await;
    }

    /// Presses at `(x, y)`, moves by `(right, down)` pixels and lets go.
    ///
    /// # Panics
    /// When the driver refuses.
    pub async fn drag_from(&self, (x, y): (f64, f64), (right, down): (f64, f64)) {
        let at = |x: f64, y: f64, millis: u64| PointerAction::MoveTo {
            duration: Some(Duration::from_millis(millis)),
            x,
            y,
        };
        let mouse = MouseActions::new("mouse".to_owned())
            .then(at(x, y, 0))
            .then(PointerAction::Down { button: MOUSE_BUTTON_LEFT })
            // Steps, because a drag begins only after some pixels.
            .then(at(x + right / 4.0, y + down / 4.0, 60))
            .then(at(x + right / 2.0, y + down / 2.0, 60))
            .then(at(x + right, y + down, 60))
            .then(PointerAction::Up { button: MOUSE_BUTTON_LEFT });
        self.client.perform_actions(mouse).await.expect("the mouse moves");
    }

    /// Presses at `(x, y)`, moves along `way`, whose places are told from there, and lets go.
    ///
    /// # Panics
    /// When the driver refuses.
    pub async fn drag_along(&self, (x, y): (f64, f64), way: &[(f64, f64)], pause: Duration) {
        let mut mouse = MouseActions::new("mouse".to_owned())
            .then(PointerAction::MoveTo { duration: Some(Duration::ZERO), x, y })
            .then(PointerAction::Down { button: MOUSE_BUTTON_LEFT });
        for (right, down) in way {
            mouse = mouse.then(PointerAction::MoveTo { duration: Some(pause), x: x + right, y: y + down });
        }
        let mouse = mouse.then(PointerAction::Up { button: MOUSE_BUTTON_LEFT });
        self.client.perform_actions(mouse).await.expect("the mouse moves");
    }

    /// Makes an event with the button for it, today at two: whatever the time, it is well inside the day and in sight.
    ///
    /// # Panics
    /// When the window does not let them.
    pub async fn make_event(&self, title: &str) {
        self.click("new-event").await;
        self.type_into("event-title-input", &format!("{title} today 14:00")).await;
        self.click("save-event").await;
        self.is_gone("event-title-input").await;
    }

    /// Opens the event that says `words`.
    ///
    /// # Panics
    /// When there is none.
    pub async fn open_event(&self, words: &str) {
        until(&format!("the event {words:?} can be opened"), async || {
            let block = self.block_in_sight(words).await.ok_or("it is not shown")?;
            block.click().await.map_err(|_| "it cannot be clicked")?;
            if self.has("inspector").await { Ok(()) } else { Err("nothing opens") }
        })
        .await;
    }

    /// Clicks the event that says `words` while Control is held, as one does to select several.
    ///
    /// # Panics
    /// When there is none.
    pub async fn click_with_control(&self, words: &str) {
        let (x, y, width, _) = self.place_of(words).await;
        let keys = KeyActions::new("keyboard".to_owned())
            .then(KeyAction::Down { value: Key::Control.into() })
            .then(KeyAction::Pause { duration: Duration::ZERO })
            .then(KeyAction::Pause { duration: Duration::ZERO })
            .then(KeyAction::Up { value: Key::Control.into() });
        let place = PointerAction::MoveTo { duration: None, x: x + width / 2.0, y: y + 6.0 };
        let mouse = MouseActions::new("mouse".to_owned())
            .then(place)
            .then(PointerAction::Down { button: MOUSE_BUTTON_LEFT })
            .then(PointerAction::Up { button: MOUSE_BUTTON_LEFT });
        let both = Actions::from(keys).and(mouse);
        self.client.perform_actions(both).await.expect("keys and mouse go together");
    }

    /// Gives the event that says `words` another title.
    ///
    /// # Panics
    /// When the window does not let them.
    pub async fn rename_event(&self, words: &str, title: &str) {
        self.open_event(words).await;
        self.click("edit-event").await;
        self.type_into("event-title-input", title).await;
        self.click("save-event").await;
        self.is_gone("event-title-input").await;
        self.sees(title).await;
    }

    /// Deletes the event that says `words`.
    ///
    /// # Panics
    /// When the window does not let them.
    pub async fn delete_event(&self, words: &str) {
        self.open_event(words).await;
        self.click("delete-event").await;
        self.sees_no_more(words).await;
    }

    /// Drags the event of one hour that says `words` up or down by some hours.
    ///
    /// # Panics
    /// When there is none.
    pub async fn drag_event_by_hours(&self, words: &str, hours: f64) {
        self.sees(words).await;
        let block = self.block_in_sight(words).await.expect("it was seen just now");
        let (_, _, _, height) = block.rectangle().await.expect("it has a place");
        // A block is a little shorter than its hour; the grid takes what is nearest.
        self.drag(&block, (0.0, (height + 2.0) * hours)).await;
    }

    /// Drags the event that says `words` to another day of the month that is shown.
    ///
    /// # Panics
    /// When either is not shown.
    pub async fn drag_event_to_day(&self, words: &str, day: NaiveDate) {
        self.sees(words).await;
        let block = self.block_in_sight(words).await.expect("it was seen just now");
        let cell = self.find_css(&format!("main [data-date=\"{day}\"]")).await;
        let middle = async |element: &Element| {
            let (x, y, width, height) = element.rectangle().await.expect("an element has a place");
            (x + width / 2.0, y + height / 2.0)
        };
        let (from, to) = (middle(&block).await, middle(&cell).await);
        self.drag(&block, (to.0 - from.0, to.1 - from.1)).await;
    }

    /// Waits until the event that says `words` is marked as `pending`, `synced`, `failed`, …
    ///
    /// # Panics
    /// When it is not.
    pub async fn is_marked(&self, words: &str, mark: &str) {
        until(&format!("the event {words:?} is marked as {mark}"), async || {
            let block = self.block(words).await.ok_or("it is not shown".to_owned())?;
            let seen = block.attr("data-sync").await.ok().flatten().unwrap_or_default();
            if seen == mark { Ok(()) } else { Err(seen) }
        })
        .await;
    }

    /// Where the event that says `words` is, and how large: left, top, width and height.
    ///
    /// # Panics
    /// When there is none.
    pub async fn place_of(&self, words: &str) -> (f64, f64, f64, f64) {
        self.sees(words).await;
        let block = self.block_in_sight(words).await;
        let block = block.unwrap_or_else(|| panic!("{words:?} is not shown any more"));
        resting_place(&block).await
    }

    /// Drags the lower edge of the event of one hour that says `words` by some hours.
    ///
    /// # Panics
    /// When there is none.
    pub async fn drag_edge_by_hours(&self, words: &str, hours: f64) {
        let (x, y, width, height) = self.place_of(words).await;
        self.drag_from((x + width / 2.0, y + height - 1.0), (0.0, (height + 2.0) * hours)).await;
    }

    /// Gives the occurrence of a series that was to begin on `day` another title, and chooses how much of it is meant:
    /// `this`, `following` or `all`.
    ///
    /// # Panics
    /// When the window does not let them.
    pub async fn rename_occurrence(&self, day: NaiveDate, title: &str, scope: &str) {
        self.click_css(&format!("[data-testid=\"event-block\"][data-occurrence-id*=\"/{day}T\"]")).await;
        self.click("edit-event").await;
        self.type_into("event-title-input", title).await;
        self.click("save-event").await;
        self.click(&format!("scope-{scope}")).await;
        self.is_gone("event-title-input").await;
        self.sees(title).await;
    }

    /// The event that says `words`, scrolled to as a person would who is about to reach for it.
    async fn block_in_sight(&self, words: &str) -> Option<Element> {
        let block = self.block(words).await?;
        let reach = "const [block] = arguments, { left, top, width, height } = block.getBoundingClientRect();
            const within = (y) => block.contains(document.elementFromPoint(left + width / 2, y));
            if (!within(top + 3) || !within(top + height - 3)) block.scrollIntoView({ block: 'center' })";
        self.script(reach, vec![serde_json::to_value(&block).ok()?]).await;
        Some(block)
    }

    async fn block(&self, words: &str) -> Option<Element> {
        let id = self.blocks().await.into_iter().find(|block| block.text.contains(words))?.event_id;
        let selector = format!("[data-testid=\"event-block\"][data-event-id=\"{id}\"]");
        self.client.find(Locator::Css(&selector)).await.ok()
    }
}

/// Left, top, width and height of an element, once they are the same at two glances: what was just drawn may still be on its
/// way to its place.
async fn resting_place(element: &Element) -> (f64, f64, f64, f64) {
    let mut before = None;
    until("an element rests", async || {
        let place = element.rectangle().await.map_err(|error| error.to_string())?;
        if before.replace(place) == Some(place) { Ok(place) } else { Err(format!("it is at {place:?}")) }
    })
    .await
}
