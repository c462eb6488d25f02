//! Accounts and their calendars: linking, unlinking and leaving.

use serde_json::json;
use synodic_engine::EngineError;
use synodic_engine::view::{CalendarView, EventDraft, NotifyAttendees, Parting};
use synodic_model::sync::SyncDirection;
use synodic_model::{CalendarId, EventContent, RemoteCalendarId, When};
use synodic_simulators::google::{AccessRole, NewCalendar};

use crate::sign_in::{ADA, BEA, Desk};

fn holidays() -> NewCalendar {
    NewCalendar {
        id: Some("holidays@example.com".into()),
        summary: "Holidays".into(),
        time_zone: Some(chrono_tz::America::New_York),
        access_role: AccessRole::Reader,
        ..NewCalendar::default()
    }
}

fn one_day(title: &str) -> EventContent {
    let start = chrono::NaiveDate::from_ymd_opt(2026, 11, 3).unwrap();
    EventContent::new(title, When::AllDay { start, end: start.succ_opt().unwrap() })
}

async fn local_calendar(desk: &Desk) -> CalendarId {
    let made = desk.engine.create_calendar("Home".into(), "#336699".into(), "Europe/Berlin".into()).await;
    made.unwrap().id
}

async fn shown(desk: &Desk) -> Vec<(String, usize)> {
    let calendars = desk.engine.calendars().await.unwrap();
    calendars.into_iter().map(|calendar| (calendar.name, calendar.links.len())).collect()
}

#[tokio::test]
async fn a_remote_calendar_is_linked_in_its_own_likeness() {
    let desk = Desk::new().await;
    let account = desk.connect(ADA).await;
    desk.google.add_calendar(ADA, holidays());
    let remote = RemoteCalendarId::new("holidays@example.com");
    let linked = desk.engine.link_calendar(None, account, remote.clone(), SyncDirection::Bidirectional).await;
    let linked = linked.unwrap();

    assert_eq!((linked.name.as_str(), linked.time_zone.as_str()), ("Holidays", "America/New_York"));
    assert!(linked.color.starts_with('#'));
    let link = &linked.links[0];
    assert_eq!(
        (link.account.as_str(), link.direction),
        (ADA, SyncDirection::PullOnly),
        "it may only be read"
    );
    assert!(!linked.writable);
    assert_eq!(desk.engine.calendars().await.unwrap(), std::slice::from_ref(&linked));

    let remotes = desk.engine.remote_calendars(None).await.unwrap();
    let listed = remotes.iter().find(|listed| listed.id == remote).unwrap();
    assert_eq!((listed.linked_to, listed.writable), (Some(linked.id), false));
    let draft =
        EventDraft { calendar_id: linked.id, content: one_day("Mine"), notify: NotifyAttendees::Nobody };
    assert!(matches!(desk.engine.create_event(draft).await, Err(EngineError::ReadOnly { .. })));
}

#[tokio::test]
async fn nothing_is_linked_twice_or_pushed_where_it_may_not_be() {
    let desk = Desk::new().await;
    let account = desk.connect(ADA).await;
    desk.google.add_calendar(ADA, holidays());
    let (primary, holidays) = (RemoteCalendarId::new(ADA), RemoteCalendarId::new("holidays@example.com"));
    let home = local_calendar(&desk).await;
    let link = async |calendar, remote: &RemoteCalendarId, direction| -> Result<CalendarView, EngineError> {
        desk.engine.link_calendar(calendar, account, remote.clone(), direction).await
    };
    link(Some(home), &primary, SyncDirection::Bidirectional).await.unwrap();
    for again in [Some(home), None] {
        let refused = link(again, &primary, SyncDirection::Bidirectional).await.unwrap_err();
        assert!(refused.to_string().contains("linked already"), "{refused}");
    }
    let refused = link(None, &holidays, SyncDirection::PushOnly).await.unwrap_err();
    assert!(refused.to_string().contains("may only be read"), "{refused}");
    let nowhere = RemoteCalendarId::new("nowhere@example.com");
    let refused = link(None, &nowhere, SyncDirection::Bidirectional).await;
    assert!(matches!(refused, Err(EngineError::NotFound { .. })));
    assert_eq!(shown(&desk).await, [("Home".to_owned(), 1)]);
}

#[tokio::test]
async fn events_from_before_the_link_go_out_and_are_not_doubled() {
    let desk = Desk::new().await;
    let account = desk.connect(ADA).await;
    let home = local_calendar(&desk).await;
    let draft = |title: &str| EventDraft {
        calendar_id: home,
        content: one_day(title),
        notify: NotifyAttendees::Nobody,
    };
    let kept_twice = desk.engine.create_event(draft("In both")).await.unwrap().event.unwrap();
    desk.engine.create_event(draft("Only here")).await.unwrap();
    desk.google.put_event(
        ADA,
        json!({
            "summary": "In both",
            "iCalUID": kept_twice.uid,
            "start": { "date": "2026-11-03" },
            "end": { "date": "2026-11-04" },
        }),
    );
    let remote = RemoteCalendarId::new(ADA);
    desk.engine.link_calendar(Some(home), account, remote, SyncDirection::Bidirectional).await.unwrap();
    assert_eq!(desk.engine.queue_list().await.unwrap().len(), 2);

    desk.engine.sync_pass(None).await.unwrap();
    let mut titles: Vec<_> =
        desk.google.events(ADA).iter().map(|event| event["summary"].as_str().unwrap().to_owned()).collect();
    titles.sort();
    assert_eq!(titles, ["In both", "Only here"]);
    assert!(desk.engine.queue_list().await.unwrap().is_empty());
}

#[tokio::test]
async fn unlinking_keeps_the_events_and_stops_the_edits() {
    let desk = Desk::new().await;
    let account = desk.connect(ADA).await;
    let remote = RemoteCalendarId::new(ADA);
    let linked = desk.engine.link_calendar(None, account, remote.clone(), SyncDirection::Bidirectional).await;
    let linked = linked.unwrap();
    let draft =
        EventDraft { calendar_id: linked.id, content: one_day("Mine"), notify: NotifyAttendees::Nobody };
    desk.engine.create_event(draft).await.unwrap();
    desk.engine.unlink_calendar(linked.links[0].id, Parting::KeepBoth).await.unwrap();
    assert_eq!(shown(&desk).await, [(ADA.to_owned(), 0)]);
    assert!(desk.engine.queue_list().await.unwrap().is_empty());
    let again = desk.engine.unlink_calendar(linked.links[0].id, Parting::KeepBoth).await;
    assert!(matches!(again, Err(EngineError::NotFound { what: "link" })));
    desk.engine.link_calendar(Some(linked.id), account, remote, SyncDirection::PullOnly).await.unwrap();
}

#[tokio::test]
async fn an_account_leaves_with_or_without_its_events() {
    let desk = Desk::new().await;
    let (ada, bea) = (desk.connect(ADA).await, desk.connect(BEA).await);
    let only_ada = desk
        .engine
        .link_calendar(None, ada, RemoteCalendarId::new(ADA), SyncDirection::Bidirectional)
        .await
        .unwrap();
    let home = local_calendar(&desk).await;
    desk.google.add_calendar(ADA, holidays());
    for (account, remote) in [(ada, "holidays@example.com"), (bea, BEA)] {
        let remote = RemoteCalendarId::new(remote);
        desk.engine.link_calendar(Some(home), account, remote, SyncDirection::PullOnly).await.unwrap();
    }

    desk.engine.remove_account(ada, false).await.unwrap();
    assert_eq!(shown(&desk).await, [("Home".to_owned(), 1)], "{} was linked to nothing else", only_ada.name);
    let secrets = std::fs::read_to_string(desk.folder.path().join("secrets.json")).unwrap();
    assert!(!secrets.contains(ADA) && secrets.contains(BEA));

    desk.engine.remove_account(bea, true).await.unwrap();
    assert_eq!(shown(&desk).await, [("Home".to_owned(), 0)]);
    assert!(matches!(desk.engine.remove_account(bea, true).await, Err(EngineError::NotFound { .. })));
    assert!(desk.engine.integrations().await.unwrap().is_empty());
}
