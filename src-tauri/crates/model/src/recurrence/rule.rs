//! One recurrence rule (RFC 5545 §3.3.10) as a value: reading it leniently, writing it in one canonical form.

use std::fmt;
use std::str::FromStr;

use chrono::{NaiveDate, NaiveDateTime, NaiveTime, Weekday};

use super::lines::{Moment, read_moment};
use crate::time::{When, ZonedTime};

/// The unit in which a rule steps, coarsest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Frequency {
    Yearly,
    Monthly,
    Weekly,
    Daily,
    Hourly,
    Minutely,
    Secondly,
}

impl Frequency {
    const NAMES: [(&'static str, Self); 7] = [
        ("YEARLY", Self::Yearly),
        ("MONTHLY", Self::Monthly),
        ("WEEKLY", Self::Weekly),
        ("DAILY", Self::Daily),
        ("HOURLY", Self::Hourly),
        ("MINUTELY", Self::Minutely),
        ("SECONDLY", Self::Secondly),
    ];
}

/// An entry of BYDAY: every such weekday of the period, or the nth one, counted from its end when negative.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ByDay {
    pub(super) nth: Option<i8>,
    pub(super) weekday: Weekday,
}

/// A rule, every list sorted and without repetitions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Rule {
    pub(super) frequency: Frequency,
    pub(super) interval: u32,
    pub(super) count: Option<u32>,
    pub(super) until: Option<Moment>,
    pub(super) by_month: Vec<u8>,
    pub(super) by_week_number: Vec<i8>,
    pub(super) by_year_day: Vec<i16>,
    pub(super) by_month_day: Vec<i8>,
    pub(super) by_day: Vec<ByDay>,
    pub(super) by_hour: Vec<u8>,
    pub(super) by_minute: Vec<u8>,
    pub(super) by_second: Vec<u8>,
    pub(super) by_position: Vec<i16>,
    pub(super) week_start: Weekday,
}

impl Rule {
    /// A rule that takes one step per `frequency`, for ever.
    pub(super) const fn every(frequency: Frequency) -> Self {
        Self {
            frequency,
            interval: 1,
            count: None,
            until: None,
            by_month: Vec::new(),
            by_week_number: Vec::new(),
            by_year_day: Vec::new(),
            by_month_day: Vec::new(),
            by_day: Vec::new(),
            by_hour: Vec::new(),
            by_minute: Vec::new(),
            by_second: Vec::new(),
            by_position: Vec::new(),
            week_start: Weekday::Mon,
        }
    }

    /// Reads a rule without its `RRULE:`, and says in a few words what is wrong with one that it cannot read.
    pub(super) fn read(text: &str) -> Result<Self, String> {
        let mut parts: Vec<(String, &str)> = Vec::new();
        for part in text.trim().split(';').map(str::trim).filter(|part| !part.is_empty()) {
            let (name, value) = part.split_once('=').ok_or_else(|| format!("“{part}” has no value"))?;
            let name = name.trim().to_ascii_uppercase();
            if parts.iter().any(|(other, _)| *other == name) {
                return Err(format!("{name} is given twice"));
            }
            parts.push((name, value.trim()));
        }
        let (_, frequency) = parts.iter().find(|(name, _)| name == "FREQ").ok_or("FREQ is missing")?;
        let frequency = Frequency::NAMES
            .into_iter()
            .find(|(name, _)| name.eq_ignore_ascii_case(frequency))
            .ok_or_else(|| format!("FREQ={frequency} is unknown"))?;
        let mut rule = Self::every(frequency.1);
        for (name, value) in &parts {
            rule.read_part(name, value)?;
        }
        rule.settle();
        Ok(rule)
    }

    fn read_part(&mut self, name: &str, value: &str) -> Result<(), String> {
        match name {
            "FREQ" => {}
            "INTERVAL" => self.interval = number(name, value, 1, 100_000_000)?,
            "COUNT" => self.count = Some(number(name, value, 1, u32::MAX)?),
            "UNTIL" => {
                self.until = Some(read_moment(value).ok_or_else(|| format!("UNTIL={value} is no date"))?);
            }
            "BYMONTH" => self.by_month = numbers(name, value, 1, 12)?,
            "BYWEEKNO" => self.by_week_number = signed_numbers(name, value, 53)?,
            "BYYEARDAY" => self.by_year_day = signed_numbers(name, value, 366)?,
            "BYMONTHDAY" => self.by_month_day = signed_numbers(name, value, 31)?,
            "BYDAY" => self.by_day = value.split(',').map(read_by_day).collect::<Result<_, _>>()?,
            "BYHOUR" => self.by_hour = numbers(name, value, 0, 23)?,
            "BYMINUTE" => self.by_minute = numbers(name, value, 0, 59)?,
            // RFC 5545 §3.3.5: who knows no leap seconds takes the 60th for the 59th.
            "BYSECOND" => {
                self.by_second = numbers(name, value, 0, 60)?;
                self.by_second.iter_mut().for_each(|second| *second = (*second).min(59));
            }
            "BYSETPOS" => self.by_position = signed_numbers(name, value, 366)?,
            "WKST" => {
                self.week_start = read_weekday(value).ok_or_else(|| format!("WKST={value} is no weekday"))?;
            }
            // RFC 7529. The Gregorian calendar that skips invalid dates is what RFC 5545 has anyhow.
            "RSCALE" if value.eq_ignore_ascii_case("GREGORIAN") => {}
            "SKIP" if value.eq_ignore_ascii_case("OMIT") => {}
            _ => return Err(format!("{name}={value} is not supported")),
        }
        Ok(())
    }

    /// Brings the parts into canonical order and drops what has no effect, so that equal rules are equal values.
    fn settle(&mut self) {
        fn sort<T: Ord>(list: &mut Vec<T>) {
            list.sort_unstable();
            list.dedup();
        }
        sort(&mut self.by_month);
        sort(&mut self.by_week_number);
        sort(&mut self.by_year_day);
        sort(&mut self.by_month_day);
        sort(&mut self.by_hour);
        sort(&mut self.by_minute);
        sort(&mut self.by_second);
        sort(&mut self.by_position);
        // “The first Monday” of a week or a day says no more than “Monday”; RFC 5545 forbids it, people send it.
        if self.frequency >= Frequency::Weekly {
            self.by_day.iter_mut().for_each(|day| day.nth = None);
        }
        self.by_day.sort_unstable_by_key(|day| (day.nth, day.weekday.num_days_from_monday()));
        self.by_day.dedup();
        let counts_weeks = self.frequency == Frequency::Weekly
            && (self.interval > 1 || !self.by_position.is_empty())
            || !self.by_week_number.is_empty();
        if !counts_weeks {
            self.week_start = Weekday::Mon;
        }
    }

    /// Gives UNTIL the type that RFC 5545 wants beside such a start: a date for whole days, UTC for a named zone,
    /// wall-clock time for floating events.
    pub(super) fn fit_until(&mut self, start: &When) {
        self.until = self.until.map(|until| until.fit_bound(start));
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = Frequency::NAMES.iter().find(|(_, frequency)| *frequency == self.frequency);
        write!(formatter, "FREQ={}", name.map_or("", |(name, _)| name))?;
        if self.interval != 1 {
            write!(formatter, ";INTERVAL={}", self.interval)?;
        }
        if let Some(count) = self.count {
            write!(formatter, ";COUNT={count}")?;
        }
        if let Some(until) = self.until {
            write!(formatter, ";UNTIL={until}")?;
        }
        write_list(formatter, "BYMONTH", &self.by_month)?;
        write_list(formatter, "BYWEEKNO", &self.by_week_number)?;
        write_list(formatter, "BYYEARDAY", &self.by_year_day)?;
        write_list(formatter, "BYMONTHDAY", &self.by_month_day)?;
        write_list(formatter, "BYDAY", &self.by_day)?;
        write_list(formatter, "BYHOUR", &self.by_hour)?;
        write_list(formatter, "BYMINUTE", &self.by_minute)?;
        write_list(formatter, "BYSECOND", &self.by_second)?;
        write_list(formatter, "BYSETPOS", &self.by_position)?;
        if self.week_start != Weekday::Mon {
            write!(formatter, ";WKST={}", weekday_name(self.week_start))?;
        }
        Ok(())
    }
}

impl fmt::Display for ByDay {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(nth) = self.nth {
            write!(formatter, "{nth}")?;
        }
        formatter.write_str(weekday_name(self.weekday))
    }
}

impl Moment {
    /// The same bound in the type that fits `start`. A date without a time closes the whole of that day.
    fn fit_bound(self, start: &When) -> Self {
        match start {
            When::AllDay { .. } => Self::Date(self.date()),
            When::Floating { .. } => Self::Local(self.last_second()),
            When::Zoned { start, .. } => match self {
                Self::Utc(_) => self,
                Self::Date(_) | Self::Local(_) => {
                    Self::Utc(ZonedTime::new(self.last_second(), start.zone).instant().naive_utc())
                }
            },
        }
    }

    const fn date(self) -> NaiveDate {
        match self {
            Self::Date(date) => date,
            Self::Local(time) | Self::Utc(time) => time.date(),
        }
    }

    fn last_second(self) -> NaiveDateTime {
        match self {
            Self::Date(date) => date.and_time(NaiveTime::from_hms_opt(23, 59, 59).unwrap_or_default()),
            Self::Local(time) | Self::Utc(time) => time,
        }
    }
}

fn write_list<T: fmt::Display>(formatter: &mut fmt::Formatter<'_>, name: &str, list: &[T]) -> fmt::Result {
    for (index, item) in list.iter().enumerate() {
        if index == 0 {
            write!(formatter, ";{name}={item}")?;
        } else {
            write!(formatter, ",{item}")?;
        }
    }
    Ok(())
}

fn number<T>(name: &str, text: &str, least: T, most: T) -> Result<T, String>
where
    T: FromStr + PartialOrd + fmt::Display + Copy,
{
    text.trim()
        .parse()
        .ok()
        .filter(|number| (least..=most).contains(number))
        .ok_or_else(|| format!("{name} wants numbers from {least} to {most}, not “{text}”"))
}

fn numbers<T>(name: &str, text: &str, least: T, most: T) -> Result<Vec<T>, String>
where
    T: FromStr + PartialOrd + fmt::Display + Copy,
{
    text.split(',').map(|item| number(name, item, least, most)).collect()
}

/// Numbers from 1 to `most` or, counted from the end, from -1 to -`most`.
fn signed_numbers<T>(name: &str, text: &str, most: T) -> Result<Vec<T>, String>
where
    T: FromStr + PartialOrd + fmt::Display + Copy + std::ops::Neg<Output = T> + Default,
{
    let list = numbers(name, text, -most, most)?;
    if list.iter().any(|number| *number == T::default()) {
        return Err(format!("{name} counts from 1, not from 0"));
    }
    Ok(list)
}

fn read_by_day(text: &str) -> Result<ByDay, String> {
    let text = text.trim();
    let wrong = || format!("BYDAY wants weekdays such as MO or -1FR, not “{text}”");
    let (nth, day) = text.split_at_checked(text.len().saturating_sub(2)).ok_or_else(wrong)?;
    let weekday = read_weekday(day).ok_or_else(wrong)?;
    let nth = if nth.is_empty() { None } else { Some(nth.parse::<i8>().map_err(|_| wrong())?) };
    if nth.is_some_and(|nth| nth == 0 || nth.unsigned_abs() > 53) {
        return Err(wrong());
    }
    Ok(ByDay { nth, weekday })
}

const WEEKDAYS: [(&str, Weekday); 7] = [
    ("MO", Weekday::Mon),
    ("TU", Weekday::Tue),
    ("WE", Weekday::Wed),
    ("TH", Weekday::Thu),
    ("FR", Weekday::Fri),
    ("SA", Weekday::Sat),
    ("SU", Weekday::Sun),
];

/// The weekday that iCalendar calls so, in capitals or not (RFC 5545 §3.3.10).
#[must_use]
pub fn read_weekday(text: &str) -> Option<Weekday> {
    WEEKDAYS.into_iter().find(|(name, _)| name.eq_ignore_ascii_case(text)).map(|(_, weekday)| weekday)
}

/// What iCalendar calls a weekday: `MO` to `SU` (RFC 5545 §3.3.10).
#[must_use]
pub fn weekday_name(weekday: Weekday) -> &'static str {
    WEEKDAYS.into_iter().find(|(_, other)| *other == weekday).map_or("", |(name, _)| name)
}
