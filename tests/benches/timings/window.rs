//! How long a person looks at the real window before it shows what they asked for.
//!
//! The page measures itself: from the click to the frame that paints the last change which the click brings about. The
//! program is a release build (`SYNODIC_BIN`), its window is drawn without a graphics card. What else the machine does is
//! told beside the figures, for they mean little when it has much to do.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

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
/// Between one thing and the next a person takes at least so long.
const GLANCE: Duration = Duration::from_millis(400);

/// Does the first argument's click or typing, and notes when the page has come to rest: no change for 200 ms. What counts
/// is the frame that paints the last change. That is the next one; but for what changes within a frame, once its measures
/// are known, it is that frame itself. A message from within a frame arrives when it has been painted.
const MEASURE: &str = r"
const [kind, selector, text] = arguments;
const target = document.querySelector(selector);
window.__taken = null;
let last = 0, rest = 0, isInFrame = false, isDue = false, isUnseen = false, isOver = false;
const begun = performance.now();
// One for all frames, and closed in the end: WebKit asks another process about every open port whenever it tidies up.
const channel = new MessageChannel();
channel.port1.onmessage = () => {
  isInFrame = false;
  if (!isDue) return;
  last = performance.now() - begun;
  isDue = isUnseen = false;
};
const frame = () => {
  if (isOver) return;
  isInFrame = true;
  channel.port2.postMessage(0);
  requestAnimationFrame(frame);
};
requestAnimationFrame(frame);
const changed = () => {
  isUnseen = true;
  if (isInFrame) isDue = true;
  else requestAnimationFrame(() => { isDue = true; });
  clearTimeout(rest);
  rest = setTimeout(end, 200);
};
const observer = new MutationObserver(changed);
const end = () => {
  // On a busy machine the frame may be long in coming.
  if (isUnseen) { rest = setTimeout(end, 50); return; }
  isOver = true;
  observer.disconnect();
  channel.port1.close();
  channel.port2.close();
  window.__taken = last;
};
observer.observe(document.body, { subtree: true, childList: true, attributes: true, characterData: true });
rest = setTimeout(end, 1000);
if (kind === 'click') target.click();
else {
  const set = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value').set;
  set.call(target, text);
  target.dispatchEvent(new Event('input', { bubbles: true }));
}
";

/// Notes the time between one frame and the next from now on.
const FRAMES: &str = r"
window.__frames = [];
let before = performance.now();
const frame = (now) => { window.__frames.push(now - before); before = now; window.__next = requestAnimationFrame(frame); };
window.__next = requestAnimationFrame(frame);
";

/// Ends that and returns the times.
const FRAMES_END: &str = "cancelAnimationFrame(window.__next); return window.__frames";

pub(crate) async fn run() {
    if std::env::var_os("DISPLAY").is_none() {
        println!("there is no display; scripts/with-desktop brings one");
        return;
    }
    println!("the load of the machine beforehand: {}", load());
    let stage = Stage::new("bench-window");
    let home = Home::new(stage.folder());
    let data = home.data_dir();
    std::fs::create_dir_all(&data).unwrap();
    replica::fill(&data.join("synodic.db"), EVENTS, SERIES).await;

    start(&stage, &home).await;
    let window = Window::open(&stage, &home, &[]).await;
    window.resize(1280, 800).await;
    window.click("view-month").await;
    shows_events(&window).await;

    switching(&window).await;
    for view in ["month", "week", "day", "agenda"] {
        window.click(&format!("view-{view}")).await;
        tokio::time::sleep(GLANCE).await;
        let mut turning = Vec::new();
        for _ in 0..ROUNDS * 2 {
            turning.push(measured(&window, json!(["click", "[aria-label=Earlier]"])).await);
        }
        report::times(&format!("the {view} before, each for the first time"), turning, "100 ms");
    }
    searching(&window).await;
    window.click("today").await;
    for view in ["week", "month"] {
        window.click(&format!("view-{view}")).await;
        tokio::time::sleep(GLANCE).await;
        drag(&window, view).await;
    }
    window.log_out().await;
    println!("the load of the machine afterwards: {}", load());
}

/// Starts the program some times over.
async fn start(stage: &Stage, home: &Home) {
    let mut taken = Vec::new();
    for _ in 0..4 {
        let window = Window::start(stage, home, &[]).await;
        // The time at which the page tells of its events, and not the one at which the driver hears of it.
        let at = until("events are shown", async || {
            let look = "return document.querySelector('[data-testid=event-block]') && Date.now()";
            window.script(look, Vec::new()).await.as_f64().ok_or("none yet")
        })
        .await;
        taken.push(Duration::from_secs_f64((at - began(window.process())).max(0.0) / 1000.0));
        window.log_out().await;
    }
    report::times("from the program's start to events on the screen", taken, "1500 ms");
}

/// When a process began, in milliseconds since 1970, to a hundredth of a second.
fn began(process: u32) -> f64 {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap();
    // `proc(5)`: the fields after the name, which may hold anything; the 22nd of all is the start in ticks since boot.
    let ticks: f64 = stat.rsplit_once(')').unwrap().1.split_whitespace().nth(19).unwrap().parse().unwrap();
    let uptime = std::fs::read_to_string("/proc/uptime").unwrap();
    let uptime: f64 = uptime.split_whitespace().next().unwrap().parse().unwrap();
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs_f64();
    (now - uptime + ticks / 100.0) * 1000.0
}

/// Comes to each view from each other.
async fn switching(window: &Window) {
    let mut views: Vec<(&str, Vec<Duration>)> =
        ["month", "week", "day", "agenda"].map(|view| (view, Vec::new())).into();
    for round in 0..ROUNDS {
        for step in 1..=views.len() {
            // Each round goes through them in another order; none is come to from itself.
            let place = (step * if round % 2 == 0 { 1 } else { 3 }) % views.len();
            let (view, taken) = &mut views[place];
            tokio::time::sleep(GLANCE).await;
            taken.push(measured(window, json!(["click", format!("[data-testid=view-{view}]")])).await);
        }
    }
    for (view, taken) in &views {
        report::times(&format!("another view: the {view}"), taken.clone(), "100 ms");
    }
    let all = views.into_iter().flat_map(|(_, taken)| taken).collect();
    report::times("another view, all of them", all, "100 ms");
}

async fn searching(window: &Window) {
    window.press("/").await;
    window.find("search-field").await;
    let mut taken = Vec::new();
    for number in 0..ROUNDS * 4 {
        let text = format!("event {}", number * 97);
        for length in [5, text.len()] {
            let typed = json!(["type", "[data-testid=search-field]", &text[..length]]);
            taken.push(measured(window, typed).await);
        }
    }
    report::times("results of what was typed", taken, "50 ms");
    window.press("\u{e00c}").await;
    window.lacks("search-field").await;
}

async fn measured(window: &Window, arguments: Value) -> Duration {
    window.script(MEASURE, arguments.as_array().unwrap().clone()).await;
    until("the page comes to rest", async || {
        let taken = window.script("return window.__taken", Vec::new()).await;
        taken.as_f64().map(|taken| Duration::from_secs_f64(taken / 1000.0)).ok_or("not yet")
    })
    .await
}

async fn shows_events(window: &Window) {
    until("events are shown", async || {
        let blocks = window.blocks().await;
        if blocks.is_empty() { Err("none yet") } else { Ok(()) }
    })
    .await;
}

/// Moves an event about and tells how the frames came, beside those of a window that is left alone.
async fn drag(window: &Window, view: &str) {
    window.script(FRAMES, Vec::new()).await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    let alone = frames(window).await;
    report::times(&format!("a frame while nothing happens, {view}"), alone, "17 ms");

    let in_sight = "const seen = [...document.querySelectorAll('main [data-event-id]')].map((one) => one.getBoundingClientRect())
        .find(({ left, top, right, bottom, width }) => left > 400 && right < 1150 && top > 150 && bottom < 600 && width > 15);
        return [seen.left + seen.width / 2, seen.top + Math.min(6, seen.height / 2)]";
    let place = window.script(in_sight, Vec::new()).await;
    let from: (f64, f64) = serde_json::from_value(place).unwrap();
    // There and back, as fast as a hand does it.
    let way: Vec<(f64, f64)> = (1..=80)
        .map(|step: i32| {
            let far = f64::from(40 - (step - 40).abs());
            (far * 4.0, far * 3.0)
        })
        .collect();
    window.script(FRAMES, Vec::new()).await;
    let begun = Instant::now();
    window.drag_along(from, &way, Duration::from_millis(25)).await;
    let taken = begun.elapsed();
    let frames = frames(window).await;
    let late = frames.iter().filter(|&&taken| taken > Duration::from_millis(25)).count();
    println!(
        "{} frames in a drag of {:.1} s, {late} of them late by half a frame or more",
        frames.len(),
        taken.as_secs_f64()
    );
    report::times(&format!("a frame while an event is dragged, {view}"), frames, "17 ms");
}

async fn frames(window: &Window) -> Vec<Duration> {
    let frames = window.script(FRAMES_END, Vec::new()).await;
    let frames = frames.as_array().unwrap().iter().filter_map(Value::as_f64);
    frames.map(|taken| Duration::from_secs_f64(taken.max(0.0) / 1000.0)).collect()
}

/// How much else the machine has to do, as the kernel counts it.
fn load() -> String {
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    load.split_whitespace().take(2).collect::<Vec<_>>().join(" ")
}
