//! When something happens, said honestly: whole days, wall-clock time in a named zone, or floating time.
//!
//! A future event is never reduced to UTC: "10:00 in Berlin" stays that when the rules of Berlin change. An instant
//! is computed only at the moment it is needed, by [`ZonedTime::instant`], which follows RFC 5545 §3.3.5 at the two
//! odd hours of the year.

use std::fmt;

use chrono::{DateTime, LocalResult, NaiveDate, NaiveDateTime, Offset, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Error, MapAccess, Unexpected, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use ts_rs::TS;

/// Which of two equal wall-clock readings is meant in the hour that clocks repeat.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Fold {
    /// The first one, which RFC 5545 assumes when nothing is said.
    #[default]
    Earlier,
    /// The second one. Only a provider that sends offsets (Google) can say so.
    Later,
}

/// A reading of the wall clock in a named zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
pub struct ZonedTime {
    /// What the clock on the wall shows.
    pub local: NaiveDateTime,
    /// The IANA zone of that wall.
    #[ts(type = "string")]
    pub zone: Tz,
    /// Which reading is meant when the wall shows it twice.
    #[serde(default)]
    #[ts(optional, as = "Option<Fold>")]
    pub fold: Fold,
}

impl ZonedTime {
    /// A reading in the usual case, where the wall shows it once.
    #[must_use]
    pub const fn new(local: NaiveDateTime, zone: Tz) -> Self {
        Self { local, zone, fold: Fold::Earlier }
    }

    /// The reading in `zone` at `instant`, with the fold that leads back to the same instant.
    #[must_use]
    pub fn at(instant: DateTime<Utc>, zone: Tz) -> Self {
        let local = instant.with_timezone(&zone).naive_local();
        let earlier = Self::new(local, zone);
        if earlier.instant() == instant { earlier } else { Self { fold: Fold::Later, ..earlier } }
    }

    /// What `local` means in `zone`, and the instant of it: the reading itself, or the later one that a clock shows
    /// which skips it (see [`ZonedTime::instant`]).
    #[must_use]
    pub fn settled(local: NaiveDateTime, zone: Tz) -> (Self, DateTime<Utc>) {
        let reading = Self::new(local, zone);
        match zone.from_local_datetime(&local) {
            LocalResult::Single(time) => (reading, time.to_utc()),
            LocalResult::Ambiguous(earlier, _) => (reading, earlier.to_utc()),
            LocalResult::None => {
                let instant = reading.instant_in_gap();
                (Self::at(instant, zone), instant)
            }
        }
    }

    /// The instant that is meant.
    ///
    /// A reading that the wall skips in spring is taken with the offset from before the gap, so that 02:30 means
    /// 03:30 (RFC 5545 §3.3.5).
    #[must_use]
    pub fn instant(self) -> DateTime<Utc> {
        match self.zone.from_local_datetime(&self.local) {
            LocalResult::Single(time) => time.to_utc(),
            LocalResult::Ambiguous(earlier, later) => match self.fold {
                Fold::Earlier => earlier.to_utc(),
                Fold::Later => later.to_utc(),
            },
            LocalResult::None => self.instant_in_gap(),
        }
    }

    fn instant_in_gap(self) -> DateTime<Utc> {
        // No zone has skipped more than a day, so a day earlier is surely before the gap.
        let before = self.local - TimeDelta::days(1);
        let offset = self.zone.offset_from_utc_datetime(&before).fix();
        (self.local - offset).and_utc()
    }
}

/// When an event takes place. The end is always exclusive and never before the start.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, TS)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum When {
    /// Whole days, wherever the reader is; a one-day event ends on the day after its start.
    AllDay {
        /// First day.
        start: NaiveDate,
        /// Day after the last one.
        end: NaiveDate,
    },
    /// Wall-clock times in named zones; a flight may start in one and end in another.
    Zoned {
        /// Start.
        start: ZonedTime,
        /// End, exclusive.
        end: ZonedTime,
    },
    /// Wall-clock times wherever the reader is (RFC 5545 form 1).
    Floating {
        /// Start.
        start: NaiveDateTime,
        /// End, exclusive.
        end: NaiveDateTime,
    },
}

impl When {
    /// The instants of start and end for a reader in `viewer`, which matters to whole days and floating times only.
    ///
    /// What lies in an hour that the reader's clocks skip is moved to the end of it and may lose its length there.
    #[must_use]
    pub fn instants(&self, viewer: Tz) -> (DateTime<Utc>, DateTime<Utc>) {
        let at = |local: NaiveDateTime| ZonedTime::new(local, viewer).instant();
        match *self {
            Self::AllDay { start, end } => (at(start.into()), at(end.into()).max(at(start.into()))),
            Self::Zoned { start, end } => (start.instant(), end.instant()),
            Self::Floating { start, end } => (at(start), at(end).max(at(start))),
        }
    }

    /// The start as an occurrence's name within its series.
    #[must_use]
    pub fn original_start(&self) -> OriginalStart {
        match *self {
            Self::AllDay { start, .. } => OriginalStart::Date { date: start },
            Self::Zoned { start, .. } => OriginalStart::Zoned { time: start },
            Self::Floating { start, .. } => OriginalStart::Floating { time: start },
        }
    }

    /// Whether the event covers whole days.
    #[must_use]
    pub const fn is_all_day(&self) -> bool {
        matches!(self, Self::AllDay { .. })
    }
}

/// Written out by hand, because what serde derives for a tagged enum puts everything aside until it has seen the tag: for
/// a month's view that took longer than all other fields together.
impl<'de> Deserialize<'de> for When {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(rename_all = "snake_case")]
        enum Kind {
            AllDay,
            Zoned,
            Floating,
        }

        #[derive(Deserialize)]
        struct Parts {
            kind: Kind,
            start: Point,
            end: Point,
        }

        let Parts { kind, start, end } = Parts::deserialize(deserializer)?;
        match (kind, start, end) {
            (Kind::AllDay, Point::Day(start), Point::Day(end)) => Ok(Self::AllDay { start, end }),
            (Kind::Zoned, Point::Zoned(start), Point::Zoned(end)) => Ok(Self::Zoned { start, end }),
            (Kind::Floating, Point::Local(start), Point::Local(end)) => Ok(Self::Floating { start, end }),
            _ => Err(Error::custom("start and end are not what this kind of time has")),
        }
    }
}

/// A start or an end of any kind.
enum Point {
    Day(NaiveDate),
    Local(NaiveDateTime),
    Zoned(ZonedTime),
}

impl<'de> Deserialize<'de> for Point {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct AnyPoint;

        impl<'de> Visitor<'de> for AnyPoint {
            type Value = Point;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a day, a wall-clock time, or one in a zone")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Point, E> {
                let point = if text.contains('T') {
                    text.parse().map(Point::Local)
                } else {
                    text.parse().map(Point::Day)
                };
                point.map_err(|_| E::invalid_value(Unexpected::Str(text), &self))
            }

            fn visit_map<A: MapAccess<'de>>(self, time: A) -> Result<Point, A::Error> {
                ZonedTime::deserialize(MapAccessDeserializer::new(time)).map(Point::Zoned)
            }
        }

        deserializer.deserialize_any(AnyPoint)
    }
}

/// Names one occurrence within its series by the start it had before anybody moved it (RFC 5545 RECURRENCE-ID).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum OriginalStart {
    /// An occurrence of an all-day series.
    Date {
        /// The day.
        date: NaiveDate,
    },
    /// An occurrence of a series in a named zone.
    Zoned {
        /// The time; two of these name the same occurrence when their instants are equal.
        time: ZonedTime,
    },
    /// An occurrence of a floating series.
    Floating {
        /// The time.
        time: NaiveDateTime,
    },
}

impl OriginalStart {
    /// A text that is equal for equal occurrences, fit for a unique index: `20261123`, `20261123T090000Z` (the
    /// instant in UTC) or `20261123T090000` (floating).
    #[must_use]
    pub fn key(&self) -> String {
        match self {
            Self::Date { date } => date.format("%Y%m%d").to_string(),
            Self::Zoned { time } => time.instant().format("%Y%m%dT%H%M%SZ").to_string(),
            Self::Floating { time } => time.format("%Y%m%dT%H%M%S").to_string(),
        }
    }
}

/// A stretch of the time line, end exclusive, as one reader sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct TimeWindow {
    /// First instant.
    pub from: DateTime<Utc>,
    /// First instant after the window.
    pub to: DateTime<Utc>,
    /// Where the reader is: decides where whole days and floating times fall.
    #[ts(type = "string")]
    pub viewer: Tz,
}
