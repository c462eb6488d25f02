//! The program's real window, driven through WebKit's own WebDriver: what a person sees, clicks and types.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use fantoccini::elements::Element;
use fantoccini::key::Key;
use fantoccini::{Client, Locator};
use serde_json::{Value, json};

use super::effort::Effort;
use super::home::{Home, Program, free_port, program, signal};
use super::story::Stage;
use super::wait::{until, within};
use super::webdriver;

/// Has the page draw itself for some seconds, to no visible end: the driver takes its pictures when something is drawn
/// next, and would wait for ever at a page that is at rest.
const STIR: &str = "let times = 0; \
                    const stirring = setInterval(() => { \
                        document.documentElement.style.outline = `${times % 2}px solid transparent`; \
                        if (++times === 40) clearInterval(stirring); \
                    }, 100)";

/// Starts the program and remembers what the driver does not tell: its process, its messages and how it ended.
const LAUNCHER: &str = r#"#!/bin/sh
"$SYNODIC_BIN" "$@" >"$SYNODIC_LAUNCH.log" 2>&1 &
echo $! >"$SYNODIC_LAUNCH.pid"
wait $!
echo $? >"$SYNODIC_LAUNCH.exit"
"#;

/// The window of a running program.
#[derive(Clone, Debug)]
pub struct Window {
    pub(super) client: Client,
    /// Ends the program when it is dropped last.
    driver: Arc<Program>,
    /// Where the launcher writes, without the ending.
    launch: PathBuf,
}

/// An event as it is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// The event's id.
    pub event_id: String,
    /// Everything that is written on it.
    pub text: String,
}

impl Window {
    /// Starts the program with `arguments` and waits until its window has content.
    ///
    /// # Panics
    /// When it does not come up.
    pub async fn open(stage: &Stage, home: &Home, arguments: &[&str]) -> Self {
        let window = Self::start(stage, home, arguments).await;
        window.find("view-week").await;
        window
    }

    /// Starts the program with `arguments` and waits until its window can be looked at, whatever it shows.
    ///
    /// # Panics
    /// When it does not come up.
    pub async fn start(stage: &Stage, home: &Home, arguments: &[&str]) -> Self {
        let port = free_port();
        let (launcher, launch) = (home.folder().join("launch"), home.logs().join(format!("program-{port}")));
        fs::write(&launcher, LAUNCHER).expect("a file can be written");
        fs::set_permissions(&launcher, fs::Permissions::from_mode(0o700))
            .expect("a file can be made executable");
        let mut command = webdriver::command(home);
        command
            .env("TAURI_AUTOMATION", "true")
            .env("TAURI_WEBVIEW_AUTOMATION", "true")
            .env("SYNODIC_BIN", program())
            .env("SYNODIC_LAUNCH", &launch);
        let driver = webdriver::start(command, home, port).await;
        let said = || fs::read_to_string(launch.with_extension("log")).unwrap_or_default();
        let client = webdriver::session(port, &launcher, arguments, said).await;
        let window = Self { client, driver: Arc::new(driver), launch };
        stage.opened(&window);
        window
    }

    /// The program's process.
    ///
    /// # Panics
    /// When it was never started.
    pub fn process(&self) -> u32 {
        let text = self.launched("pid").expect("the launcher says which process it started");
        text.trim().parse().expect("a process has a number")
    }

    /// The code with which the program ended; none while it runs.
    pub fn exit_code(&self) -> Option<i32> {
        self.launched("exit")?.trim().parse().ok()
    }

    /// What the program said so far.
    pub fn said(&self) -> String {
        self.launched("log").unwrap_or_default()
    }

    fn launched(&self, ending: &str) -> Option<String> {
        fs::read_to_string(self.launch.with_extension(ending)).ok()
    }

    /// Waits for the program's end and returns its exit code.
    ///
    /// # Panics
    /// When it goes on.
    pub async fn ended(&self) -> i32 {
        until("the program ends", async || self.exit_code().ok_or_else(|| self.said())).await
    }

    /// Asks the program to end, as the system does at log-out, and waits for it.
    ///
    /// # Panics
    /// When it does not end in order.
    pub async fn log_out(&self) {
        signal("TERM", &self.process().to_string());
        assert_eq!(self.ended().await, 0, "{}", self.said());
    }

    // What is on the page.

    /// Runs a script in the page: a function body with `arguments`.
    ///
    /// # Panics
    /// When the page or the script fails.
    pub async fn script(&self, body: &str, arguments: Vec<Value>) -> Value {
        let done = within(&format!("the page has done {body}"), self.client.execute(body, arguments)).await;
        done.unwrap_or_else(|error| panic!("{body}: {error}"))
    }

    /// Waits for the part of the page that is marked `testid` and shown.
    ///
    /// # Panics
    /// When it does not appear.
    pub async fn find(&self, testid: &str) -> Element {
        self.find_css(&format!("[data-testid=\"{testid}\"]")).await
    }

    /// Waits for the part of the page that a selector names and that is shown.
    ///
    /// # Panics
    /// When it does not appear.
    pub async fn find_css(&self, selector: &str) -> Element {
        until(&format!("the window shows {selector}"), async || {
            let found = self.client.find(Locator::Css(selector)).await.map_err(|error| error.to_string())?;
            match found.is_displayed().await {
                Ok(true) => Ok(found),
                seen => Err(format!("displayed: {seen:?}")),
            }
        })
        .await
    }

    /// Whether the page has a part marked `testid` now.
    ///
    /// # Panics
    /// When the page does not answer.
    pub async fn has(&self, testid: &str) -> bool {
        let script = "return document.querySelector(`[data-testid=\"${arguments[0]}\"]`) !== null";
        self.script(script, vec![json!(testid)]).await == json!(true)
    }

    /// Waits until nothing in the page is marked `testid` any more.
    ///
    /// # Panics
    /// When it stays.
    pub async fn lacks(&self, testid: &str) {
        until(&format!("{testid} is gone"), async || {
            if self.has(testid).await { Err(self.text().await) } else { Ok(()) }
        })
        .await;
    }

    /// Clicks what is marked `testid`, as soon as it can be clicked.
    ///
    /// # Panics
    /// When it cannot.
    pub async fn click(&self, testid: &str) {
        self.click_css(&format!("[data-testid=\"{testid}\"]")).await;
    }

    /// Clicks what a selector names, as soon as it can be clicked.
    ///
    /// # Panics
    /// When it cannot.
    pub async fn click_css(&self, selector: &str) {
        until(&format!("{selector} can be clicked"), async || {
            let element =
                self.client.find(Locator::Css(selector)).await.map_err(|error| error.to_string())?;
            match element.click().await {
                Ok(()) => Ok(()),
                // The driver says hardly more than that it could not.
                Err(error) => Err(format!("{error:?}; {}", self.surroundings(selector).await)),
            }
        })
        .await;
    }

    /// Whether the page is drawn, where what a selector names is, and what lies there above all else.
    async fn surroundings(&self, selector: &str) -> String {
        let look = "const box = document.querySelector(arguments[0])?.getBoundingClientRect(); \
                    const top = box && document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2); \
                    return [document.visibilityState, innerWidth, innerHeight, box, top?.outerHTML.slice(0, 300)]";
        match self.client.execute(look, vec![json!(selector)]).await {
            Ok(seen) => seen.to_string(),
            Err(error) => format!("{error:?}"),
        }
    }

    /// Replaces what stands in the field marked `testid` by typing.
    ///
    /// # Panics
    /// When there is no such field.
    pub async fn type_into(&self, testid: &str, text: &str) {
        // Only when it is shown is it where it will stay.
        let field = self.find(testid).await;
        self.click(testid).await;
        let everything = format!("{}a{}", Key::Control, Key::Null);
        for keys in [&everything, &Key::Delete.to_string(), text] {
            let typed = within(&format!("{keys:?} are typed"), field.send_keys(keys)).await;
            typed.expect("a field takes keys");
        }
    }

    /// Pastes into the field marked `testid`, which typing would take long to fill.
    ///
    /// # Panics
    /// When there is no such field.
    pub async fn put_into(&self, testid: &str, text: &str) {
        self.click(testid).await;
        self.script("document.execCommand('insertText', false, arguments[0])", vec![json!(text)]).await;
    }

    /// Chooses what says `words` in the list of the field marked `testid`.
    ///
    /// # Panics
    /// When the list does not have it.
    pub async fn choose(&self, testid: &str, words: &str) {
        self.click(testid).await;
        until(&format!("{words:?} can be chosen in {testid}"), async || {
            let mut seen = Vec::new();
            let options = self.client.find_all(Locator::Css("[role=option]")).await;
            for option in options.map_err(|error| vec![error.to_string()])? {
                let text = option.text().await.unwrap_or_default();
                if text.trim() == words && option.click().await.is_ok() {
                    return Ok(());
                }
                seen.push(text);
            }
            Err(seen)
        })
        .await;
    }

    /// Chooses a file for the hidden field marked `testid`, as the system's dialog would.
    ///
    /// # Panics
    /// When there is no such field.
    pub async fn choose_file(&self, testid: &str, path: &str) {
        let selector = format!("input[data-testid=\"{testid}\"]");
        let field = self.client.find(Locator::Css(&selector)).await.expect("there is a field for files");
        field.send_keys(path).await.expect("it takes a file");
    }

    /// What stands in the field marked `testid`.
    ///
    /// # Panics
    /// When there is no such field.
    pub async fn value_of(&self, testid: &str) -> String {
        let field = self.find(testid).await;
        field.prop("value").await.expect("a field can be read").unwrap_or_default()
    }

    /// Presses keys wherever the focus is.
    ///
    /// # Panics
    /// When nothing takes them.
    pub async fn press(&self, keys: &str) {
        until("something with the focus takes keys", async || {
            let focused = self.client.active_element().await.map_err(|error| error.to_string())?;
            focused.send_keys(keys).await.map_err(|error| error.to_string())
        })
        .await;
    }

    /// The whole text of the page.
    ///
    /// # Panics
    /// When the page does not answer.
    pub async fn text(&self) -> String {
        let text = self.script("return document.body.innerText", vec![]).await;
        text.as_str().unwrap_or_default().to_owned()
    }

    /// The events that are shown.
    ///
    /// # Panics
    /// When the page does not answer.
    pub async fn blocks(&self) -> Vec<Block> {
        let script = "return [...document.querySelectorAll('[data-testid=\"event-block\"]')]
            .map((block) => [block.dataset.eventId ?? '', block.innerText])";
        let rows = self.script(script, vec![]).await;
        let rows: Vec<(String, String)> = serde_json::from_value(rows).expect("blocks have an id and a text");
        rows.into_iter().map(|(event_id, text)| Block { event_id, text }).collect()
    }

    /// Waits until an event that says `words` is shown, and returns it.
    ///
    /// # Panics
    /// When none appears.
    pub async fn sees(&self, words: &str) -> Block {
        until(&format!("the window shows an event that says {words:?}"), async || {
            let blocks = self.blocks().await;
            let found = blocks.iter().find(|block| block.text.contains(words)).cloned();
            found.ok_or(blocks)
        })
        .await
    }

    /// Waits until no event that says `words` is shown any more.
    ///
    /// # Panics
    /// When one stays.
    pub async fn sees_no_more(&self, words: &str) {
        until(&format!("the window shows no event that says {words:?}"), async || {
            let blocks = self.blocks().await;
            if blocks.iter().any(|block| block.text.contains(words)) { Err(blocks) } else { Ok(()) }
        })
        .await;
    }

    /// Shows the week, and waits until the grid has scrolled to the morning: what is aimed at before moves away.
    ///
    /// # Panics
    /// When it does not.
    pub async fn show_week(&self) {
        self.click("view-week").await;
        let script = "return [...document.querySelectorAll('main *')].some((part) => part.scrollTop > 0)";
        until("the week is scrolled to the morning", async || {
            if self.script(script, vec![]).await == json!(true) {
                Ok(())
            } else {
                Err("it begins at midnight")
            }
        })
        .await;
    }

    /// The word for how sync stands, from the indicator.
    ///
    /// # Panics
    /// When there is no indicator.
    pub async fn sync_state(&self) -> String {
        let indicator = self.find("sync-indicator").await;
        indicator.attr("data-state").await.ok().flatten().unwrap_or_default()
    }

    /// Waits until the indicator shows `state`.
    ///
    /// # Panics
    /// When it does not.
    pub async fn shows_state(&self, state: &str) {
        until(&format!("the indicator shows {state:?}"), async || {
            let seen = self.sync_state().await;
            if seen == state { Ok(()) } else { Err(seen) }
        })
        .await;
    }

    /// Waits until nothing is marked `testid` any more.
    ///
    /// # Panics
    /// When something stays.
    pub async fn is_gone(&self, testid: &str) {
        until(&format!("the window has no {testid} any more"), async || {
            if self.has(testid).await { Err(self.text().await) } else { Ok(()) }
        })
        .await;
    }

    // For people to look at.

    /// Takes a picture of the page, once nothing moves any more and no message is in the way.
    ///
    /// # Panics
    /// When the page or the file fails.
    pub async fn picture(&self, file: &Path) {
        let dismiss = "[...document.querySelectorAll('[data-testid=\"toast\"]')]
            .forEach((toast) => [...toast.parentElement.querySelectorAll('button')].at(-1)?.click())";
        self.script(dismiss, vec![]).await;
        // Something that turns for as long as work goes on is no movement to wait for.
        let moving = "return document.querySelectorAll('[data-testid=\"toast\"]').length + document.getAnimations()
            .filter((one) => one.playState === 'running' && one.effect.getComputedTiming().iterations !== Infinity).length";
        until("the window is at rest", async || {
            let moving = self.script(moving, vec![]).await;
            if moving == json!(0) { Ok(()) } else { Err(moving) }
        })
        .await;
        within("the page can move", self.client.execute(STIR, Vec::new()))
            .await
            .expect("a page does as it is told");
        let png = within("the page is drawn", self.client.screenshot()).await.expect("the page can be drawn");
        fs::write(file, png).expect("a picture can be written");
    }

    /// Makes the window as large as that.
    ///
    /// # Panics
    /// When the driver refuses.
    pub async fn resize(&self, width: u32, height: u32) {
        self.client.set_window_size(width, height).await.expect("the window can be resized");
    }

    /// Keeps a picture and the page's source, as far as they can still be had. Returns whether the driver answers.
    pub(super) async fn keep_evidence(&self, picture: &Path, page: &Path) -> bool {
        let patience = Duration::from_secs(5);
        let Ok(_) = tokio::time::timeout(patience, self.client.execute(STIR, Vec::new())).await else {
            eprintln!("no answer from the driver");
            return false;
        };
        match tokio::time::timeout(patience, self.client.screenshot()).await {
            Ok(Ok(png)) => drop(fs::write(picture, png)),
            failed => eprintln!("no picture of the window: {failed:?}"),
        }
        match tokio::time::timeout(patience, self.client.source()).await {
            Ok(Ok(source)) => drop(fs::write(page, source)),
            failed => eprintln!("no source of the page: {failed:?}"),
        }
        true
    }

    /// Whether the process that draws the page is there and has next to nothing to do.
    pub(super) async fn is_page_at_rest(&self) -> bool {
        let effort = || self.driver.page().and_then(Effort::of);
        let Some(before) = effort() else { return false };
        tokio::time::sleep(Duration::from_secs(1)).await;
        effort().is_some_and(|after| after.busy.saturating_sub(before.busy) < Duration::from_millis(100))
    }
}
