//! Random events for property tests, here and in the crates that carry events about.
//!
//! Whatever comes from here is in canonical form and passes [`crate::validate::validate`]. Texts come from a small
//! stock that has been trouble to programs like ours before, so that equal ones are met as well.

use chrono::{Days, NaiveDate, NaiveDateTime, TimeDelta};
use chrono_tz::Tz;
use proptest::collection::{btree_map, btree_set, vec};
use proptest::option;
use proptest::prelude::{Just, Strategy, any, prop_oneof};
use proptest::sample::{select, subsequence};

use crate::event::{
    Attendee, Color, EventContent, EventStatus, Field, FieldSet, Organizer, Reminder, ReminderMethod,
    Reminders, ResponseStatus, Transparency, Visibility,
};
use crate::recurrence::Recurrence;
use crate::time::{When, ZonedTime};

/// Zones with every kind of clock change: north and south, half an hour, a day skipped, none at all.
pub const ZONES: [Tz; 12] = [
    Tz::UTC,
    Tz::Europe__Berlin,
    Tz::Europe__Dublin,
    Tz::America__New_York,
    Tz::America__Sao_Paulo,
    Tz::America__St_Johns,
    Tz::Australia__Lord_Howe,
    Tz::Asia__Kolkata,
    Tz::Asia__Tehran,
    Tz::Africa__Casablanca,
    Tz::Pacific__Apia,
    Tz::Pacific__Kiritimati,
];

const TEXTS: [&str; 10] = [
    "",
    "Stand-up",
    "Zahnarzt 🦷",
    "ends with a space ",
    "two\nlines",
    "<b>bold</b> &amp; <script>alert(1)</script>",
    "no\u{a0}break",
    "cafe\u{301}",
    "a; b, c \\ d: \"e\"",
    "日本語の予定",
];

/// One of [`ZONES`].
pub fn zone() -> impl Strategy<Value = Tz> {
    select(&ZONES[..])
}

/// A wall-clock time between 2005 and 2034, on a quarter of an hour.
pub fn local_time() -> impl Strategy<Value = NaiveDateTime> + Clone {
    (0..30 * 365_u64, 0..96_i64).prop_map(|(day, quarter)| {
        (NaiveDate::default() + Days::new(35 * 365 + day)).and_time(chrono::NaiveTime::MIN)
            + TimeDelta::minutes(15 * quarter)
    })
}

/// A time of any kind: whole days, in one zone, between two zones, floating.
pub fn when() -> impl Strategy<Value = When> {
    prop_oneof![
        (local_time(), 1..10_u64).prop_map(|(start, days)| {
            When::AllDay { start: start.date(), end: start.date() + Days::new(days) }
        }),
        (local_time(), zone(), 0..100_i64)
            .prop_map(|(start, zone, quarters)| zoned(start, zone, quarters, zone)),
        (local_time(), zone(), 0..100_i64, zone())
            .prop_map(|(start, zone, quarters, end)| { zoned(start, zone, quarters, end) }),
        (local_time(), 0..100_i64).prop_map(|(start, quarters)| When::Floating {
            start,
            end: start + TimeDelta::minutes(15 * quarters)
        }),
    ]
}

fn zoned(start: NaiveDateTime, zone: Tz, quarters: i64, end_zone: Tz) -> When {
    let (start, instant) = ZonedTime::settled(start, zone);
    When::Zoned { start, end: ZonedTime::at(instant + TimeDelta::minutes(15 * quarters), end_zone) }
}

/// A recurrence that suits an event at `when`.
pub fn recurrence(when: When) -> impl Strategy<Value = Recurrence> {
    let rule = select(vec![
        "RRULE:FREQ=DAILY",
        "RRULE:FREQ=DAILY;COUNT=10",
        "RRULE:FREQ=WEEKLY;BYDAY=MO,WE,FR",
        "RRULE:FREQ=WEEKLY;INTERVAL=2;UNTIL=20350101T000000Z",
        "RRULE:FREQ=MONTHLY;BYDAY=-1FR",
        "RRULE:FREQ=MONTHLY;BYMONTHDAY=31",
        "RRULE:FREQ=YEARLY",
    ]);
    let dates = vec(local_time(), 0..3);
    (rule, dates.clone(), dates).prop_map(move |(rule, dates, exclusions)| {
        let line = |name: &str, date: &NaiveDateTime| format!("{name}:{}", date.format("%Y%m%dT%H%M%S"));
        let dates = dates.iter().map(|date| line("RDATE", date));
        let exclusions = exclusions.iter().map(|date| line("EXDATE", date));
        let lines: Vec<String> = dates.chain(exclusions).chain([rule.to_owned()]).collect();
        Recurrence::parse_lines(lines.iter().map(String::as_str), &when)
    })
}

/// Any content, with a recurrence in every third.
pub fn event_content() -> impl Strategy<Value = EventContent> {
    let texts = (select(&TEXTS[..]), select(&TEXTS[..]), select(&TEXTS[..]));
    let states = (
        select(vec![EventStatus::Confirmed, EventStatus::Tentative, EventStatus::Cancelled]),
        select(vec![Transparency::Opaque, Transparency::Transparent]),
        select(vec![Visibility::Default, Visibility::Public, Visibility::Private, Visibility::Confidential]),
    );
    let people = (attendees(), option::of(organizer()));
    let links =
        (option::of(address()), option::of(select(vec!["tomato", "steelblue"])), option::of(address()));
    let extras = btree_map(select(vec!["google", "notion"]), any::<u8>(), 0..2);
    let when = when().prop_flat_map(|when| {
        let series = prop_oneof![2 => Just(None).boxed(), 1 => recurrence(when).prop_map(Some).boxed()];
        (Just(when), series)
    });
    (texts, when, states, reminders(), people, links, extras).prop_map(
        |(texts, (when, recurrence), states, reminders, people, links, extras)| EventContent {
            title: texts.0.to_owned(),
            description: texts.1.to_owned(),
            location: texts.2.to_owned(),
            when,
            recurrence,
            status: states.0,
            transparency: states.1,
            visibility: states.2,
            reminders,
            attendees: people.0,
            organizer: people.1,
            conference_url: links.0,
            color: links.1.map(|name| Color(name.to_owned())),
            url: links.2,
            extras: extras.into_iter().map(|(provider, value)| (provider.to_owned(), value.into())).collect(),
        },
    )
}

/// `content` with up to three fields taken from another content: what an edit does to it.
pub fn edited(content: EventContent) -> impl Strategy<Value = EventContent> {
    (event_content(), subsequence(Field::ALL.to_vec(), 0..=3)).prop_map(move |(other, fields)| {
        let mut content = content.clone();
        fields.into_iter().for_each(|field| field.copy(&other, &mut content));
        content.canonicalize();
        content
    })
}

/// Any set of fields, as a provider may be able to express.
pub fn field_set() -> impl Strategy<Value = FieldSet> {
    subsequence(Field::ALL.to_vec(), 0..=Field::ALL.len()).prop_map(|fields| fields.into_iter().collect())
}

fn address() -> impl Strategy<Value = String> {
    (0..4_u8).prop_map(|number| format!("https://example.org/{number}"))
}

fn reminders() -> impl Strategy<Value = Reminders> {
    let one = (0..3_u32, select(vec![ReminderMethod::Popup, ReminderMethod::Email]))
        .prop_map(|(tens, method)| Reminder { minutes_before: tens * 10, method });
    prop_oneof![
        Just(Reminders::CalendarDefault),
        btree_set(one, 0..3)
            .prop_map(|reminders| Reminders::Custom { reminders: reminders.into_iter().collect() }),
    ]
}

fn attendees() -> impl Strategy<Value = Vec<Attendee>> {
    let responses = select(vec![
        ResponseStatus::NeedsAction,
        ResponseStatus::Accepted,
        ResponseStatus::Tentative,
        ResponseStatus::Declined,
    ]);
    let person = (select(&TEXTS[..]), any::<bool>(), any::<bool>(), responses);
    btree_map(select(vec!["ada@example.org", "grace@example.org", "室@example.org"]), person, 0..3).prop_map(
        |people| {
            let attend =
                |(email, (name, optional, resource, response)): (&str, (&str, bool, bool, _))| Attendee {
                    email: email.to_owned(),
                    name: name.to_owned(),
                    optional,
                    resource,
                    response,
                    is_self: false,
                };
            people.into_iter().map(attend).collect()
        },
    )
}

fn organizer() -> impl Strategy<Value = Organizer> {
    (select(vec!["ada@example.org", "grace@example.org"]), any::<bool>())
        .prop_map(|(email, is_self)| Organizer { email: email.to_owned(), name: String::new(), is_self })
}
