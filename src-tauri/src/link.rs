//! What the program may be started with beside a command: a `synodic:` link or an iCalendar file.
//!
//! Any page in a browser may open a link, so a link only ever shows something: a new event is a draft until the person
//! saves it. What cannot be read is refused whole, with a sentence that says why.
//!
//! | link | shows |
//! | --- | --- |
//! | `synodic:day/2027-03-15` | a day |
//! | `synodic:event/0193…` | an event of the replica |
//! | `synodic:new?title=Lunch&start=2027-03-15T12:30&end=2027-03-15T13:15&zone=Europe/Berlin` | a new event |
//! | `synodic:new?title=Fair&start=2027-03-15&end=2027-03-17` | a new event of whole days, the last one included |

use std::path::Path;

use chrono::{NaiveDate, NaiveDateTime, TimeDelta};
use chrono_tz::Tz;
use synodic_engine::desktop::Navigation;
use synodic_engine::view::{EventTarget, Failure, FailureCode};
use synodic_model::{EventId, Fold, When, ZonedTime};
use url::Url;

/// The longest link that is read, in bytes.
const LINK_LIMIT: usize = 8 * 1024;
/// The longest title, in characters.
const TITLE_LIMIT: usize = 1024;
/// A new event without an end lasts as long as one that is made in the window.
const LENGTH: TimeDelta = TimeDelta::hours(1);
/// What lasts longer is a slip of the pen.
const LONGEST: TimeDelta = TimeDelta::days(366);

/// Reads an argument; times without a zone are the `viewer`'s.
///
/// # Errors
/// A failure that says what is wrong with it.
pub(crate) fn read(argument: &str, viewer: Tz) -> Result<Navigation, Failure> {
    let read = if starts_with_scheme(argument, "synodic") {
        link(argument, viewer)
    } else if starts_with_scheme(argument, "file") {
        let path = Url::parse(argument).ok().and_then(|url| url.to_file_path().ok());
        path.ok_or_else(|| "it is no file on this computer".to_owned()).and_then(|path| file(&path))
    } else {
        file(Path::new(argument))
    };
    read.map_err(|reason| {
        let shown: String = argument.chars().take(80).collect();
        let message = format!("“{}” cannot be opened: {reason}", shown.escape_debug());
        Failure { code: FailureCode::Invalid, message, field: None }
    })
}

fn starts_with_scheme(argument: &str, scheme: &str) -> bool {
    argument.split_once(':').is_some_and(|(before, _)| before.eq_ignore_ascii_case(scheme))
}

fn file(path: &Path) -> Result<Navigation, String> {
    let is_calendar = path.extension().is_some_and(|ending| {
        ["ics", "ical", "ifb", "icalendar"].iter().any(|known| ending.eq_ignore_ascii_case(known))
    });
    if !is_calendar {
        return Err("it is neither a command (see “synodic --help”), a synodic: link nor an .ics file".into());
    }
    let path = path.canonicalize().map_err(|error| error.to_string())?;
    if !path.is_file() {
        return Err("it is no file".into());
    }
    Ok(Navigation::Import { path })
}

fn link(text: &str, viewer: Tz) -> Result<Navigation, String> {
    if text.len() > LINK_LIMIT {
        return Err("the link is too long".into());
    }
    let url = Url::parse(text).map_err(|_| "the link cannot be read".to_owned())?;
    // Some programs put slashes after the scheme, which makes the first word a host.
    let host = url.host_str().unwrap_or_default();
    let whole = format!("{host}/{}", url.path());
    let mut words = whole.split('/').filter(|word| !word.is_empty());
    let place = (words.next(), words.next(), words.next());
    if !matches!(place, (Some("new"), ..)) && url.query().is_some() {
        return Err("such a link takes no parameters".into());
    }
    match place {
        (Some("day"), Some(day), None) => Ok(Navigation::Day { date: date(day)? }),
        (Some("event"), Some(id), None) => {
            let id = uuid::Uuid::try_parse(id).map_err(|_| "it names no event".to_owned())?;
            Ok(Navigation::Event { target: EventTarget::Event { id: EventId::new(id) } })
        }
        (Some("new"), None, None) => new_event(&url, viewer),
        _ => Err("links are synodic:day/DATE, synodic:event/ID and synodic:new?title=…&start=…".into()),
    }
}

fn new_event(url: &Url, viewer: Tz) -> Result<Navigation, String> {
    let (mut title, mut start, mut end, mut zone) = (String::new(), None, None, viewer);
    for (name, value) in url.query_pairs() {
        match name.as_ref() {
            "title" => title = acceptable_title(&value)?,
            "start" => start = Some(value.into_owned()),
            "end" => end = Some(value.into_owned()),
            "zone" => zone = value.parse().map_err(|_| "it names no time zone".to_owned())?,
            _ => return Err("a new event takes title, start, end and zone".into()),
        }
    }
    let when = match (start, end) {
        (None, None) => None,
        (None, Some(_)) => return Err("an end needs a start".into()),
        (Some(start), end) => Some(time(&start, end.as_deref(), zone)?),
    };
    Ok(Navigation::NewEvent { title, when })
}

fn acceptable_title(title: &str) -> Result<String, String> {
    let title: String = title.chars().filter(|letter| !letter.is_control()).collect();
    if title.chars().count() > TITLE_LIMIT { Err("the title is too long".into()) } else { Ok(title) }
}

fn time(start: &str, end: Option<&str>, zone: Tz) -> Result<When, String> {
    if let Ok(first) = date(start) {
        let last = end.map_or(Ok(first), date)?;
        let past_end = last.succ_opt().ok_or("the end is too far away")?;
        return whole(&first, &past_end, last - first).map(|()| When::AllDay { start: first, end: past_end });
    }
    let start = clock(start)?;
    let end = match end {
        Some(end) => clock(end)?,
        None => start.checked_add_signed(LENGTH).ok_or("the end is too far away")?,
    };
    whole(&start, &end, end - start)?;
    let zoned = |local| ZonedTime { local, zone, fold: Fold::default() };
    Ok(When::Zoned { start: zoned(start), end: zoned(end) })
}

fn whole<T: PartialOrd>(start: &T, end: &T, length: TimeDelta) -> Result<(), String> {
    if end < start || length < TimeDelta::zero() {
        return Err("it ends before it starts".into());
    }
    if length > LONGEST { Err("it lasts longer than a year".into()) } else { Ok(()) }
}

fn date(text: &str) -> Result<NaiveDate, String> {
    let date = NaiveDate::parse_from_str(text, "%Y-%m-%d").map_err(|_| "dates are written as 2027-03-15")?;
    if ("0001-01-01".."9999-12-31").contains(&date.to_string().as_str()) && text.len() == 10 {
        Ok(date)
    } else {
        Err("the date is out of range".into())
    }
}

fn clock(text: &str) -> Result<NaiveDateTime, String> {
    let read = |format| NaiveDateTime::parse_from_str(text, format).ok();
    let time = read("%Y-%m-%dT%H:%M").or_else(|| read("%Y-%m-%dT%H:%M:%S"));
    let time = time.ok_or("times are written as 2027-03-15T12:30")?;
    date(&time.date().to_string()).map(|_| time)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const BERLIN: Tz = Tz::Europe__Berlin;

    fn opened(argument: &str) -> Navigation {
        read(argument, BERLIN).unwrap_or_else(|failure| panic!("{}", failure.message))
    }

    fn local(text: &str, zone: Tz) -> ZonedTime {
        ZonedTime { local: text.parse().unwrap(), zone, fold: Fold::default() }
    }

    #[test]
    fn links_show_a_day_an_event_and_a_new_event() {
        let day = Navigation::Day { date: "2027-03-15".parse().unwrap() };
        for link in ["synodic:day/2027-03-15", "synodic://day/2027-03-15", "SYNODIC:day/2027-03-15/"] {
            assert_eq!(opened(link), day, "{link}");
        }
        let id = "0193a1b2-0000-7000-8000-000000000001";
        let target = EventTarget::Event { id: EventId::new(id.parse().unwrap()) };
        assert_eq!(opened(&format!("synodic:event/{id}")), Navigation::Event { target });
        let lunch = "synodic:new?title=Lunch%20%26%20talk&start=2027-03-15T12:30&zone=Asia/Tokyo";
        let tokyo = chrono_tz::Asia::Tokyo;
        let (start, end) = (local("2027-03-15T12:30:00", tokyo), local("2027-03-15T13:30:00", tokyo));
        let when = Some(When::Zoned { start, end });
        assert_eq!(opened(lunch), Navigation::NewEvent { title: "Lunch & talk".into(), when });
        let when =
            Some(When::AllDay { start: "2027-03-15".parse().unwrap(), end: "2027-03-18".parse().unwrap() });
        let fair = "synodic:new?title=Fair&start=2027-03-15&end=2027-03-17";
        assert_eq!(opened(fair), Navigation::NewEvent { title: "Fair".into(), when });
        assert_eq!(opened("synodic:new"), Navigation::NewEvent { title: String::new(), when: None });
    }

    #[test]
    fn rubbish_is_refused_with_a_reason() {
        for (argument, reason) in [
            ("sttaus", "neither a command"),
            ("synodic:", "links are"),
            ("synodic:delete/everything", "links are"),
            ("synodic:day/2027-02-30", "dates are"),
            ("synodic:day/+12027-02-01", "out of range"),
            ("synodic:event/1", "no event"),
            ("synodic:event/0193a1b2-0000-7000-8000-000000000001?delete=yes", "no parameters"),
            ("synodic:new?end=2027-03-15", "needs a start"),
            ("synodic:new?start=noon", "times are"),
            ("synodic:new?start=2027-03-15T12:30&end=2027-03-15T12:00", "ends before"),
            ("synodic:new?start=2027-03-15&end=2037-03-15", "longer than a year"),
            ("synodic:new?start=2027-03-15T12:30&zone=Mars/Base", "time zone"),
            ("synodic:new?title=x&attach=/etc/passwd", "takes title"),
            ("file://elsewhere/etc/passwd", "no file on this computer"),
            ("/nowhere/at/all.ics", "No such file"),
            ("/etc/passwd", "neither a command"),
            (&format!("synodic:new?title={}", "x".repeat(9000)), "too long"),
        ] {
            let failure = read(argument, BERLIN).unwrap_err();
            assert_eq!(failure.code, FailureCode::Invalid);
            assert!(failure.message.contains(reason), "{argument}: {}", failure.message);
            assert!(failure.message.len() < 400, "{}", failure.message);
        }
    }

    #[test]
    fn a_file_is_named_by_its_whole_path() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().canonicalize().unwrap().join("Team plan.ICS");
        std::fs::write(&path, "").unwrap();
        let import = Navigation::Import { path: path.clone() };
        assert_eq!(opened(path.to_str().unwrap()), import);
        assert_eq!(opened(Url::from_file_path(&path).unwrap().as_str()), import);
        std::fs::create_dir(folder.path().join("folder.ics")).unwrap();
        assert!(read(folder.path().join("folder.ics").to_str().unwrap(), BERLIN).is_err());
    }

    proptest! {
        #[test]
        fn whatever_comes_is_opened_or_refused(rest in ".{0,200}", place in "(new\\?|day/|event/|)(start=|title=)?") {
            let _ = read(&format!("synodic:{place}{rest}"), BERLIN);
            let _ = read(&rest, BERLIN);
        }
    }
}
