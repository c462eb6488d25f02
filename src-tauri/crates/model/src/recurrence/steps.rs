//! Walks along one rule in wall-clock time, from any point on.
//!
//! Days are found by the `rrule` crate, which is given every rule in UTC and a start at the beginning of a period: so
//! no clock change can confuse it, and a series begun long ago is entered at the period before the window. Times
//! within a day, which matter to rules by the hour, minute and second only, are counted here: that is plain
//! arithmetic, and the library loses its step there (see the module's documentation).

use std::collections::VecDeque;

use chrono::{DateTime, Datelike, Days, Months, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Timelike};
use rrule::{NWeekday, RRule, RRuleSet, RRuleSetIter, Tz};

use super::rule::{ByDay, Frequency, Rule};

/// The most starts that one walk yields, and the most days in a row that it searches in vain.
const STEP_LIMIT: usize = 100_000;

/// The starts that a rule gives, ascending, without regard to COUNT, UNTIL or the series' start.
pub(super) enum Steps {
    /// None at all.
    Never,
    /// At the same times on each of some days.
    Days(Box<RRuleSetIter>),
    /// By the hour, minute or second.
    Times(Box<TimeSteps>),
}

impl Steps {
    /// Walks along `rule` for a series that starts at `first`, from the period that contains `from` on, or from the
    /// series' first period when that is later.
    pub(super) fn new(rule: &Rule, first: NaiveDateTime, from: NaiveDateTime) -> Result<Self, String> {
        if !rule.names_a_possible_day() {
            return Ok(Self::Never);
        }
        if rule.frequency >= Frequency::Hourly {
            return Ok(Self::Times(Box::new(TimeSteps::new(rule, first, from)?)));
        }
        let start = enter(rule, first.date(), from.date());
        let days = library_rule(&spell_out(rule, first))?
            .validate(in_utc(start))
            .map_err(|error| error.to_string())?;
        Ok(Self::Days(Box::new(RRuleSet::new(in_utc(start)).limit().rrule(days).into_iter())))
    }
}

impl Iterator for Steps {
    type Item = NaiveDateTime;

    fn next(&mut self) -> Option<NaiveDateTime> {
        match self {
            Self::Never => None,
            Self::Days(days) => days.next().map(|time| time.naive_utc()),
            Self::Times(times) => times.next(),
        }
    }
}

/// Whether the library takes the rule; it has a few limits of its own, such as BYSETPOS within one period.
pub(super) fn check(rule: &Rule) -> Result<(), String> {
    let any = NaiveDate::default().and_time(NaiveTime::default());
    Steps::new(rule, any, any).map(drop)
}

fn in_utc(date: NaiveDate) -> DateTime<Tz> {
    date.and_time(NaiveTime::default()).and_utc().with_timezone(&Tz::UTC)
}

/// The first day of the last period that begins before `from` and in which the rule takes a step.
fn enter(rule: &Rule, first: NaiveDate, from: NaiveDate) -> NaiveDate {
    let interval = i64::from(rule.interval);
    let whole_steps = |periods: i64| u32::try_from(periods.max(0) / interval * interval).unwrap_or(0);
    let months = |date: NaiveDate| i64::from(date.year()) * 12 + i64::from(date.month0());
    let after =
        |date: NaiveDate, days: u32| date.checked_add_days(Days::new(u64::from(days))).unwrap_or(date);
    match rule.frequency {
        Frequency::Yearly => {
            let start = first.with_ordinal(1).unwrap_or(first);
            let years = whole_steps(i64::from(from.year()) - i64::from(first.year()));
            start.checked_add_months(Months::new(years.saturating_mul(12))).unwrap_or(start)
        }
        Frequency::Monthly => {
            let start = first.with_day(1).unwrap_or(first);
            start.checked_add_months(Months::new(whole_steps(months(from) - months(first)))).unwrap_or(start)
        }
        Frequency::Weekly => {
            let start = first.week(rule.week_start).checked_first_day().unwrap_or(first);
            after(start, whole_steps((from - start).num_days() / 7).saturating_mul(7))
        }
        Frequency::Daily | Frequency::Hourly | Frequency::Minutely | Frequency::Secondly => {
            after(first, whole_steps((from - first).num_days()))
        }
    }
}

/// The rule with everything said that it leaves to the series' start (RFC 5545 §3.3.10: "information, not contained
/// in the rule, … is derived from DTSTART"), so that it may be entered anywhere.
fn spell_out(rule: &Rule, first: NaiveDateTime) -> Rule {
    let mut rule = rule.clone();
    if rule.by_hour.is_empty() {
        rule.by_hour = vec![to_u8(first.hour())];
    }
    if rule.by_minute.is_empty() {
        rule.by_minute = vec![to_u8(first.minute())];
    }
    if rule.by_second.is_empty() {
        rule.by_second = vec![to_u8(first.second())];
    }
    let names_no_day = rule.by_day.is_empty() && rule.by_month_day.is_empty() && rule.by_year_day.is_empty();
    if names_no_day && rule.frequency < Frequency::Daily {
        if rule.frequency == Frequency::Weekly || !rule.by_week_number.is_empty() {
            rule.by_day = vec![ByDay { nth: None, weekday: first.weekday() }];
        } else {
            rule.by_month_day = vec![i8::try_from(first.day()).unwrap_or(1)];
            if rule.frequency == Frequency::Yearly && rule.by_month.is_empty() {
                rule.by_month = vec![to_u8(first.month())];
            }
        }
    }
    unite_weekdays(&mut rule);
    rule
}

/// `BYDAY=MO,1FR` means every Monday and the first Friday. The library, as others of its family, would want a day to
/// be both; to say “every Monday” as “the first to the last Monday” makes the entries alike.
fn unite_weekdays(rule: &mut Rule) {
    let is_mixed =
        rule.by_day.iter().any(|day| day.nth.is_some()) && rule.by_day.iter().any(|day| day.nth.is_none());
    if !is_mixed {
        return;
    }
    let most = if rule.frequency == Frequency::Yearly && rule.by_month.is_empty() { 53 } else { 5 };
    let spread = |day: ByDay| match day.nth {
        Some(_) => vec![day],
        None => (1..=most).map(|nth| ByDay { nth: Some(nth), ..day }).collect(),
    };
    rule.by_day = std::mem::take(&mut rule.by_day).into_iter().flat_map(spread).collect();
}

fn library_rule(rule: &Rule) -> Result<RRule<rrule::Unvalidated>, String> {
    let frequency = match rule.frequency {
        Frequency::Yearly => rrule::Frequency::Yearly,
        Frequency::Monthly => rrule::Frequency::Monthly,
        Frequency::Weekly => rrule::Frequency::Weekly,
        Frequency::Daily | Frequency::Hourly | Frequency::Minutely | Frequency::Secondly => {
            rrule::Frequency::Daily
        }
    };
    // Counted in days the library's own limit of 65535 lies 180 years off; a year is as far as anybody plans.
    let interval =
        u16::try_from(rule.interval).map_err(|_| format!("INTERVAL={} is too large", rule.interval))?;
    let months: Vec<chrono::Month> =
        rule.by_month.iter().filter_map(|month| (*month).try_into().ok()).collect();
    let weekdays = rule.by_day.iter().map(|day| NWeekday::new(day.nth.map(i16::from), day.weekday)).collect();
    Ok(RRule::new(frequency)
        .interval(interval)
        .week_start(rule.week_start)
        .by_month(&months)
        .by_week_no(rule.by_week_number.clone())
        .by_year_day(rule.by_year_day.clone())
        .by_month_day(rule.by_month_day.clone())
        .by_weekday(weekdays)
        .by_hour(rule.by_hour.clone())
        .by_minute(rule.by_minute.clone())
        .by_second(rule.by_second.clone())
        .by_set_pos(rule.by_position.iter().copied().map(i32::from).collect()))
}

/// The walk along a rule by the hour, minute or second: the library names the days, and on each of them every
/// `stride`th unit since the series' start is looked at.
pub(super) struct TimeSteps {
    rule: Rule,
    days: Box<Steps>,
    /// The unit of the series' start: a whole hour, minute or second.
    origin: NaiveDateTime,
    /// Seconds from one step to the next.
    stride: i64,
    /// The day that the walk has come to.
    day: Option<NaiveDate>,
    /// The next step, on that day or beyond it.
    at: NaiveDateTime,
    /// What the present unit holds, still to be yielded.
    ready: VecDeque<NaiveDateTime>,
    yielded: usize,
}

impl TimeSteps {
    fn new(rule: &Rule, first: NaiveDateTime, from: NaiveDateTime) -> Result<Self, String> {
        let mut rule = rule.clone();
        let (unit, into_unit) = match rule.frequency {
            Frequency::Secondly => (1, 0),
            Frequency::Minutely => (60, first.second()),
            _ => (3600, first.minute() * 60 + first.second()),
        };
        if rule.by_second.is_empty() && rule.frequency < Frequency::Secondly {
            rule.by_second = vec![to_u8(first.second())];
        }
        if rule.by_minute.is_empty() && rule.frequency < Frequency::Minutely {
            rule.by_minute = vec![to_u8(first.minute())];
        }
        let days = Rule {
            by_month: rule.by_month.clone(),
            by_week_number: rule.by_week_number.clone(),
            by_year_day: rule.by_year_day.clone(),
            by_month_day: rule.by_month_day.clone(),
            by_day: rule.by_day.clone(),
            week_start: rule.week_start,
            ..Rule::every(Frequency::Daily)
        };
        let midnight = first.date().and_time(NaiveTime::default());
        let origin = first - TimeDelta::seconds(i64::from(into_unit));
        Ok(Self {
            stride: i64::from(rule.interval) * unit,
            days: Box::new(Steps::new(&days, midnight, from)?),
            origin,
            rule,
            day: None,
            at: origin,
            ready: VecDeque::new(),
            yielded: 0,
        })
    }

    /// The first step that is not before `time`.
    fn step_from(&self, time: NaiveDateTime) -> NaiveDateTime {
        let behind = (time - self.origin).num_seconds().max(0);
        let steps = behind / self.stride + i64::from(behind % self.stride != 0);
        self.origin + TimeDelta::seconds(steps * self.stride)
    }

    /// Fills `ready` from the present day, as far as the next unit that holds something. False when the day is over.
    fn search_day(&mut self) -> bool {
        while self.day == Some(self.at.date()) {
            let at = self.at;
            // Whole hours and minutes that BYHOUR and BYMINUTE leave out are passed over at once.
            let passed = if !allows(&self.rule.by_hour, at.hour()) {
                Some((3600, i64::from(at.minute() * 60 + at.second())))
            } else if self.rule.frequency > Frequency::Hourly && !allows(&self.rule.by_minute, at.minute()) {
                Some((60, i64::from(at.second())))
            } else {
                None
            };
            let next = passed
                .map_or(at + TimeDelta::seconds(1), |(unit, into)| at + TimeDelta::seconds(unit - into));
            self.at = self.step_from(next);
            if passed.is_none() {
                self.fill(at);
                if !self.ready.is_empty() {
                    return true;
                }
            }
        }
        false
    }

    /// Puts what the rule yields within the unit that begins at `at` into `ready`.
    fn fill(&mut self, at: NaiveDateTime) {
        let this_minute = [to_u8(at.minute())];
        let this_second = [to_u8(at.second())];
        let minutes: &[u8] =
            if self.rule.frequency == Frequency::Hourly { &self.rule.by_minute } else { &this_minute };
        let seconds: &[u8] = if self.rule.frequency < Frequency::Secondly {
            &self.rule.by_second
        } else if allows(&self.rule.by_second, at.second()) {
            &this_second
        } else {
            &[]
        };
        let all = minutes.iter().flat_map(|minute| {
            seconds
                .iter()
                .filter_map(move |second| at.with_minute((*minute).into())?.with_second((*second).into()))
        });
        if self.rule.by_position.is_empty() {
            self.ready.extend(all);
            return;
        }
        let all: Vec<NaiveDateTime> = all.collect();
        let mut chosen: Vec<NaiveDateTime> = self
            .rule
            .by_position
            .iter()
            .filter_map(|position| {
                let place = usize::from(position.unsigned_abs());
                let index = if *position > 0 { place.checked_sub(1) } else { all.len().checked_sub(place) };
                all.get(index?).copied()
            })
            .collect();
        chosen.sort_unstable();
        chosen.dedup();
        self.ready.extend(chosen);
    }
}

impl Iterator for TimeSteps {
    type Item = NaiveDateTime;

    fn next(&mut self) -> Option<NaiveDateTime> {
        let mut in_vain = 0;
        while self.ready.is_empty() && !self.search_day() {
            in_vain += 1;
            let midnight = self.days.next().filter(|_| in_vain < STEP_LIMIT)?;
            self.day = Some(midnight.date());
            self.at = self.step_from(midnight);
        }
        self.yielded += 1;
        self.ready.pop_front().filter(|_| self.yielded <= STEP_LIMIT)
    }
}

fn allows(list: &[u8], value: u32) -> bool {
    list.is_empty() || list.contains(&to_u8(value))
}

/// Hours, minutes, seconds, days and months all fit.
fn to_u8(part: u32) -> u8 {
    u8::try_from(part).unwrap_or(u8::MAX)
}
