//! What a view gets, against the plain reading of every event.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use proptest::prelude::*;
use proptest::sample::select;
use synodic_model::recurrence::expand;
use synodic_model::sync::{EventSync, EventSyncStatus};
use synodic_model::{
    CalendarId, Event, EventContent, EventId, OccurrenceKey, OriginalStart, Recurrence, TimeWindow, When,
    ZonedTime,
};
use uuid::Uuid;

use super::{
    CALENDAR, Replica, TO_GOOGLE, TO_NOTION, calendar, date, event, event_id, meeting, noon, override_of,
    series, standing,
};
use crate::Seen;

fn window(from: DateTime<Utc>, to: DateTime<Utc>) -> TimeWindow {
    TimeWindow { from, to, viewer: Tz::UTC }
}

async fn seen(replica: &Replica, window: &TimeWindow) -> Vec<EventId> {
    let rows = replica.store.seen_in_window(window, None).await.unwrap();
    rows.into_iter().map(|row| row.id).collect()
}

#[tokio::test]
async fn edges_belong_to_the_side_that_they_should() {
    // 08:00 to 09:00 UTC.
    let event = meeting(1, 0);
    let replica = Replica::with_events(&[event]).await;
    let at = |minutes| noon(0) - TimeDelta::hours(4) + TimeDelta::minutes(minutes);
    for (from, to, expected) in
        [(-60, 0, false), (-60, 1, true), (0, 60, true), (59, 90, true), (60, 90, false), (20, 40, true)]
    {
        let found = seen(&replica, &window(at(from), at(to))).await;
        assert_eq!(!found.is_empty(), expected, "{from} to {to}");
    }
}

#[tokio::test]
async fn an_event_without_duration_is_seen_at_its_start() {
    let start = ZonedTime::new(noon(0).naive_utc(), Tz::UTC);
    let replica =
        Replica::with_events(&[event(1, EventContent::new("Now", When::Zoned { start, end: start }))]).await;
    let hour = TimeDelta::hours(1);
    assert_eq!(seen(&replica, &window(noon(0), noon(0) + hour)).await.len(), 1);
    assert!(seen(&replica, &window(noon(0) - hour, noon(0))).await.is_empty());
}

#[tokio::test]
async fn a_whole_day_is_where_the_reader_is() {
    let content = EventContent::new("Day", When::AllDay { start: date(0), end: date(1) });
    let replica = Replica::with_events(&[event(1, content)]).await;
    for viewer in [Tz::Pacific__Kiritimati, Tz::UTC, Tz::Pacific__Niue] {
        let midnight = |days| ZonedTime::new(date(days).into(), viewer).instant();
        for (from, expected) in [(-1, false), (0, true), (1, false)] {
            let window = TimeWindow { from: midnight(from), to: midnight(from + 1), viewer };
            assert_eq!(!seen(&replica, &window).await.is_empty(), expected, "{from} in {viewer}");
        }
    }
}

#[tokio::test]
async fn a_series_comes_with_all_its_overrides() {
    let weekly = series(1, 0, "FREQ=WEEKLY");
    let moved_away = override_of(&weekly, 2, 7, 300);
    let deleted = Event { deleted_at: Some(noon(1)), ..override_of(&weekly, 3, 14, 14) };
    let over = series(4, -400, "FREQ=DAILY;COUNT=3");
    let moved_in = override_of(&over, 5, -399, 8);
    let gone = Event { deleted_at: Some(noon(1)), ..meeting(6, 8) };
    let replica = Replica::with_events(&[weekly, moved_away, deleted, over, moved_in, gone]).await;
    let ids = |numbers: &[u128]| numbers.iter().map(|number| event_id(*number)).collect::<Vec<_>>();
    assert_eq!(seen(&replica, &window(noon(6), noon(9))).await, ids(&[1, 2, 5]));
    assert_eq!(seen(&replica, &window(noon(-401), noon(-390))).await, ids(&[4, 5]));
    assert_eq!(seen(&replica, &window(noon(-10), noon(-5))).await, ids(&[]));
}

#[tokio::test]
async fn other_calendars_can_be_left_out() {
    let other = CalendarId::new(Uuid::from_u128(77));
    let replica = Replica::with_events(&[meeting(1, 0)]).await;
    let mut transaction = replica.edit().await;
    transaction.put_calendar(&calendar(other)).await.unwrap();
    transaction.put_event(&Event { calendar_id: other, ..meeting(2, 0) }).await.unwrap();
    transaction.commit().await.unwrap();
    let day = window(noon(-1), noon(1));
    for (calendars, expected) in [
        (vec![CALENDAR], vec![1]),
        (vec![other], vec![2]),
        (vec![CALENDAR, other], vec![1, 2]),
        (vec![], vec![]),
    ] {
        let rows = replica.store.seen_in_window(&day, Some(&calendars)).await.unwrap();
        let expected: Vec<_> = expected.into_iter().map(event_id).collect();
        assert_eq!(rows.into_iter().map(|row| row.id).collect::<Vec<_>>(), expected);
    }
}

fn zone() -> impl Strategy<Value = Tz> {
    select(vec![
        Tz::UTC,
        Tz::Europe__Berlin,
        Tz::America__St_Johns,
        Tz::Pacific__Kiritimati,
        Tz::Pacific__Niue,
    ])
}

/// Starts within two years, lengths from nothing to thirty years.
fn when() -> impl Strategy<Value = When> {
    let length = prop_oneof![Just(0_i64), 1..600_i64, 600..60_000_i64, 60_000..16_000_000_i64];
    (0..3, -500_000..500_000_i64, length, zone(), zone()).prop_map(|(kind, start, length, zone, other)| {
        let start = date(0).and_hms_opt(0, 0, 0).unwrap() + TimeDelta::minutes(start);
        let length = TimeDelta::minutes(length);
        match kind {
            0 => When::AllDay { start: start.date(), end: (start + length).date() + TimeDelta::days(1) },
            1 => When::Floating { start, end: start + length },
            _ => {
                let start = ZonedTime::new(start, zone);
                When::Zoned { start, end: ZonedTime::at(start.instant() + length, other) }
            }
        }
    })
}

fn rule() -> impl Strategy<Value = &'static str> {
    select(vec![
        "FREQ=DAILY;COUNT=5",
        "FREQ=WEEKLY",
        "FREQ=MONTHLY;COUNT=12",
        "FREQ=YEARLY;UNTIL=20300101T000000Z",
        "FREQ=WEEKLY;INTERVAL=3;COUNT=100",
    ])
}

#[derive(Clone, Debug)]
struct Sketch {
    when: When,
    rule: Option<&'static str>,
    added: Option<When>,
    moved: Option<When>,
    is_deleted: bool,
}

fn sketch() -> impl Strategy<Value = Sketch> {
    let rule = prop_oneof![2 => Just(None), 1 => rule().prop_map(Some)];
    (when(), rule, proptest::option::of(when()), proptest::option::of(when()), proptest::bool::weighted(0.1))
        .prop_map(|(when, rule, added, moved, is_deleted)| Sketch { when, rule, added, moved, is_deleted })
}

/// A single event, or a series and perhaps one override of it.
fn draw(number: u128, sketch: &Sketch) -> Vec<Event> {
    let mut first = event(2 * number, EventContent::new(format!("“{number}”, \"\\\n"), sketch.when));
    first.deleted_at = sketch.is_deleted.then(|| noon(0));
    let Some(rule) = sketch.rule else { return vec![first] };
    let mut recurrence = Recurrence::from_rule(rule).unwrap();
    let added = sketch.added.map(|added| added.original_start());
    recurrence.dates.extend(added.filter(|added| same_kind(added, &sketch.when)));
    first.content.recurrence = Some(recurrence);
    let moved = sketch.moved.map(|moved| Event {
        occurrence_of: Some(OccurrenceKey {
            series_id: first.id,
            original_start: sketch.when.original_start(),
        }),
        ..event(2 * number + 1, EventContent::new("", moved))
    });
    std::iter::once(first).chain(moved).collect()
}

fn same_kind(start: &OriginalStart, when: &When) -> bool {
    std::mem::discriminant(start) == std::mem::discriminant(&when.original_start())
}

fn overlaps(when: &When, window: &TimeWindow) -> bool {
    let (start, end) = when.instants(window.viewer);
    let starts_inside = (window.from..window.to).contains(&start);
    starts_inside || (start < window.from && end > window.from)
}

/// What must be in the answer: the plain reading.
fn required(events: &BTreeMap<EventId, Event>, window: &TimeWindow) -> BTreeSet<EventId> {
    let alive = || events.values().filter(|event| event.deleted_at.is_none());
    let appears = |event: &&Event| match &event.content.recurrence {
        None => overlaps(&event.content.when, window),
        Some(recurrence) => !expand(&event.content.when, recurrence, window, 10).unwrap().is_empty(),
    };
    let mut ids: BTreeSet<_> = alive().filter(appears).map(|event| event.id).collect();
    for event in alive() {
        if event.occurrence_of.is_some_and(|key| ids.contains(&key.series_id)) {
            ids.insert(event.id);
        }
    }
    ids
}

/// What the store is to say of an event.
fn as_seen(event: &Event, standings: &[EventSync]) -> Seen {
    let of_event = standings.iter().filter(|row| row.event_id == event.id);
    Seen {
        id: event.id,
        calendar_id: event.calendar_id,
        occurrence_of: event.occurrence_of,
        content: (&event.content).into(),
        statuses: of_event.map(|row| row.status).collect(),
    }
}

/// Rows at both links, at one, or at none.
fn stand(events: &BTreeMap<EventId, Event>) -> Vec<EventSync> {
    let links = [vec![], vec![TO_GOOGLE], vec![TO_GOOGLE, TO_NOTION]];
    let rows = events.values().zip(links.into_iter().cycle());
    let mut rows: Vec<_> =
        rows.flat_map(|(event, links)| links.into_iter().map(|link| standing(event, link))).collect();
    let statuses = [EventSyncStatus::Synced, EventSyncStatus::Pending, EventSyncStatus::Conflict];
    rows.iter_mut().zip(statuses.into_iter().cycle()).for_each(|(row, status)| row.status = status);
    rows
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]

    #[test]
    fn a_view_gets_what_it_needs_and_hardly_more(
        sketches in proptest::collection::vec(sketch(), 1..60),
        windows in proptest::collection::vec((-600_000..600_000_i64, 0..100_000_i64, zone()), 1..20),
    ) {
        let events: BTreeMap<_, _> = (0..)
            .zip(&sketches)
            .flat_map(|(number, sketch)| draw(number, sketch))
            .map(|event| (event.id, event))
            .collect();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let all: Vec<_> = events.values().cloned().collect();
            let replica = Replica::with_events(&all).await;
            let standings = stand(&events);
            let mut transaction = replica.edit().await;
            transaction.put_event_syncs(&standings).await.unwrap();
            transaction.commit().await.unwrap();
            for (from, minutes, viewer) in windows {
                let from = noon(0) + TimeDelta::minutes(from);
                let window = TimeWindow { from, to: from + TimeDelta::minutes(minutes), viewer };
                let answer = replica.store.seen_in_window(&window, None).await.unwrap();
                let ids: BTreeSet<_> = answer.iter().map(|row| row.id).collect();
                let missing: Vec<_> = required(&events, &window).difference(&ids).map(|id| &events[id]).collect();
                assert!(missing.is_empty(), "{window:?} misses {missing:#?}");
                assert!(answer.is_sorted_by_key(|row| row.id));
                for row in &answer {
                    let event = &events[&row.id];
                    let belongs = event.occurrence_of.is_some_and(|key| ids.contains(&key.series_id));
                    let is_series = event.content.recurrence.is_some();
                    assert_eq!(event.deleted_at, None);
                    assert!(belongs || is_series || overlaps(&event.content.when, &window), "{event:#?}");
                    assert_eq!(row, &as_seen(event, &standings));
                }
            }
        });
    }
}
