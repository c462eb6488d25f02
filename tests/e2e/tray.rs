//! The tray icon and its menu, as a desktop's tray sees them.

use synodic_tests::desktop::google::event;
use synodic_tests::desktop::screen::Screen;
use synodic_tests::desktop::story::{Stage, tell};
use synodic_tests::desktop::tray::TrayHost;
use synodic_tests::desktop::wait::{until, until_right};

use crate::desk::{CALENDAR, Desk, today};

#[test]
fn the_tray_tells_the_state_and_does_what_its_menu_says() {
    tell("tray", async |stage: Stage| {
        let mut desk = Desk::signed_in(&stage).await;
        let tray = TrayHost::start(&desk.bus).await;
        let mut program = desk.home.start("program", [""; 0]);
        let item = tray.item().await;
        assert_eq!(item.text("Status").await, "Active");
        item.state_line("Synced", |line| line.starts_with("Synced")).await;
        let synced = item.picture().await;
        // It may be asked once more just after it has been read.
        let labels = until_right(
            "the account is in step too",
            async || item.menu().await.into_iter().skip(1).map(|line| line.label).collect::<Vec<_>>(),
            |labels| labels.iter().any(|label| label.starts_with("Google: Synced")),
        )
        .await;
        let [next, sync, account, rest @ ..] = labels.as_slice() else { panic!("{labels:?}") };
        assert!(!next.is_empty() && sync == "Sync now" && account.starts_with("Google"), "{labels:?}");
        assert_eq!(rest, ["Pause", "New event", "Open Synodic", "Settings", "Quit"]);

        // “Sync now” pulls.
        let before = desk.google.control().requests().len();
        item.click("Sync now").await;
        until("“Sync now” asks the account", async || {
            let requests = desk.google.requests_since(before);
            let pulled =
                requests.iter().any(|request| request.method == "GET" && request.path.contains("/events"));
            if pulled { Ok(()) } else { Err(requests) }
        })
        .await;
        item.state_line("Synced", |line| line.starts_with("Synced")).await;

        // So does the account's own.
        let before = desk.google.control().requests().len();
        item.click_within("Google", "Sync now").await;
        until("the account's “Sync now” asks it", async || {
            let requests = desk.google.requests_since(before);
            if requests.iter().any(|request| request.path.contains("/events")) {
                Ok(())
            } else {
                Err(requests)
            }
        })
        .await;

        // “Pause” stops sync, “Resume” lets it go on.
        item.click_within("Pause", "Until I resume").await;
        item.state_line("Paused", |line| line == "Paused").await;
        let paused = other_picture(&item, &[&synced]).await;
        assert_eq!(item.tool_tip().await, "Paused");
        let edit =
            ["event", "add", "--calendar", CALENDAR, "--title", "Waits", "--start", "2027-03-15", "--json"];
        desk.home.run(edit).await.done();
        assert_eq!(desk.google.called("Waits").await.len(), 0, "nothing is sent during a pause");
        item.click("Resume").await;
        desk.google.has("Waits").await;
        item.state_line("Synced", |line| line.starts_with("Synced")).await;

        // Without the network.
        desk.google.go_away().await;
        item.click("Sync now").await;
        item.state_line("Offline", |line| line.starts_with("Offline")).await;
        other_picture(&item, &[&synced, &paused]).await;
        desk.google.come_back().await;
        desk.google.add(&event("Meanwhile", today(), 9)).await;
        item.click("Sync now").await;
        item.state_line("Synced", |line| line.starts_with("Synced")).await;
        until_right(
            "the picture is the first one again",
            async || item.picture().await == synced,
            |same| *same,
        )
        .await;

        item.click("Quit").await;
        assert!(program.ended().await.success(), "quitting is no failure: {}", program.said());
        let sound = desk.home.replica_check().await;
        assert_eq!(sound.trim(), "ok");
    });
}

#[test]
fn open_brings_the_window_back() {
    tell("tray-open", async |stage: Stage| {
        let desk = Desk::signed_in(&stage).await;
        let tray = TrayHost::start(&desk.bus).await;
        let program = desk.home.start("program", ["--hidden"]);
        let item = tray.item().await;
        let screen = Screen::open();
        screen.shows(program.id(), false).await;
        item.click("Open Synodic").await;
        screen.shows(program.id(), true).await;
    });
}

#[test]
fn a_tray_that_comes_later_gets_the_icon_too() {
    tell("tray-later", async |stage: Stage| {
        let desk = Desk::signed_in(&stage).await;
        let program = desk.home.start("program", [""; 0]);
        Screen::open().shows(program.id(), true).await;
        let tray = TrayHost::start(&desk.bus).await;
        tray.item().await.state_line("Synced", |line| line.starts_with("Synced")).await;
    });
}

#[test]
fn a_tray_that_vanishes_and_comes_back_has_the_icon_again() {
    tell("tray-vanishes", async |stage: Stage| {
        let desk = Desk::signed_in(&stage).await;
        let tray = TrayHost::start(&desk.bus).await;
        let mut program = desk.home.start("program", ["--hidden"]);
        tray.item().await.state_line("Synced", |line| line.starts_with("Synced")).await;
        tray.vanish().await;
        // Sync goes on without it.
        desk.google.add(&event("Meanwhile", today(), 9)).await;
        desk.home.json(["sync"]).await;
        assert!(program.runs(), "{}", program.said());

        let tray = TrayHost::start(&desk.bus).await;
        let item = tray.item().await;
        item.state_line("Synced", |line| line.starts_with("Synced")).await;
        item.click("Quit").await;
        assert!(program.ended().await.success(), "{}", program.said());
    });
}

/// Waits until the picture is none of those.
async fn other_picture(item: &synodic_tests::desktop::tray::TrayItem, than: &[&[u8]]) -> Vec<u8> {
    let is_other = |picture: &Vec<u8>| !picture.is_empty() && !than.contains(&picture.as_slice());
    until("the tray shows another picture", async || {
        let picture = item.picture().await;
        if is_other(&picture) { Ok(picture) } else { Err("still the same") }
    })
    .await
}
