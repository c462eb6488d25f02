//! Which days a rule names, period by period.

use chrono::{Datelike, Days, Months, NaiveDate, Weekday};

use super::rule::{ByDay, Frequency, Rule};

/// The Gregorian calendar repeats itself after 400 years: a rule that was silent for so long stays silent.
pub(super) const SILENCE: Days = Days::new(146_097);

/// One year, month, week or day of a rule, by its first day.
#[derive(Clone, Copy, Debug)]
pub(super) struct Periods {
    frequency: Frequency,
    interval: u32,
    next: Option<NaiveDate>,
}

impl Periods {
    /// The periods in which `rule` takes its steps, if the series starts at `first`: from the last one that begins on
    /// or before `from`, or from the series' first one when that is later.
    pub(super) fn new(rule: &Rule, first: NaiveDate, from: NaiveDate) -> Self {
        let interval = i64::from(rule.interval);
        let start = match rule.frequency {
            Frequency::Yearly => first.with_ordinal(1),
            Frequency::Monthly => first.with_day(1),
            Frequency::Weekly => first.week(rule.week_start).checked_first_day(),
            Frequency::Daily | Frequency::Hourly | Frequency::Minutely | Frequency::Secondly => Some(first),
        };
        let start = start.unwrap_or(first);
        let months = |date: NaiveDate| i64::from(date.year()) * 12 + i64::from(date.month0());
        let passed = match rule.frequency {
            Frequency::Yearly => i64::from(from.year()) - i64::from(start.year()),
            Frequency::Monthly => months(from) - months(start),
            Frequency::Weekly => (from - start).num_days().div_euclid(7),
            Frequency::Daily | Frequency::Hourly | Frequency::Minutely | Frequency::Secondly => {
                (from - start).num_days()
            }
        };
        let whole_steps = u32::try_from(passed.max(0) / interval * interval).unwrap_or(u32::MAX);
        let next = after(rule.frequency, start, whole_steps);
        Self { frequency: rule.frequency, interval: rule.interval, next }
    }
}

impl Iterator for Periods {
    type Item = NaiveDate;

    fn next(&mut self) -> Option<NaiveDate> {
        let period = self.next?;
        self.next = after(self.frequency, period, self.interval);
        Some(period)
    }
}

/// The first day of the period that is `count` periods later, as long as the calendar reaches.
fn after(frequency: Frequency, period: NaiveDate, count: u32) -> Option<NaiveDate> {
    match frequency {
        Frequency::Yearly => period.checked_add_months(Months::new(count.checked_mul(12)?)),
        Frequency::Monthly => period.checked_add_months(Months::new(count)),
        Frequency::Weekly => period.checked_add_days(Days::new(u64::from(count) * 7)),
        Frequency::Daily | Frequency::Hourly | Frequency::Minutely | Frequency::Secondly => {
            period.checked_add_days(Days::new(u64::from(count)))
        }
    }
}

/// The day parts of a rule, fit for asking them about every day of a period.
#[derive(Clone, Debug)]
pub(super) struct DayFilter {
    frequency: Frequency,
    week_start: Weekday,
    /// Bit n stands for month n; no bit for any.
    months: u16,
    /// Bit n stands for the nth of the month, counted from its start and from its end.
    month_days: u32,
    month_days_from_end: u32,
    year_days: Vec<i16>,
    week_numbers: Vec<i8>,
    /// Bit n stands for every weekday that is n days after Monday.
    weekdays: u8,
    numbered_weekdays: Vec<ByDay>,
}

/// A day with what the parts of a rule ask about it.
#[derive(Clone, Copy)]
struct Day {
    date: NaiveDate,
    month: u32,
    in_month: u32,
    days_in_month: u32,
    weekday: u32,
}

impl DayFilter {
    /// What `rule` wants of a day, for a series that starts on `first`.
    ///
    /// A rule that names no day means the one of the series' start (RFC 5545 §3.3.10: “information, not contained in
    /// the rule, … \[is\] derived from DTSTART”).
    pub(super) fn new(rule: &Rule, first: NaiveDate) -> Self {
        let bits = |numbers: &mut dyn Iterator<Item = i8>| {
            numbers.filter(|number| *number > 0).fold(0_u32, |bits, number| bits | 1_u32 << number)
        };
        let mut filter = Self {
            frequency: rule.frequency,
            week_start: rule.week_start,
            months: rule.by_month.iter().fold(0, |bits, month| bits | 1 << month),
            month_days: bits(&mut rule.by_month_day.iter().copied()),
            month_days_from_end: bits(&mut rule.by_month_day.iter().map(|day| day.saturating_neg())),
            year_days: rule.by_year_day.clone(),
            week_numbers: rule.by_week_number.clone(),
            weekdays: rule
                .by_day
                .iter()
                .filter(|day| day.nth.is_none())
                .fold(0, |bits, day| bits | 1 << day.weekday.num_days_from_monday()),
            numbered_weekdays: rule.by_day.iter().copied().filter(|day| day.nth.is_some()).collect(),
        };
        let names_no_day =
            rule.by_day.is_empty() && rule.by_month_day.is_empty() && rule.by_year_day.is_empty();
        if names_no_day && rule.frequency < Frequency::Daily {
            filter.take_day_of(first);
        }
        filter
    }

    fn take_day_of(&mut self, first: NaiveDate) {
        if self.frequency == Frequency::Weekly || !self.week_numbers.is_empty() {
            self.weekdays = 1 << first.weekday().num_days_from_monday();
            return;
        }
        self.month_days = 1 << first.day();
        if self.frequency == Frequency::Yearly && self.months == 0 {
            self.months = 1 << first.month();
        }
    }

    /// Puts the days of the period that begins on `period` which pass into `days`, in order.
    pub(super) fn days_of(&self, period: NaiveDate, days: &mut Vec<NaiveDate>) {
        match self.frequency {
            Frequency::Yearly => {
                for month in 1..=12 {
                    self.days_of_month(period.with_month(month), days);
                }
            }
            Frequency::Monthly => self.days_of_month(Some(period), days),
            Frequency::Weekly => {
                days.extend(period.iter_days().take(7).filter(|date| self.passes(Day::of(*date))));
            }
            Frequency::Daily | Frequency::Hourly | Frequency::Minutely | Frequency::Secondly => {
                days.extend(Some(period).filter(|date| self.passes(Day::of(*date))));
            }
        }
    }

    fn days_of_month(&self, month: Option<NaiveDate>, days: &mut Vec<NaiveDate>) {
        let Some(date) = month.filter(|month| self.passes_month(month.month())) else { return };
        let mut day = Day::of(date);
        for date in date.iter_days().take(usize::from(date.num_days_in_month())) {
            day.date = date;
            if self.passes(day) {
                days.push(date);
            }
            day.in_month += 1;
            day.weekday = (day.weekday + 1) % 7;
        }
    }

    const fn passes_month(&self, month: u32) -> bool {
        self.months == 0 || self.months & 1 << month != 0
    }

    fn passes(&self, day: Day) -> bool {
        self.passes_month(day.month)
            && self.passes_month_day(day)
            && self.passes_weekday(day)
            && (self.year_days.is_empty() || self.passes_year_day(day.date))
            && (self.week_numbers.is_empty() || self.passes_week_number(day.date))
    }

    const fn passes_month_day(&self, day: Day) -> bool {
        self.month_days | self.month_days_from_end == 0
            || self.month_days & 1 << day.in_month != 0
            || self.month_days_from_end & 1 << (day.days_in_month - day.in_month + 1) != 0
    }

    /// `BYDAY=MO,1FR` means every Monday and the first Friday.
    fn passes_weekday(&self, day: Day) -> bool {
        self.weekdays == 0 && self.numbered_weekdays.is_empty()
            || self.weekdays & 1 << day.weekday != 0
            || self.numbered_weekdays.iter().any(|wanted| {
                wanted.weekday.num_days_from_monday() == day.weekday
                    && wanted.nth.is_some_and(|nth| self.is_nth(i64::from(nth), day))
            })
    }

    /// Whether it is the nth such weekday of its month or, in a yearly rule without months, of its year.
    fn is_nth(&self, nth: i64, day: Day) -> bool {
        let (before, from_end) = if self.frequency == Frequency::Yearly && self.months == 0 {
            (day.date.ordinal0(), days_in_year(day.date) - day.date.ordinal())
        } else {
            (day.in_month - 1, day.days_in_month - day.in_month)
        };
        let (place, place_from_end) = (before / 7 + 1, from_end / 7 + 1);
        nth == i64::from(place) || nth == -i64::from(place_from_end)
    }

    fn passes_year_day(&self, date: NaiveDate) -> bool {
        let from_start = i64::from(date.ordinal());
        let from_end = from_start - i64::from(days_in_year(date)) - 1;
        self.year_days.iter().any(|wanted| i64::from(*wanted) == from_start || i64::from(*wanted) == from_end)
    }

    fn passes_week_number(&self, date: NaiveDate) -> bool {
        let Some((year, number)) = week_of(date, self.week_start) else { return false };
        let from_end = number - weeks_in_year(year, self.week_start) - 1;
        self.week_numbers.iter().any(|wanted| i32::from(*wanted) == number || i32::from(*wanted) == from_end)
    }
}

impl Day {
    fn of(date: NaiveDate) -> Self {
        Self {
            date,
            month: date.month(),
            in_month: date.day(),
            days_in_month: u32::from(date.num_days_in_month()),
            weekday: date.weekday().num_days_from_monday(),
        }
    }
}

const fn days_in_year(date: NaiveDate) -> u32 {
    if date.leap_year() { 366 } else { 365 }
}

/// The year and number of the week that contains `date`; a week belongs to the year that has at least four of its
/// days (RFC 5545 §3.3.10, BYWEEKNO).
fn week_of(date: NaiveDate, week_start: Weekday) -> Option<(i32, i32)> {
    let middle = date.week(week_start).checked_first_day()?.checked_add_days(Days::new(3))?;
    Some((middle.year(), i32::try_from(middle.ordinal0()).ok()? / 7 + 1))
}

fn weeks_in_year(year: i32, week_start: Weekday) -> i32 {
    // The last days of December may belong to the next year, a week earlier they do not.
    [31, 24]
        .into_iter()
        .filter_map(|day| week_of(NaiveDate::from_ymd_opt(year, 12, day)?, week_start))
        .find(|(week_year, _)| *week_year == year)
        .map_or(52, |(_, number)| number)
}
