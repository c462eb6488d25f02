//! Every kind of change to every reach of a series, of timed and of whole days, in zones from one end of the day to the
//! other: two computers of one person see the same, and nothing goes round in circles.

use std::collections::BTreeSet;

use chrono::{Days, NaiveDate, NaiveDateTime, NaiveTime};
use chrono_tz::{America, Asia, Europe, Pacific, Tz};
use synodic_engine::view::{CalendarView, EventChange, EventTarget, NotifyAttendees};
use synodic_model::{EventContent, OccurrenceKey, Recurrence, When, ZonedTime};
use synodic_tests::world::{Setting, World};

/// Where the series take place; whole days take place nowhere.
const ZONES: [Option<Tz>; 5] = [
    None,
    Some(Europe::Berlin),
    Some(Asia::Kolkata),
    Some(America::St_Johns),
    // A day ahead of most of the world.
    Some(Pacific::Kiritimati),
];

#[derive(Clone, Copy, Debug)]
enum Act {
    Move,
    CallOff,
    Rename,
}

#[derive(Clone, Copy, Debug)]
enum Reach {
    This,
    Following,
    All,
}

/// A series, and what is done to it from its third occurrence of five on.
#[derive(Clone, Copy, Debug)]
struct Case {
    zone: Option<Tz>,
    act: Act,
    reach: Reach,
}

/// How often each series takes place.
const COUNT: u64 = 5;
/// The occurrence that is touched.
const TOUCHED: u64 = 2;

fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for zone in ZONES {
        for act in [Act::Move, Act::CallOff, Act::Rename] {
            for reach in [Reach::This, Reach::Following, Reach::All] {
                cases.push(Case { zone, act, reach });
            }
        }
    }
    cases
}

/// What is shown of an occurrence: what it is called and when it begins, by the clock on its own wall.
type Shown = (String, NaiveDateTime);

impl Case {
    fn title(self) -> String {
        format!("{:?} {:?} {:?}", self.zone.map_or("whole days", |zone| zone.name()), self.act, self.reach)
    }

    fn content(self) -> EventContent {
        let first = NaiveDate::from_ymd_opt(2026, 10, 12).unwrap();
        let when = match self.zone {
            None => When::AllDay { start: first, end: first + Days::new(1) },
            Some(zone) => {
                let at = |hour| ZonedTime::new(first.and_hms_opt(hour, 30, 0).unwrap(), zone);
                When::Zoned { start: at(21), end: at(23) }
            }
        };
        let mut content = EventContent::new(self.title(), when);
        content.recurrence = Some(Recurrence::from_rule("FREQ=WEEKLY;COUNT=5").unwrap());
        content
    }

    /// What everybody has to see in the end. The weeks in between are those in which clocks go back.
    fn expected(self) -> Vec<Shown> {
        let start = start(&self.content().when);
        let is_touched = |number| match self.reach {
            Reach::This => number == TOUCHED,
            Reach::Following => number >= TOUCHED,
            Reach::All => true,
        };
        (0..COUNT)
            .filter_map(|number| {
                let (title, at) = (self.title(), start + Days::new(7 * number));
                match self.act {
                    _ if !is_touched(number) => Some((title, at)),
                    Act::Move => Some((title, at + Days::new(1))),
                    Act::Rename => Some((format!("{title}, renamed"), at)),
                    Act::CallOff => None,
                }
            })
            .collect()
    }

    fn target(self, key: OccurrenceKey) -> EventTarget {
        match self.reach {
            Reach::This => EventTarget::Occurrence { key },
            Reach::Following => EventTarget::Following { key },
            Reach::All => EventTarget::Event { id: key.series_id },
        }
    }

    async fn carry_out(self, world: &World) {
        let shown = world.shown().await;
        let mut own: Vec<_> = shown.iter().filter(|shown| shown.title == self.title()).collect();
        own.sort_by_key(|shown| shown.starts_at);
        assert_eq!(own.len(), 5, "{self:?}: {own:#?}");
        let target = self.target(own[2].occurrence_of.unwrap());
        if matches!(self.act, Act::CallOff) {
            world.engine.delete_event(target, NotifyAttendees::Nobody).await.unwrap();
            return;
        }
        let mut content = world.engine.event(target).await.unwrap().content;
        match self.act {
            Act::Move => content.when = a_day_later(content.when),
            Act::Rename | Act::CallOff => content.title.push_str(", renamed"),
        }
        let change = EventChange { target, content, seen_revision: None, notify: NotifyAttendees::Nobody };
        world.engine.change_event(change).await.unwrap();
    }
}

fn start(when: &When) -> NaiveDateTime {
    match when {
        When::AllDay { start, .. } => start.and_time(NaiveTime::MIN),
        When::Zoned { start, .. } => start.local,
        When::Floating { start, .. } => *start,
    }
}

fn a_day_later(when: When) -> When {
    let day = Days::new(1);
    let later = |time: ZonedTime| ZonedTime::new(time.local + day, time.zone);
    match when {
        When::AllDay { start, end } => When::AllDay { start: start + day, end: end + day },
        When::Zoned { start, end } => When::Zoned { start: later(start), end: later(end) },
        When::Floating { start, end } => When::Floating { start: start + day, end: end + day },
    }
}

async fn shown(world: &World) -> BTreeSet<Shown> {
    world.shown().await.into_iter().map(|shown| (shown.title, start(&shown.when))).collect()
}

/// Passes on both computers until nobody has anything to say.
async fn settle(worlds: [&World; 2]) {
    for _ in 0..2 {
        for world in worlds {
            world.pass().await;
        }
    }
    for world in worlds {
        quiet(world).await;
    }
}

/// A further pass asks once and writes nothing.
async fn quiet(world: &World) {
    let report = world.pass().await;
    assert_eq!((report.pushed, report.pending, report.failed, report.requests), (0, 0, 0, 1), "{report:#?}");
    let link = &report.links[0];
    assert_eq!((link.created, link.updated, link.deleted), (0, 0, 0), "{report:#?}");
}

async fn plays_out(here: &World, calendar: &CalendarView, there: &World) {
    let cases = cases();
    for case in &cases {
        here.create(calendar.id, case.content()).await;
    }
    settle([here, there]).await;
    for case in &cases {
        case.carry_out(here).await;
    }
    let expected: BTreeSet<Shown> = cases.iter().flat_map(|case| case.expected()).collect();
    for (name, world, when) in [("here", here, "at once"), ("here", here, "later"), ("there", there, "later")]
    {
        if when == "later" {
            settle([here, there]).await;
        }
        let shown = shown(world).await;
        let missing: Vec<_> = expected.difference(&shown).collect();
        let left: Vec<_> = shown.difference(&expected).collect();
        assert!(missing.is_empty() && left.is_empty(), "{name}, {when}: misses {missing:#?}, has {left:#?}");
    }
}

#[tokio::test]
async fn every_change_of_a_series_reaches_another_computer() {
    let here = World::new().await;
    let calendar = here.linked().await;
    let there = here.another_computer().await;
    there.linked().await;
    plays_out(&here, &calendar, &there).await;
}

#[tokio::test]
async fn and_does_so_from_a_computer_at_the_other_end_of_the_day() {
    let zone = Some(Pacific::Kiritimati);
    let here = World::with(Setting { zone, ..Setting::default() }).await;
    let calendar = here.linked().await;
    let mut there = here.another_computer().await;
    there.leave().await;
    there.setting_mut().zone = Some(Pacific::Niue);
    there.come_back().await;
    there.linked().await;
    plays_out(&here, &calendar, &there).await;
}

#[tokio::test]
async fn travelling_changes_nothing() {
    let mut world = World::new().await;
    let calendar = world.linked().await;
    for case in cases() {
        world.create(calendar.id, case.content()).await;
    }
    for case in cases() {
        case.carry_out(&world).await;
    }
    world.pass().await;
    world.pass().await;
    let before = shown(&world).await;
    for zone in [Pacific::Niue, Asia::Kolkata, Pacific::Kiritimati, America::St_Johns] {
        world.leave().await;
        world.setting_mut().zone = Some(zone);
        world.come_back().await;
        quiet(&world).await;
        assert_eq!(shown(&world).await, before, "in {zone}");
    }
}
