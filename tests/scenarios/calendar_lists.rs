//! The calendars at an account change: new ones, other names, other rights, and some are gone.

use serde_json::json;
use synodic_engine::snapshot::SyncState;
use synodic_engine::view::{CalendarChange, CalendarView, Change, Parting, RemoteCalendarView};
use synodic_model::listing::AccessRole as Access;
use synodic_model::sync::{QueueStatus, SyncDirection};
use synodic_model::{IntegrationId, RemoteCalendarId};
use synodic_simulators::google::{AccessRole, NewCalendar};
use synodic_tests::world::{ADA, Setting, World, meeting, titles};

use crate::three_way::{Three, titled};
use crate::three_way_caldav::four;

const TEAM: &str = "team@example.com";

/// Ada with a calendar that somebody shares with her, linked both ways.
async fn with_team(world: &World) -> (IntegrationId, CalendarView) {
    let account = world.connect().await;
    let team = NewCalendar {
        id: Some(TEAM.into()),
        summary: "Team".into(),
        color_id: Some("1".into()),
        access_role: AccessRole::Writer,
        ..NewCalendar::default()
    };
    world.google.add_calendar(ADA, team);
    let calendar = world.link(None, account, TEAM, SyncDirection::Bidirectional).await;
    world.pass().await;
    (account, calendar)
}

async fn look(world: &World, account: IntegrationId) -> Vec<RemoteCalendarView> {
    world.engine.remote_calendars(Some(account)).await.unwrap()
}

async fn calendar(world: &World) -> CalendarView {
    world.engine.calendars().await.unwrap().remove(0)
}

#[tokio::test]
async fn a_new_calendar_is_offered_once() {
    let world = World::new().await;
    let (account, _) = with_team(&world).await;
    assert!(look(&world, account).await.iter().all(|remote| !remote.is_new));

    let mut changes = world.engine.changes();
    let book_club = NewCalendar { summary: "Book club".into(), ..NewCalendar::default() };
    let id = world.google.add_calendar(ADA, book_club);
    look(&world, account).await;
    assert_eq!(changes.recv().await.unwrap(), Change::RemoteCalendars);
    world.google.clear_requests();
    let known = world.engine.known_remote_calendars().await.unwrap();
    let new: Vec<_> = known.iter().filter(|remote| remote.is_new).map(|remote| remote.id.as_str()).collect();
    assert_eq!(new, [id.as_str()]);
    assert!(world.google.requests().is_empty(), "nobody is asked");

    world.engine.dismiss_new_calendars(account).await.unwrap();
    assert!(look(&world, account).await.iter().all(|remote| !remote.is_new));
}

#[tokio::test]
async fn the_list_says_what_may_be_done() {
    let world = World::new().await;
    let account = world.connect().await;
    for (role, name) in [(AccessRole::Reader, "Holidays"), (AccessRole::FreeBusyReader, "The boss")] {
        let calendar = NewCalendar { summary: name.into(), access_role: role, ..NewCalendar::default() };
        world.google.add_calendar(ADA, calendar);
    }
    let mut seen: Vec<_> = look(&world, account)
        .await
        .into_iter()
        .map(|remote| (remote.name, remote.access, remote.primary))
        .collect();
    seen.sort_by(|one, other| one.0.cmp(&other.0));
    assert_eq!(
        seen,
        [
            ("Holidays".to_owned(), Access::Reader, false),
            ("The boss".to_owned(), Access::FreeBusy, false),
            (ADA.to_owned(), Access::Owner, true),
        ]
    );
}

#[tokio::test]
async fn what_the_person_calls_a_calendar_stays() {
    let world = World::new().await;
    let (account, linked) = with_team(&world).await;
    let change = CalendarChange { name: Some("My team".into()), ..CalendarChange::default() };
    world.engine.change_calendar(linked.id, change).await.unwrap();
    world.google.add_calendar(
        ADA,
        NewCalendar {
            id: Some(TEAM.into()),
            summary: "The squad".into(),
            color_id: Some("7".into()),
            access_role: AccessRole::Writer,
            ..NewCalendar::default()
        },
    );
    look(&world, account).await;
    let now = calendar(&world).await;
    assert_eq!((now.name.as_str(), now.links[0].remote_name.as_str()), ("My team", "The squad"));
    assert_ne!(now.color, linked.color, "the colour was never the person's own");
}

#[tokio::test]
async fn losing_the_right_to_write_parks_the_edits_until_it_is_back() {
    let world = World::new().await;
    let (account, linked) = with_team(&world).await;
    world.create(linked.id, meeting("Written in time", 3)).await;
    world.pass().await;
    world.create(linked.id, meeting("Too late", 4)).await;
    world.google.set_access(TEAM, ADA, Some(AccessRole::Reader));
    look(&world, account).await;

    let now = calendar(&world).await;
    assert_eq!((now.writable, now.links[0].direction), (false, SyncDirection::PullOnly));
    let parked = world.engine.queue_list().await.unwrap();
    assert_eq!(
        (parked.len(), parked[0].status, parked[0].title.as_str()),
        (1, QueueStatus::Failed, "Too late")
    );
    assert!(parked[0].last_error.as_ref().unwrap().contains("may only be read"), "{parked:?}");
    world.pass().await;
    assert_eq!(titles(&world.google.events(TEAM)), ["Written in time"]);

    world.google.set_access(TEAM, ADA, Some(AccessRole::Writer));
    look(&world, account).await;
    assert!(calendar(&world).await.writable);
    world.pass().await;
    assert_eq!(titles(&world.google.events(TEAM)), ["Too late", "Written in time"]);
    assert!(world.engine.queue_list().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_refused_edit_is_reason_to_look_whether_the_calendar_may_still_be_written() {
    let world = World::new().await;
    let (_, linked) = with_team(&world).await;
    world.google.set_access(TEAM, ADA, Some(AccessRole::Reader));
    world.create(linked.id, meeting("Too late", 4)).await;
    world.pass().await;
    let now = calendar(&world).await;
    assert_eq!((now.writable, now.links[0].direction), (false, SyncDirection::PullOnly));
    let parked = world.engine.queue_list().await.unwrap();
    assert_eq!((parked.len(), parked[0].status), (1, QueueStatus::Failed));

    world.google.set_access(TEAM, ADA, Some(AccessRole::Writer));
    look(&world, linked.links[0].integration_id).await;
    world.pass().await;
    assert_eq!(titles(&world.google.events(TEAM)), ["Too late"]);
}

#[tokio::test]
async fn a_calendar_that_is_taken_away_rests_and_loses_nothing() {
    let world = World::new().await;
    let (_, linked) = with_team(&world).await;
    world.create(linked.id, meeting("Kept", 3)).await;
    world.pass().await;
    world.google.set_access(TEAM, ADA, None);
    world.create(linked.id, meeting("Waits", 4)).await;
    // The refusal is reason enough to look at the list.
    world.pass().await;
    let snapshot = world.engine.snapshot();
    assert_eq!(snapshot.state, SyncState::Failed);
    let message = snapshot.integrations[0].message.clone().unwrap();
    assert!(message.contains("Team") && message.contains("stay here"), "{message}");

    world.google.clear_requests();
    world.pass().await;
    assert_eq!(world.titles().await, ["Kept", "Waits"]);
    assert!(
        !world.google.requests().iter().any(|request| request.path.contains("/events")),
        "what rests is left alone"
    );

    world.google.set_access(TEAM, ADA, Some(AccessRole::Writer));
    look(&world, linked.links[0].integration_id).await;
    world.pass().await;
    world.pass().await;
    assert_eq!(titles(&world.google.events(TEAM)), ["Kept", "Waits"]);
    assert_eq!(world.engine.snapshot().state, SyncState::Synced);
}

#[tokio::test]
async fn calendars_are_chosen_several_at_once_and_chosen_again_without_a_trace() {
    let world = World::new().await;
    let account = world.connect().await;
    let mut chosen = vec![RemoteCalendarId::new(ADA)];
    for name in ["One", "Two"] {
        let calendar = NewCalendar { summary: name.into(), ..NewCalendar::default() };
        chosen.push(RemoteCalendarId::new(world.google.add_calendar(ADA, calendar)));
    }
    let choose = async |chosen: Vec<RemoteCalendarId>, parting| {
        let outcomes = world.engine.choose_calendars(account, chosen, parting).await.unwrap();
        assert!(outcomes.iter().all(|outcome| outcome.failure.is_none()), "{outcomes:?}");
        outcomes.len()
    };
    assert_eq!(choose(chosen.clone(), Parting::KeepBoth).await, 3);
    world.phone_adds("From the phone", 3);
    world.pass().await;
    let home =
        world.engine.calendars().await.unwrap().into_iter().find(|calendar| calendar.name == ADA).unwrap();
    world.create(home.id, meeting("From here", 4)).await;
    world.pass().await;
    let before = world.remote_titles();

    for parting in [Parting::KeepBoth, Parting::RemoveHere] {
        world.google.clear_requests();
        assert_eq!(choose(chosen[1..].to_vec(), parting).await, 1);
        world.pass().await;
        assert_eq!(world.remote_titles(), before, "nothing changes there");
        assert_eq!(choose(chosen.clone(), Parting::KeepBoth).await, 1);
        world.pass().await;
        world.pass().await;
        assert_eq!(world.remote_titles(), before);
        assert_eq!(world.titles().await, ["From here", "From the phone"]);
        assert_eq!(world.engine.calendars().await.unwrap().len(), 3);
        assert_eq!(world.requests("POST"), 0, "{parting:?} makes nothing anew");
    }
}

#[tokio::test]
async fn a_name_given_at_google_arrives_by_itself() {
    let world = World::with(Setting { autonomous: true, ..Setting::default() }).await;
    world.linked().await;
    world.google.add_calendar(
        ADA,
        NewCalendar { summary: "Ada’s days".into(), primary: true, ..NewCalendar::default() },
    );
    world.engine.sync_now();
    world.until("the name", async |world| calendar(world).await.name == "Ada’s days").await;
}

#[tokio::test]
async fn what_synodic_wrote_can_be_taken_away_again() {
    let world = World::new().await;
    let linked = world.linked().await;
    world.phone_adds("Theirs", 3);
    world.create(linked.id, meeting("Ours", 4)).await;
    world.pass().await;
    // A copy made at Google carries our mark, but it is not ours.
    let mut copy = world.remote("Ours");
    for own in ["id", "iCalUID", "etag", "htmlLink", "created", "updated", "sequence"] {
        copy.as_object_mut().unwrap().remove(own);
    }
    copy["summary"] = json!("Copied at Google");
    world.google.put_event(ADA, copy);

    let (account, remote) = (linked.links[0].integration_id, RemoteCalendarId::new(ADA));
    let refused = world.engine.clean_up(account, remote.clone(), false).await.unwrap_err();
    assert!(refused.to_string().contains("Unlink it first"), "{refused}");

    let report = world.engine.unlink_calendar(linked.links[0].id, Parting::RemoveWritten).await.unwrap();
    assert_eq!((report.titles, report.removed, report.kept), (vec!["Ours".to_owned()], 1, 0));
    assert_eq!(world.remote_titles(), ["Copied at Google", "Theirs"]);
    assert_eq!(world.titles().await, ["Ours", "Theirs"], "everything stays here");
    assert!(world.google.outbox().is_empty());
}

#[tokio::test]
async fn a_lost_replica_still_knows_what_it_wrote() {
    let world = World::new().await;
    let linked = world.linked().await;
    world.phone_adds("Theirs", 3);
    world.create(linked.id, meeting("Ours", 4)).await;
    world.pass().await;
    world.engine.remove_account(linked.links[0].integration_id, false).await.unwrap();
    let account = world.connect().await;
    let remote = RemoteCalendarId::new(ADA);
    let rehearsal = world.engine.clean_up(account, remote.clone(), true).await.unwrap();
    assert_eq!((rehearsal.titles.as_slice(), rehearsal.removed), (&["Ours".to_owned()][..], 0));
    assert_eq!(world.remote_titles(), ["Ours", "Theirs"]);
    assert_eq!(world.engine.clean_up(account, remote, false).await.unwrap().removed, 1);
    assert_eq!(world.remote_titles(), ["Theirs"]);
}

#[tokio::test]
async fn a_calendar_is_read_anew_and_keeps_what_waits() {
    let world = World::new().await;
    let linked = world.linked().await;
    world.phone_adds("Damaged", 3);
    world.create(linked.id, meeting("Edited", 4)).await;
    world.pass().await;
    // The replica has gone wrong: it says otherwise than the service without anybody having edited it.
    let damaged = world.find("Damaged").await;
    let store = world.replica().await;
    let mut row = store.event(damaged.id).await.unwrap().unwrap();
    row.content.title = "Dmgd".into();
    let mut transaction = store.begin(synodic_store::Durability::Edit).await.unwrap();
    transaction.put_event(&row).await.unwrap();
    transaction.commit().await.unwrap();
    store.close().await;
    world.pass().await;
    assert_eq!(world.titles().await, ["Dmgd", "Edited"], "nothing tells of it");

    let edited = world.find("Edited").await;
    world.change(edited.id, |content| content.title = "Edited again".into()).await;
    world.engine.read_anew(None).await.unwrap();
    world.pass().await;
    world.pass().await;
    assert_eq!(world.titles().await, ["Damaged", "Edited again"]);
    assert_eq!(world.remote_titles(), ["Damaged", "Edited again"]);
}

/// A copy of a page carries the mark of the first: which of the two Synodic wrote nobody can say, so both stay.
#[tokio::test]
async fn what_synodic_wrote_in_notion_can_be_taken_away_but_for_what_somebody_copied() {
    let three = Three::new().await;
    three.create(meeting("Ours", 3)).await;
    three.create(meeting("Ours and copied", 4)).await;
    let mut properties = titled("Theirs");
    properties["Datum"] = json!({ "date": { "start": "2026-11-05" } });
    three.notion.add_page(three.source, json!({ "properties": properties }));
    three.settle().await;
    three.notion.try_duplicate_page(three.page_id("Ours and copied")).unwrap();
    let calendars = three.engine.calendars().await.unwrap();
    let link = calendars[0].links.iter().find(|link| link.integration_id == three.workspace).unwrap().id;
    let report = three.engine.unlink_calendar(link, Parting::RemoveWritten).await.unwrap();
    assert_eq!((report.removed, report.kept), (1, 2), "{report:?}");
    let left = three.notion_titles();
    assert!(left.contains(&"Theirs".to_owned()) && !left.contains(&"Ours".to_owned()), "{left:?}");
    assert_eq!(left.len(), 3, "{left:?}");
    assert_eq!(three.titles().await, ["Ours", "Ours and copied", "Theirs"], "everything stays here");
}

/// Events at a calendar server carry no mark: that is said, instead of taking nothing away without a word.
#[tokio::test]
async fn where_events_carry_no_mark_it_is_said_that_nothing_can_be_taken_away() {
    let (three, server) = four().await;
    three.create(meeting("Ours", 3)).await;
    three.settle().await;
    let calendars = three.engine.calendars().await.unwrap();
    let remote = server.calendar("work");
    let link = calendars[0].links.iter().find(|link| link.remote_calendar_id.as_str() == remote).unwrap();
    let refused = three.engine.unlink_calendar(link.id, Parting::RemoveWritten).await.unwrap_err();
    assert!(refused.to_string().contains("does not tell which events"), "{refused}");
    assert_eq!(three.engine.calendars().await.unwrap()[0].links.len(), 3, "and it is still linked");
    three.engine.unlink_calendar(link.id, Parting::KeepBoth).await.unwrap();
    assert_eq!(server.names().await.len(), 1);
}
