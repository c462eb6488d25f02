//! Times as people type them, on the command line above all: `2026-11-23T09:00`, `2026-11-23`, `Europe/Berlin`.

use chrono::{DateTime, Days, NaiveDate, NaiveDateTime, TimeDelta, Utc};
use chrono_tz::{TZ_VARIANTS, Tz};

use crate::time::{When, ZonedTime};

/// What was typed is not understood; the message says how to type it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InputError {
    /// There is no such zone.
    #[error("“{name}” is not a time zone{}", nearest.map(|zone| format!("; did you mean {zone}?")).unwrap_or_default())]
    UnknownZone {
        /// What was typed.
        name: String,
        /// The zone whose name is most like it.
        nearest: Option<Tz>,
    },
    /// This is neither a day nor a time.
    #[error("“{text}” is neither a day nor a time; write 2026-11-23 or 2026-11-23T09:00")]
    UnreadableTime {
        /// What was typed.
        text: String,
    },
    /// An all-day event was given a time, or a timed one a day.
    #[error("“{start}” and “{end}” do not go together; write two days for an all-day event, or two times")]
    MixedKinds {
        /// What was typed for the start.
        start: String,
        /// What was typed for the end.
        end: String,
    },
    /// An all-day event was given times.
    #[error("an all-day event has days and no times; leave “T…” out of “{text}”")]
    TimeOfWholeDay {
        /// What was typed.
        text: String,
    },
    /// The calendar ends before this.
    #[error("“{text}” is too far away")]
    OutOfRange {
        /// What was typed.
        text: String,
    },
}

/// A day or a point in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// A whole day.
    Day(NaiveDate),
    /// A time in a zone.
    Time(ZonedTime),
}

/// Reads the name of a zone, in any case; a city alone is enough when there is one zone of that name.
///
/// # Errors
/// [`InputError::UnknownZone`], with the zone that was probably meant.
pub fn parse_zone(name: &str) -> Result<Tz, InputError> {
    let name = name.trim();
    let same = |zone: &&Tz| zone.name().eq_ignore_ascii_case(name);
    if let Some(zone) = TZ_VARIANTS.iter().find(same) {
        return Ok(*zone);
    }
    let typed = name.replace(' ', "_");
    let mut of_city = TZ_VARIANTS.iter().filter(|zone| city(**zone).eq_ignore_ascii_case(&typed));
    match (of_city.next(), of_city.next()) {
        (Some(zone), None) => Ok(*zone),
        _ => Err(InputError::UnknownZone { name: name.to_owned(), nearest: nearest_zone(&typed) }),
    }
}

/// The last part of a zone's name.
fn city(zone: Tz) -> &'static str {
    zone.name().rsplit('/').next().unwrap_or_default()
}

fn nearest_zone(name: &str) -> Option<Tz> {
    let typed = name.to_lowercase();
    let distance = |zone: &Tz| {
        let whole = strsim::damerau_levenshtein(&typed, &zone.name().to_lowercase());
        whole.min(strsim::damerau_levenshtein(&typed, &city(*zone).to_lowercase()))
    };
    // When half of the letters are wrong, a guess would only confuse.
    let bearable = (typed.chars().count() / 2).max(1);
    TZ_VARIANTS
        .iter()
        .copied()
        .map(|zone| (distance(&zone), zone))
        .filter(|(off, _)| *off <= bearable)
        .min_by_key(|(off, _)| *off)
        .map(|(_, zone)| zone)
}

/// Reads `2026-11-23`, `2026-11-23T09:00` (or with a space, or with seconds) as the wall shows it in `zone`, or a time
/// with an offset or a `Z`, which is an instant and is converted to `zone`.
///
/// # Errors
/// [`InputError::UnreadableTime`].
pub fn parse_moment(text: &str, zone: Tz) -> Result<Moment, InputError> {
    let typed = text.trim();
    if let Ok(day) = NaiveDate::parse_from_str(typed, "%Y-%m-%d") {
        return Ok(Moment::Day(day));
    }
    let typed = typed.replacen([' ', 't'], "T", 1);
    let read_local = |format| NaiveDateTime::parse_from_str(&typed, format).ok();
    if let Some(local) = read_local("%Y-%m-%dT%H:%M").or_else(|| read_local("%Y-%m-%dT%H:%M:%S")) {
        return Ok(Moment::Time(ZonedTime::settled(local, zone).0));
    }
    let read_instant = |format| DateTime::parse_from_str(&typed.replace(['Z', 'z'], "+00:00"), format).ok();
    match read_instant("%Y-%m-%dT%H:%M%:z").or_else(|| read_instant("%Y-%m-%dT%H:%M:%S%:z")) {
        Some(instant) => Ok(Moment::Time(ZonedTime::at(instant.with_timezone(&Utc), zone))),
        None => Err(InputError::UnreadableTime { text: text.trim().to_owned() }),
    }
}

/// Makes an event's time of a typed start and end. Two days, or `all_day`, make an all-day event, whose end is the day
/// after the last one, as everywhere in the program. Without an end it lasts a day or an hour.
///
/// Whether the end comes after the start is for [`crate::validate::validate`] to say.
///
/// # Errors
/// [`InputError`], when either is not understood or they do not go together.
pub fn parse_when(start: &str, end: Option<&str>, all_day: bool, zone: Tz) -> Result<When, InputError> {
    let out_of_range = || InputError::OutOfRange { text: start.trim().to_owned() };
    let from = parse_moment(start, zone)?;
    let to = end.map(|end| parse_moment(end, zone)).transpose()?;
    if all_day {
        let timed = [(Some(from), Some(start)), (to, end)]
            .into_iter()
            .find(|(moment, _)| matches!(moment, Some(Moment::Time(_))));
        if let Some((_, Some(text))) = timed {
            return Err(InputError::TimeOfWholeDay { text: text.trim().to_owned() });
        }
    }
    match (from, to) {
        (Moment::Day(start), Some(Moment::Day(end))) => Ok(When::AllDay { start, end }),
        (Moment::Day(start), None) => {
            Ok(When::AllDay { start, end: start.checked_add_days(Days::new(1)).ok_or_else(out_of_range)? })
        }
        (Moment::Time(start), Some(Moment::Time(end))) => Ok(When::Zoned { start, end }),
        (Moment::Time(start), None) => {
            let end = start.instant().checked_add_signed(TimeDelta::hours(1)).ok_or_else(out_of_range)?;
            Ok(When::Zoned { start, end: ZonedTime::at(end, zone) })
        }
        (Moment::Day(_), Some(Moment::Time(_))) | (Moment::Time(_), Some(Moment::Day(_))) => {
            Err(InputError::MixedKinds {
                start: start.trim().to_owned(),
                end: end.unwrap_or_default().trim().to_owned(),
            })
        }
    }
}
