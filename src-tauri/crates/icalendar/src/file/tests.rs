//! Files in the manner of those that other programs write, and files that no program should: all are read or refused.

use std::collections::BTreeMap;

use chrono::DateTime;
use proptest::prelude::*;
use synodic_model::arbitrary::event_content;
use synodic_model::recurrence::expand;
use synodic_model::{
    CalendarId, Event, EventContent, EventId, EventStatus, Fold, OccurrenceKey, Reminders, Revision,
    TimeWindow, When, ZonedTime,
};
use uuid::Uuid;

use super::{Entry, File, NoCalendarFile, read, write};

const FILES: [(&str, &str); 6] = [
    ("Google", include_str!("../../corpus/google.ics")),
    ("Outlook", include_str!("../../corpus/outlook.ics")),
    ("Apple", include_str!("../../corpus/apple.ics")),
    ("Thunderbird", include_str!("../../corpus/thunderbird.ics")),
    ("Fastmail", include_str!("../../corpus/fastmail.ics")),
    ("Meetup", include_str!("../../corpus/meetup.ics")),
];

fn file(name: &str) -> File {
    let text = FILES.iter().find(|(known, _)| *known == name).unwrap().1;
    read(text.as_bytes()).unwrap()
}

fn zones(entry: &Entry) -> (String, String) {
    match entry.content.when {
        When::Zoned { start, end } => (start.zone.to_string(), end.zone.to_string()),
        _ => panic!("{:?}", entry.content.when),
    }
}

/// Writes entries as the events that the replica would have of them.
fn written(entries: &[Entry]) -> String {
    let number = std::cell::Cell::new(1);
    let event = |uid: &str, content: &EventContent, occurrence_of| {
        number.set(number.get() + 1);
        Event {
            id: EventId::new(Uuid::from_u128(number.get())),
            calendar_id: CalendarId::new(Uuid::from_u128(1)),
            uid: uid.to_owned(),
            occurrence_of,
            content: content.clone(),
            revision: Revision::default(),
            created_at: DateTime::UNIX_EPOCH,
            updated_at: DateTime::UNIX_EPOCH,
            deleted_at: None,
        }
    };
    let all: Vec<(Event, Vec<Event>)> = entries
        .iter()
        .map(|entry| {
            let master = event(&entry.uid, &entry.content, None);
            let key = |original_start| OccurrenceKey { series_id: master.id, original_start };
            let occurrences = entry.occurrences.iter();
            let occurrences =
                occurrences.map(|(start, content)| event(&entry.uid, content, Some(key(*start)))).collect();
            (master, occurrences)
        })
        .collect();
    let all = all.iter().map(|(master, occurrences)| (master, occurrences.iter().collect()));
    write(Some("Copy"), all, DateTime::UNIX_EPOCH)
}

#[test]
fn every_programs_file_is_read_whole_and_comes_back_the_same() {
    for (name, text) in FILES {
        for text in [text.to_owned(), text.replace('\n', "\r\n")] {
            let first = read(text.as_bytes()).unwrap();
            assert!(first.unreadable.is_empty() && first.doubts.is_empty(), "{name}: {first:?}");
            let again = read(written(&first.entries).as_bytes()).unwrap();
            assert_eq!(again.entries, first.entries, "{name}");
        }
    }
}

#[test]
fn what_programs_say_in_their_own_way_is_understood() {
    let google = file("Google");
    assert_eq!((google.entries.len(), google.entries[0].occurrences.len()), (2, 1));
    assert_eq!(google.entries[0].content.recurrence.as_ref().unwrap().exclusion_dates.len(), 2);
    let outlook = file("Outlook");
    assert_eq!(zones(&outlook.entries[0]).0, "Europe/Berlin");
    assert_eq!(zones(&outlook.entries[1]).0, "America/New_York");
    assert!(
        matches!(&outlook.entries[0].content.reminders, Reminders::Custom { reminders } if reminders.len() == 1)
    );
    assert_eq!(file("Apple").entries[0].content.location, "Trattoria\n12 Main St\nNew York");
    let thunderbird = file("Thunderbird");
    assert_eq!((zones(&thunderbird.entries[0]).0.as_str(), thunderbird.others), ("Europe/Paris", 1));
    let flight = zones(&file("Fastmail").entries[0]);
    assert_eq!((flight.0.as_str(), flight.1.as_str()), ("Europe/London", "America/Los_Angeles"));
    assert_eq!(file("Meetup").name.as_deref(), Some("Rust Berlin"));
}

#[test]
fn other_encodings_are_read() {
    let text = "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTART:20270101T080000Z\r\nSUMMARY:Müller – Café\r\n\
                END:VEVENT\r\nEND:VCALENDAR\r\n";
    let little: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let big: Vec<u8> =
        [0xfe, 0xff].into_iter().chain(text.encode_utf16().flat_map(u16::to_be_bytes)).collect();
    let latin: Vec<u8> =
        text.chars().map(|c| if c == '–' { 0x96 } else { u8::try_from(u32::from(c)).unwrap() }).collect();
    let marked = [&[0xef, 0xbb, 0xbf], text.as_bytes()].concat();
    for bytes in [little, big, latin, marked] {
        assert_eq!(read(&bytes).unwrap().entries[0].content.title, "Müller – Café");
    }
}

#[test]
fn what_is_cut_off_or_no_calendar_is_said() {
    let google = FILES[0].1;
    let cut = read(&google.as_bytes()[..google.len() - 40]).unwrap();
    assert_eq!((cut.entries.len(), cut.unreadable.len()), (1, 1), "the last event is lost, and that is said");
    for (bytes, reason) in [
        (&b""[..], NoCalendarFile::Empty),
        (b"\r\n \r\n", NoCalendarFile::Empty),
        (b"%PDF-1.7 \xff\xfe", NoCalendarFile::NoCalendar),
        (b"PK\x03\x04\x00\x00", NoCalendarFile::NoCalendar),
        (b"<!doctype html><title>Sign in</title>", NoCalendarFile::NoCalendar),
    ] {
        assert_eq!(read(bytes), Err(reason));
    }
}

#[test]
fn an_event_without_uid_is_the_same_each_time() {
    let text = |stamp: &str| {
        format!(
            "BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTAMP:{stamp}\nDTSTART:20270101\nSUMMARY:A\nEND:VEVENT\nEND:VCALENDAR"
        )
    };
    let uid = |stamp| read(text(stamp).as_bytes()).unwrap().entries.remove(0).uid;
    assert_eq!(uid("20270101T000000Z"), uid("20280101T000000Z"));
}

#[test]
fn large_and_hostile_files_come_to_an_end() {
    let event = |rule: &str, uid: usize| {
        format!("BEGIN:VEVENT\nUID:{uid}\nDTSTART:20270101T080000Z\nRRULE:{rule}\nSUMMARY:A\nEND:VEVENT\n")
    };
    let wrapped = |inside: String| format!("BEGIN:VCALENDAR\n{inside}END:VCALENDAR\n");
    let many: String = (0..20_000).map(|uid| event("FREQ=WEEKLY", uid)).collect();
    assert_eq!(read(wrapped(many).as_bytes()).unwrap().entries.len(), 20_000);
    for rule in ["FREQ=SECONDLY", "FREQ=YEARLY;COUNT=4294967295", "FREQ=DAILY;INTERVAL=0"] {
        assert_eq!(read(wrapped(event(rule, 1)).as_bytes()).unwrap().entries.len(), 1, "{rule}");
    }
    let deep = "BEGIN:VEVENT\nBEGIN:VALARM\n".repeat(50_000);
    assert!(read(wrapped(deep).as_bytes()).is_ok());
    let long = format!("BEGIN:VEVENT\nDTSTART:20270101\nSUMMARY:{}\nEND:VEVENT\n", "x".repeat(5 << 20));
    assert_eq!(read(wrapped(long).as_bytes()).unwrap().entries.len(), 1);
}

#[test]
fn the_later_of_two_equal_hours_comes_back_as_the_later_one() {
    let berlin = chrono_tz::Europe::Berlin;
    let time = |text: &str, fold| ZonedTime { local: text.parse().unwrap(), zone: berlin, fold };
    let start = time("2026-10-25T02:30:00", Fold::Later);
    let end = time("2026-10-25T02:45:00", Fold::Later);
    let mut content = EventContent::new("Watch", When::Zoned { start, end });
    for rule in [None, Some("FREQ=WEEKLY")] {
        content.recurrence = rule.map(|rule| synodic_model::Recurrence::from_rule(rule).unwrap());
        let entry = Entry { uid: "1".to_owned(), content: content.clone(), occurrences: Vec::new() };
        let text = written(std::slice::from_ref(&entry));
        assert_eq!(read(text.as_bytes()).unwrap().entries, [entry], "{text}");
    }
    content.recurrence = None;
    let entry = Entry { uid: "1".to_owned(), content, occurrences: Vec::new() };
    assert!(written(&[entry]).contains(":20261025T013000Z"), "other programs read the right instant");
}

#[test]
fn versions_of_one_event_are_told_from_events_that_share_a_uid() {
    let event = |start: &str, sequence: u32, title: &str| {
        format!("BEGIN:VEVENT\nUID:1\nDTSTART:{start}\nSEQUENCE:{sequence}\nSUMMARY:{title}\nEND:VEVENT\n")
    };
    let titles = |events: &[String]| {
        let file = read(format!("BEGIN:VCALENDAR\n{}END:VCALENDAR\n", events.concat()).as_bytes()).unwrap();
        let titles: Vec<_> = file.entries.iter().map(|entry| entry.content.title.clone()).collect();
        (titles.join(" "), file.doubts.len())
    };
    let versions = [event("20270101", 0, "Old"), event("20270102", 1, "New"), event("20270101", 0, "Older")];
    assert_eq!(titles(&versions), ("New".to_owned(), 1));
    let shared = [event("20270101", 0, "A"), event("20270102", 0, "B")];
    assert_eq!(titles(&shared), ("A B".to_owned(), 1));
}

/// A content as far as a file can tell it.
fn told(mut content: EventContent) -> EventContent {
    content.extras.clear();
    if content.reminders == (Reminders::Custom { reminders: Vec::new() }) {
        content.reminders = Reminders::CalendarDefault;
    }
    content.organizer.iter_mut().for_each(|organizer| organizer.is_self = false);
    content
}

/// A series with some of its occurrences edited or called off, or a single event.
fn entry() -> impl Strategy<Value = Entry> {
    let edits = prop::collection::vec((event_content(), 0..6_usize), 0..4);
    (event_content(), edits, any::<u64>()).prop_map(|(content, edits, uid)| {
        let content = told(content);
        let mut occurrences = Vec::new();
        if let Some(recurrence) = &content.recurrence {
            let from = content.when.instants(chrono_tz::UTC).0 - chrono::TimeDelta::days(2);
            let window =
                TimeWindow { from, to: from + chrono::TimeDelta::days(4000), viewer: chrono_tz::UTC };
            let starts = expand(&content.when, recurrence, &window, 10_000).unwrap();
            for (edit, at) in edits {
                let Some(start) = starts.get(at).map(|occurrence| occurrence.original_start) else {
                    continue;
                };
                let is_taken = |(known, _): &(synodic_model::OriginalStart, _)| known.key() == start.key();
                if !occurrences.iter().any(is_taken) {
                    occurrences.push((start, EventContent { recurrence: None, ..told(edit) }));
                }
            }
        }
        Entry { uid: uid.to_string(), content, occurrences }
    })
}

/// What is compared of entries: occurrences by their names, those that are called off by that alone.
fn essence(entry: &Entry) -> (String, EventContent, BTreeMap<String, Option<EventContent>>) {
    let occurrences = entry.occurrences.iter().map(|(start, content)| {
        (start.key(), Some(content.clone()).filter(|content| content.status != EventStatus::Cancelled))
    });
    (entry.uid.clone(), entry.content.clone(), occurrences.collect())
}

proptest! {
    #[test]
    fn what_is_written_is_read_as_it_was(entries in prop::collection::vec(entry(), 1..4)) {
        let text = written(&entries);
        let file = read(text.as_bytes()).unwrap();
        prop_assert!(file.unreadable.is_empty() && file.doubts.is_empty(), "{file:?}");
        let essences = |entries: &[Entry]| entries.iter().map(essence).collect::<Vec<_>>();
        prop_assert_eq!(essences(&file.entries), essences(&entries), "{}", text);
    }

    #[test]
    fn whatever_bytes_come_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let _ = read(&bytes);
    }

    #[test]
    fn a_damaged_file_is_read_or_refused(
        which in 0..FILES.len(),
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..40),
        cut in any::<prop::sample::Index>(),
    ) {
        let mut bytes = FILES[which].1.as_bytes().to_vec();
        for (at, byte) in damage {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        bytes.truncate(cut.index(bytes.len()) + 1);
        if let Ok(file) = read(&bytes) {
            let _ = read(written(&file.entries).as_bytes()).unwrap();
        }
    }
}
