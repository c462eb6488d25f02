//! How long a person looks at the real window before it shows what they asked for.
//!
//! The page measures itself: from the click to the frame that paints the last change which the click brings about. The
//! program is a release build (`SYNODIC_BIN`), its window is drawn without a graphics card.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use synodic_tests::desktop::home::Home;
use synodic_tests::desktop::story::Stage;
use synodic_tests::desktop::wait::until;
use synodic_tests::desktop::window::Window;

use crate::{replica, report};

const EVENTS: usize = 20_000;
const SERIES: usize = 500;
/// How often each view is come to.
const ROUNDS: usize = 8;

/// Does the first argument's click or typing, and notes when the page has come to rest: no change for 200 ms. What counts
/// is the frame after the last change.
const MEASURE: &str = r"
const [kind, selector, text] = arguments;
const target = document.querySelector(selector);
window.__taken = null;
let last = 0, rest = 0;
const begun = performance.now();
const painted = () => requestAnimationFrame(() => {
  const channel = new MessageChannel();
  channel.port1.onmessage = () => { last = performance.now() - begun; };
  channel.port2.postMessage(0);
});
const observer = new MutationObserver(() => { painted(); clearTimeout(rest); rest = setTimeout(end, 200); });
const end = () => { observer.disconnect(); window.__taken = last; };
observer.observe(document.body, { subtree: true, childList: true, attributes: true, characterData: true });
rest = setTimeout(end, 1000);
if (kind === 'click') target.click();
else {
  const set = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value').set;
  set.call(target, text);
  target.dispatchEvent(new Event('input', { bubbles: true }));
}
";

/// Counts the frames from now on.
const FRAMES: &str = r"
window.__frames = [];
let before = performance.now();
const frame = (now) => { window.__frames.push(now - before); before = now; if (window.__frames !== null) window.__next = requestAnimationFrame(frame); };
window.__next = requestAnimationFrame(frame);
";

pub(crate) async fn run() {
    if std::env::var_os("DISPLAY").is_none() {
        println!("there is no display; scripts/with-desktop brings one");
        return;
    }
    let stage = Stage::new("bench-window");
    let home = Home::new(stage.folder());
    std::fs::create_dir_all(home.data_dir()).unwrap();
    replica::fill(&home.replica(), EVENTS, SERIES).await;

    let begun = Instant::now();
    let window = Window::open(&stage, &home, &[]).await;
    until("events are shown", async || {
        let blocks = window.blocks().await;
        if blocks.is_empty() { Err("none yet") } else { Ok(()) }
    })
    .await;
    report::times(
        "start to events on the screen, the driver's time included",
        vec![begun.elapsed()],
        "1.5 s",
    );
    window.resize(1280, 800).await;

    let mut switching = Vec::new();
    for _ in 0..ROUNDS {
        for view in ["month", "week", "day", "agenda", "month"] {
            switching.push(measured(&window, json!(["click", format!("[data-testid=view-{view}]")])).await);
        }
    }
    report::times("another view", switching, "100 ms");
    let mut turning = Vec::new();
    for _ in 0..ROUNDS * 4 {
        turning.push(measured(&window, json!(["click", "[aria-label=Earlier]"])).await);
    }
    report::times("another month, each for the first time", turning, "100 ms");

    window.press("/").await;
    window.find("search-field").await;
    let mut searching = Vec::new();
    for number in 0..ROUNDS * 4 {
        let text = format!("event {}", number * 97);
        for length in [5, text.len()] {
            let typed = json!(["type", "[data-testid=search-field]", &text[..length]]);
            searching.push(measured(&window, typed).await);
        }
    }
    report::times("results of what was typed", searching, "50 ms");
    window.press("\u{e00c}").await;

    window.click("view-week").await;
    drag(&window).await;
    window.log_out().await;
}

async fn measured(window: &Window, arguments: Value) -> Duration {
    window.script(MEASURE, arguments.as_array().unwrap().clone()).await;
    until("the page comes to rest", async || {
        let taken = window.script("return window.__taken", Vec::new()).await;
        taken.as_f64().map(|taken| Duration::from_secs_f64(taken / 1000.0)).ok_or("not yet")
    })
    .await
}

/// Moves an event about and tells how the frames came.
async fn drag(window: &Window) {
    let block = window.find_css("[data-event-id]").await;
    window.script(FRAMES, Vec::new()).await;
    for _ in 0..5 {
        window.drag(&block, (140.0, 90.0)).await;
    }
    let frames =
        window.script("cancelAnimationFrame(window.__next); return window.__frames", Vec::new()).await;
    let frames: Vec<f64> = frames.as_array().unwrap().iter().filter_map(Value::as_f64).collect();
    let late = frames.iter().filter(|&&taken| taken > 25.0).count();
    let taken = frames.iter().map(|taken| Duration::from_secs_f64(taken.max(0.0) / 1000.0)).collect();
    report::times("a frame while an event is dragged", taken, "17 ms");
    println!("of {} frames {late} came late by half a frame or more", frames.len());
}
