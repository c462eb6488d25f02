//! Where an occurrence falls on the time line: from a start on the wall clock to a start and an end.

use chrono::{DateTime, Days, NaiveDateTime, NaiveTime, TimeDelta, Utc};
use chrono_tz::Tz;

use super::Occurrence;
use super::lines::fit;
use crate::time::{OriginalStart, TimeWindow, When, ZonedTime};

/// The start of an event on its own wall clock; midnight for whole days.
pub(super) fn local_start(when: &When) -> NaiveDateTime {
    match *when {
        When::AllDay { start, .. } => start.and_time(NaiveTime::MIN),
        When::Zoned { start, .. } => start.local,
        When::Floating { start, .. } => start,
    }
}

/// The longest that an occurrence of the series lasts, but for a clock change.
pub(super) fn longest(first: &When) -> TimeDelta {
    match *first {
        When::AllDay { start, end } => end - start,
        When::Floating { start, end } => end - start,
        When::Zoned { start, end } => (end.instant() - start.instant()).max(end.local - start.local),
    }
}

/// A series as seen by a reader.
pub(super) struct Series<'a> {
    pub(super) first: &'a When,
    pub(super) first_local: NaiveDateTime,
    viewer: Tz,
}

impl<'a> Series<'a> {
    pub(super) fn new(first: &'a When, viewer: Tz) -> Self {
        Self { first, first_local: local_start(first), viewer }
    }

    /// The zone in which starts are read.
    pub(super) const fn start_zone(&self) -> Tz {
        match *self.first {
            When::Zoned { start, .. } => start.zone,
            When::AllDay { .. } | When::Floating { .. } => self.viewer,
        }
    }

    /// The occurrence that starts at `local` on the series' own wall clock.
    pub(super) fn place(&self, local: NaiveDateTime) -> Placed {
        // The first occurrence is taken as it stands: it alone may say which of two equal readings it means.
        if local == self.first_local {
            let (start, end) = self.first.instants(self.viewer);
            let zoned = matches!(self.first, When::Zoned { .. });
            return Placed::new(self.first.original_start(), *self.first, start, end, local, zoned);
        }
        match *self.first {
            When::AllDay { start, end } => {
                let day = local.date();
                let days = Days::new(u64::try_from((end - start).num_days()).unwrap_or(0));
                self.place_nominal(When::AllDay {
                    start: day,
                    end: day.checked_add_days(days).unwrap_or(day),
                })
            }
            When::Floating { start, end } => {
                let end = local.checked_add_signed(end - start).unwrap_or(local);
                self.place_nominal(When::Floating { start: local, end })
            }
            When::Zoned { start: first, .. } => {
                let (start, instant) = ZonedTime::settled(local, first.zone);
                self.place_zoned(start, instant, local)
            }
        }
    }

    /// The occurrence that an RDATE names. Beside a timed series a date lends the day only.
    pub(super) fn place_date(&self, date: OriginalStart) -> Placed {
        match (fit(date, self.first), self.first) {
            (OriginalStart::Zoned { time }, When::Zoned { start, .. })
                if time.instant() != start.instant() =>
            {
                self.place_zoned(time, time.instant(), time.local)
            }
            (OriginalStart::Zoned { .. }, _) => self.place(self.first_local),
            (OriginalStart::Floating { time }, _) => self.place(time),
            (OriginalStart::Date { date }, _) => self.place(date.and_time(self.first_local.time())),
        }
    }

    fn place_nominal(&self, when: When) -> Placed {
        let (start, end) = when.instants(self.viewer);
        Placed::new(when.original_start(), when, start, end, local_start(&when), false)
    }

    /// `wall` is what the rule said, which in a gap is not what the clock showed.
    fn place_zoned(&self, start: ZonedTime, instant: DateTime<Utc>, wall: NaiveDateTime) -> Placed {
        let (end, end_instant) = self.end_of(instant, wall);
        let when = When::Zoned { start, end };
        Placed::new(OriginalStart::Zoned { time: start }, when, instant, end_instant, start.local, true)
    }

    fn end_of(&self, start: DateTime<Utc>, wall: NaiveDateTime) -> (ZonedTime, DateTime<Utc>) {
        let When::Zoned { start: first_start, end: first_end } = *self.first else {
            return (ZonedTime::at(start, self.viewer), start);
        };
        if first_start.zone == first_end.zone {
            let nominal = first_end.local - first_start.local;
            let (end, instant) = ZonedTime::settled(wall + nominal, first_end.zone);
            // In a gap the start moves but the end may not; and of an hour shown twice the event may fill both.
            if instant > start || nominal == TimeDelta::zero() {
                return (end, instant);
            }
        }
        let instant = start + (first_end.instant() - first_start.instant());
        (ZonedTime::at(instant, first_end.zone), instant)
    }
}

/// An occurrence on the time line.
#[derive(Clone, Copy)]
pub(super) struct Placed {
    pub(super) occurrence: Occurrence,
    pub(super) start: DateTime<Utc>,
    end: DateTime<Utc>,
    /// The start on the wall.
    pub(super) local: NaiveDateTime,
    zoned: bool,
}

/// What makes two starts of one series the same: the instant in a zone (in UTC), the wall-clock time elsewhere.
pub(super) type Identity = NaiveDateTime;

impl Placed {
    const fn new(
        original_start: OriginalStart,
        when: When,
        start: DateTime<Utc>,
        end: DateTime<Utc>,
        local: NaiveDateTime,
        zoned: bool,
    ) -> Self {
        Self { occurrence: Occurrence { original_start, when }, start, end, local, zoned }
    }

    pub(super) fn is_within(&self, window: &TimeWindow) -> bool {
        overlaps(self.start, self.end, window)
    }

    pub(super) const fn identity(&self) -> Identity {
        if self.zoned { self.start.naive_utc() } else { self.local }
    }
}

/// Whether a stretch of time is seen in the window; an empty one is when it starts there.
pub(super) fn overlaps(start: DateTime<Utc>, end: DateTime<Utc>, window: &TimeWindow) -> bool {
    start < window.to && (end > window.from || start >= window.from)
}
