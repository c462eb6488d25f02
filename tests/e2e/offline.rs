//! The indicator tells how sync stands, and an edit made without a network goes out when it is back.

use synodic_simulators::fault::{Effect, Fault};
use synodic_tests::desktop::google::{CALENDAR, event};
use synodic_tests::desktop::story::{Stage, tell};
use synodic_tests::desktop::wait::until;

use crate::desk::{Desk, today};

#[test]
fn the_indicator_goes_from_syncing_to_synced() {
    tell("indicator", async |stage: Stage| {
        let desk = Desk::signed_in(&stage).await;
        desk.google.add(&event("Already there", today(), 9)).await;
        let window = desk.window().await;
        window.sees("Already there").await;
        window.shows_state("synced").await;

        desk.google.inject(Fault::new(Effect::Latency { millis: 2000 }).on("GET", "/events"));
        window.click("sync-now").await;
        window.shows_state("syncing").await;
        window.shows_state("synced").await;

        desk.google.control().clear_faults();
        let before = desk.google.control().requests().len();
        window.click("sync-now").await;
        until("“Sync now” asks the account", async || {
            let requests = desk.google.requests_since(before);
            let pulled =
                requests.iter().any(|request| request.method == "GET" && request.path.contains("/events"));
            if pulled { Ok(()) } else { Err(requests) }
        })
        .await;
        window.shows_state("synced").await;
    });
}

#[test]
fn an_edit_made_offline_waits_and_goes_out_once() {
    tell("offline", async |stage: Stage| {
        let mut desk = Desk::signed_in(&stage).await;
        let known = desk.google.add(&event("Known before", today(), 9)).await;
        let window = desk.window().await;
        window.sees("Known before").await;
        window.shows_state("synced").await;

        desk.google.go_away().await;
        window.make_event("Made on the train").await;
        window.sees("Made on the train").await;
        window.shows_state("offline").await;
        window.is_marked("Made on the train", "pending").await;
        window.rename_event("Known before", "Renamed on the train").await;
        window.is_marked("Renamed on the train", "pending").await;
        let state = desk.home.json(["status"]).await;
        assert_eq!((&state["pending"], &state["failed"]), (&2.into(), &0.into()), "{state:#}");

        desk.google.come_back().await;
        // What the system would tell about the network, a person may say as well.
        window.click("sync-now").await;
        desk.google.has("Made on the train").await;
        desk.google.has("Renamed on the train").await;
        window.shows_state("synced").await;
        window.is_marked("Made on the train", "synced").await;

        let there = desk.google.control().all_events(CALENDAR);
        assert_eq!(there.len(), 2, "nothing doubled, nothing deleted: {there:#?}");
        assert_eq!(desk.google.event(&known).await["summary"], "Renamed on the train");
        let blocks = window.blocks().await;
        assert_eq!(blocks.len(), 2, "nothing doubled in the window: {blocks:#?}");
    });
}

#[test]
fn an_edit_made_offline_survives_a_restart() {
    tell("offline-restart", async |stage: Stage| {
        let mut desk = Desk::signed_in(&stage).await;
        let window = desk.window().await;
        window.shows_state("synced").await;
        desk.google.go_away().await;
        window.make_event("Made before the restart").await;
        window.sees("Made before the restart").await;
        window.log_out().await;

        let window = desk.window().await;
        window.sees("Made before the restart").await;
        window.shows_state("offline").await;
        desk.google.come_back().await;
        window.click("sync-now").await;
        desk.google.has("Made before the restart").await;
        window.shows_state("synced").await;
    });
}
