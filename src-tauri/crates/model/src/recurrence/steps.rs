//! Walks along one rule in wall-clock time, from any point on: the days are found by [`super::days`], the times of each
//! day are put together here. No walk is longer than its bound or its patience, whatever the rule.

use std::collections::VecDeque;
use std::ops::Range;

use chrono::{NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Timelike};

use super::days::{DayFilter, Periods, SILENCE};
use super::rule::{Frequency, Rule};

/// How many hours, minutes or seconds in a row are looked at in vain by a rule that steps along them.
const PATIENCE: usize = 100_000;

/// The starts that a rule gives, ascending, without regard to COUNT, UNTIL or the series' start.
pub(super) enum Steps {
    /// At the same times on each of some days.
    Days(Box<DaySteps>),
    /// By the hour, minute or second.
    Times(Box<TimeSteps>),
}

impl Steps {
    /// Walks along `rule` for a series that starts at `first`, from the period that contains `from` or the series'
    /// first period, whichever is later, to the one that contains `to`.
    pub(super) fn new(rule: &Rule, first: NaiveDateTime, from: NaiveDateTime, to: NaiveDateTime) -> Self {
        if rule.frequency >= Frequency::Hourly {
            Self::Times(Box::new(TimeSteps::new(rule, first, from, to)))
        } else {
            Self::Days(Box::new(DaySteps::new(rule, first, from, to)))
        }
    }
}

impl Iterator for Steps {
    type Item = NaiveDateTime;

    fn next(&mut self) -> Option<NaiveDateTime> {
        match self {
            Self::Days(days) => days.next(),
            Self::Times(times) => times.next(),
        }
    }
}

/// The walk along a rule by the year, month, week or day.
pub(super) struct DaySteps {
    periods: Periods,
    filter: DayFilter,
    times: Vec<NaiveTime>,
    positions: Vec<i16>,
    /// Days before this one are of no interest.
    from: NaiveDate,
    /// No period that begins after this day is entered.
    last: NaiveDate,
    /// The last period that held something, or the first of all.
    heard: Option<NaiveDate>,
    /// The days of the present period. Each of its starts has an index: that of its day, times the number of times of
    /// day, plus that of its time. A rule may name every second of a year, so they are never all written down.
    days: Vec<NaiveDate>,
    /// What BYSETPOS chooses of them.
    chosen: Vec<usize>,
    /// What is still to be yielded of them, as indices into `chosen` if BYSETPOS is there to choose.
    ahead: Range<usize>,
}

impl DaySteps {
    fn new(rule: &Rule, first: NaiveDateTime, from: NaiveDateTime, to: NaiveDateTime) -> Self {
        Self {
            periods: Periods::new(rule, first.date(), from.date()),
            filter: DayFilter::new(rule, first.date()),
            times: times_of_day(rule, first.time()),
            positions: rule.by_position.clone(),
            from: from.date(),
            last: to.date(),
            heard: None,
            days: Vec::new(),
            chosen: Vec::new(),
            ahead: 0..0,
        }
    }

    fn enter(&mut self, period: NaiveDate) {
        self.days.clear();
        self.filter.days_of(period, &mut self.days);
        let count = self.days.len() * self.times.len();
        self.ahead = if self.positions.is_empty() {
            self.days.partition_point(|day| *day < self.from) * self.times.len()..count
        } else {
            self.chosen = chosen(&self.positions, count);
            0..self.chosen.len()
        };
        if !self.ahead.is_empty() {
            self.heard = Some(period);
        }
    }

    fn start_at(&self, place: usize) -> Option<NaiveDateTime> {
        let index = if self.positions.is_empty() { place } else { *self.chosen.get(place)? };
        let day = self.days.get(index.checked_div(self.times.len())?)?;
        Some(day.and_time(*self.times.get(index % self.times.len())?))
    }
}

impl Iterator for DaySteps {
    type Item = NaiveDateTime;

    fn next(&mut self) -> Option<NaiveDateTime> {
        while self.ahead.is_empty() {
            let period = self.periods.next().filter(|period| *period <= self.last)?;
            if is_silent(&mut self.heard, period) {
                return None;
            }
            self.enter(period);
        }
        let place = self.ahead.next()?;
        self.start_at(place)
    }
}

/// Whether a rule that was last heard of on `heard`, or begins now, has been silent for too long.
fn is_silent(heard: &mut Option<NaiveDate>, now: NaiveDate) -> bool {
    let heard = *heard.get_or_insert(now);
    heard.checked_add_days(SILENCE).is_none_or(|end| now > end)
}

/// The times of day that a rule names, those of the series' start where it is silent.
fn times_of_day(rule: &Rule, first: NaiveTime) -> Vec<NaiveTime> {
    let hours = named_or(&rule.by_hour, first.hour());
    let minutes = named_or(&rule.by_minute, first.minute());
    let seconds = named_or(&rule.by_second, first.second());
    let mut times = Vec::with_capacity(hours.len() * minutes.len() * seconds.len());
    for hour in &hours {
        for minute in &minutes {
            times
                .extend(seconds.iter().filter_map(|second| NaiveTime::from_hms_opt(*hour, *minute, *second)));
        }
    }
    times
}

fn named_or(list: &[u8], value: u32) -> Vec<u32> {
    if list.is_empty() { vec![value] } else { list.iter().copied().map(u32::from).collect() }
}

/// The indices that BYSETPOS chooses among the `count` starts of one period.
fn chosen(positions: &[i16], count: usize) -> Vec<usize> {
    let mut indices: Vec<usize> =
        positions.iter().filter_map(|position| index_of(*position, count)).collect();
    indices.sort_unstable();
    indices.dedup();
    indices
}

/// Takes all `count` starts of one unit, or what BYSETPOS chooses of them.
fn pick(
    positions: &[i16],
    count: usize,
    at: impl Fn(usize) -> Option<NaiveDateTime>,
    picked: &mut VecDeque<NaiveDateTime>,
) {
    if positions.is_empty() {
        picked.extend((0..count).filter_map(at));
    } else {
        picked.extend(chosen(positions, count).into_iter().filter_map(at));
    }
}

/// The index among `count` things that a position means which counts from 1, or from the end when it is negative.
fn index_of(position: i16, count: usize) -> Option<usize> {
    let place = usize::from(position.unsigned_abs());
    let index = if position > 0 { place.checked_sub(1) } else { count.checked_sub(place) };
    index.filter(|index| *index < count)
}

/// The walk along a rule by the hour, minute or second: on every day that the rule allows, each `stride`th unit since
/// the series' start is looked at.
pub(super) struct TimeSteps {
    rule: Rule,
    days: DaySteps,
    /// Minutes and seconds within an hour, or seconds within a minute, at which a unit yields.
    minutes: Vec<u32>,
    seconds: Vec<u32>,
    /// The unit of the series' start: a whole hour, minute or second.
    origin: NaiveDateTime,
    /// Seconds from one step to the next.
    stride: i64,
    /// The last day that held something, or the first of all.
    heard: Option<NaiveDate>,
    /// Nothing before this is of interest.
    from: NaiveDateTime,
    /// The day that the walk has come to.
    day: Option<NaiveDate>,
    /// The next step, on that day or beyond it; none at the end of the calendar.
    at: Option<NaiveDateTime>,
    ready: VecDeque<NaiveDateTime>,
}

impl TimeSteps {
    fn new(rule: &Rule, first: NaiveDateTime, from: NaiveDateTime, to: NaiveDateTime) -> Self {
        let (unit, into_unit) = match rule.frequency {
            Frequency::Secondly => (1, 0),
            Frequency::Minutely => (60, first.second()),
            _ => (3600, first.minute() * 60 + first.second()),
        };
        let by_day = Rule {
            by_month: rule.by_month.clone(),
            by_week_number: rule.by_week_number.clone(),
            by_year_day: rule.by_year_day.clone(),
            by_month_day: rule.by_month_day.clone(),
            by_day: rule.by_day.clone(),
            week_start: rule.week_start,
            ..Rule::every(Frequency::Daily)
        };
        let midnight = first.date().and_time(NaiveTime::MIN);
        Self {
            days: DaySteps::new(&by_day, midnight, from, to),
            minutes: named_or(&rule.by_minute, first.minute()),
            seconds: named_or(&rule.by_second, first.second()),
            origin: first - TimeDelta::seconds(i64::from(into_unit)),
            stride: i64::from(rule.interval) * unit,
            rule: rule.clone(),
            // The unit that contains `from` may begin before it.
            from: from.checked_sub_signed(TimeDelta::seconds(unit)).unwrap_or(from),
            heard: None,
            day: None,
            at: None,
            ready: VecDeque::new(),
        }
    }

    /// The first step that is not before `time`.
    fn step_from(&self, time: NaiveDateTime) -> Option<NaiveDateTime> {
        let behind = (time - self.origin).num_seconds().max(0);
        let steps = behind / self.stride + i64::from(behind % self.stride != 0);
        self.origin.checked_add_signed(TimeDelta::try_seconds(steps.checked_mul(self.stride)?)?)
    }

    /// Looks at the next unit of the present day. False when the day is over.
    fn look(&mut self) -> bool {
        let Some(at) = self.at.filter(|at| self.day == Some(at.date())) else { return false };
        let passed = self.passed_over(at);
        let seconds = passed.unwrap_or(1);
        self.at = at.checked_add_signed(TimeDelta::seconds(seconds)).and_then(|next| self.step_from(next));
        if passed.is_none() {
            self.take_unit(at);
        }
        true
    }

    /// Whole hours and minutes that BYHOUR and BYMINUTE leave out are passed over at once: the seconds to their end.
    fn passed_over(&self, at: NaiveDateTime) -> Option<i64> {
        let allows =
            |list: &[u8], value: u32| list.is_empty() || list.iter().any(|item| u32::from(*item) == value);
        if !allows(&self.rule.by_hour, at.hour()) {
            Some(i64::from(3600 - at.minute() * 60 - at.second()))
        } else if self.rule.frequency > Frequency::Hourly && !allows(&self.rule.by_minute, at.minute()) {
            Some(i64::from(60 - at.second()))
        } else if self.rule.frequency == Frequency::Secondly && !allows(&self.rule.by_second, at.second()) {
            Some(1)
        } else {
            None
        }
    }

    /// Puts what the rule yields within the unit that begins at `at` into `ready`.
    fn take_unit(&mut self, at: NaiveDateTime) {
        let positions = &self.rule.by_position;
        match self.rule.frequency {
            Frequency::Secondly => pick(positions, 1, |_| Some(at), &mut self.ready),
            Frequency::Minutely => {
                let within = |index: usize| at.with_second(*self.seconds.get(index)?);
                pick(positions, self.seconds.len(), within, &mut self.ready);
            }
            _ => {
                let count = self.seconds.len();
                let within = |index: usize| {
                    at.with_minute(*self.minutes.get(index / count)?)?
                        .with_second(*self.seconds.get(index % count)?)
                };
                pick(positions, self.minutes.len() * count, within, &mut self.ready);
            }
        }
    }
}

impl Iterator for TimeSteps {
    type Item = NaiveDateTime;

    fn next(&mut self) -> Option<NaiveDateTime> {
        let mut in_vain = 0;
        while self.ready.is_empty() {
            in_vain += 1;
            if in_vain > PATIENCE {
                return None;
            }
            if !self.look() {
                let midnight =
                    self.days.next().filter(|midnight| !is_silent(&mut self.heard, midnight.date()))?;
                self.day = Some(midnight.date());
                self.at = self.step_from(midnight.max(self.from));
            }
        }
        self.heard = self.day;
        self.ready.pop_front()
    }
}
