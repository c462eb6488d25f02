//! How a series follows when a person moves it.
//!
//! “All events” dragged from Monday ten o'clock to Tuesday eleven means that every occurrence moves by a day and an
//! hour on the wall clock. What names occurrences by their start (the keys of overrides, EXDATE, RDATE, UNTIL) has to
//! move along, and so does a rule that names the day. Only what the person left alone is adapted: a rule that they
//! chose anew is theirs.

use chrono::{Datelike, Days, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta};
use synodic_model::recurrence::{read_weekday, weekday_name};
use synodic_model::{EventContent, OriginalStart, Recurrence, When, ZonedTime};

/// A move of a series' start on the wall clock.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shift {
    from: When,
    to: When,
}

impl Shift {
    /// None when the start stays where it is, whatever happens to the end.
    pub(super) fn between(from: &When, to: &When) -> Option<Self> {
        let is_same = from.original_start() == to.original_start();
        (!is_same).then_some(Self { from: *from, to: *to })
    }

    /// Where the move brings the occurrence that began at `start`.
    pub(super) fn moved(&self, start: &OriginalStart) -> OriginalStart {
        let local = self.reading(start) + self.by();
        match self.to {
            When::AllDay { .. } => OriginalStart::Date { date: local.date() },
            When::Zoned { start, .. } => OriginalStart::Zoned { time: ZonedTime::new(local, start.zone) },
            When::Floating { .. } => OriginalStart::Floating { time: local },
        }
    }

    fn by(&self) -> TimeDelta {
        start_reading(&self.to) - start_reading(&self.from)
    }

    fn days(&self) -> i64 {
        (start_reading(&self.to).date() - start_reading(&self.from).date()).num_days()
    }

    /// What the series' wall clock shows at the start of an occurrence.
    fn reading(&self, start: &OriginalStart) -> NaiveDateTime {
        match (start, self.from) {
            // A day beside a timed series means the occurrence on that day.
            (OriginalStart::Date { date }, from) => date.and_time(start_reading(&from).time()),
            (OriginalStart::Zoned { time }, When::Zoned { start, .. }) => {
                time.instant().with_timezone(&start.zone).naive_local()
            }
            (OriginalStart::Zoned { time }, _) => time.local,
            (OriginalStart::Floating { time }, _) => *time,
        }
    }
}

fn start_reading(when: &When) -> NaiveDateTime {
    match *when {
        When::AllDay { start, .. } => start.and_time(NaiveTime::MIN),
        When::Zoned { start, .. } => start.local,
        When::Floating { start, .. } => start,
    }
}

/// Lets the recurrence of `after` follow a move from `before`, and brings it into its one form beside the new start.
pub(super) fn follow(before: &EventContent, after: &mut EventContent) {
    let when = after.when;
    let Some(recurrence) = &mut after.recurrence else { return };
    if let (Some(former), Some(shift)) = (&before.recurrence, Shift::between(&before.when, &when)) {
        follow_move(former, recurrence, &shift);
    }
    recurrence.fit_to(&when);
}

fn follow_move(former: &Recurrence, recurrence: &mut Recurrence, shift: &Shift) {
    if recurrence.rules == former.rules {
        move_rules(&mut recurrence.rules, shift);
    }
    if recurrence.exclusion_rules == former.exclusion_rules {
        move_rules(&mut recurrence.exclusion_rules, shift);
    }
    for (dates, former) in
        [(&mut recurrence.dates, &former.dates), (&mut recurrence.exclusion_dates, &former.exclusion_dates)]
    {
        if dates == former {
            for date in dates {
                *date = shift.moved(date);
            }
        }
    }
}

fn move_rules(rules: &mut [String], shift: &Shift) {
    for rule in rules {
        *rule = move_rule(rule, shift);
    }
}

fn move_rule(rule: &str, shift: &Shift) -> String {
    let parts: Vec<(&str, &str)> = rule.split(';').filter_map(|part| part.split_once('=')).collect();
    let value_of = |name: &str| parts.iter().find(|part| part.0 == name).map(|part| part.1);
    let moved = parts.iter().map(|&(name, value)| {
        let moved = match name {
            "UNTIL" => move_until(value, shift),
            "BYDAY" if value_of("BYSETPOS").is_none() => {
                move_weekdays(value, value_of("FREQ"), value_of("INTERVAL"), shift)
            }
            "BYMONTHDAY" => move_number(value, shift, |date| i64::from(date.day())),
            "BYMONTH" => move_number(value, shift, |date| i64::from(date.month())),
            _ => None,
        };
        format!("{name}={}", moved.unwrap_or_else(|| value.to_owned()))
    });
    moved.collect::<Vec<_>>().join(";")
}

/// UNTIL ends the series at a start, so it moves with the starts.
fn move_until(value: &str, shift: &Shift) -> Option<String> {
    let until = match value.strip_suffix('Z') {
        Some(instant) => {
            let instant = NaiveDateTime::parse_from_str(instant, "%Y%m%dT%H%M%S").ok()?.and_utc();
            OriginalStart::Zoned { time: ZonedTime::at(instant, zone_of(&shift.from)) }
        }
        None if value.contains('T') => {
            OriginalStart::Floating { time: NaiveDateTime::parse_from_str(value, "%Y%m%dT%H%M%S").ok()? }
        }
        None => OriginalStart::Date { date: NaiveDate::parse_from_str(value, "%Y%m%d").ok()? },
    };
    Some(shift.moved(&until).key())
}

const fn zone_of(when: &When) -> chrono_tz::Tz {
    match when {
        When::Zoned { start, .. } => start.zone,
        When::AllDay { .. } | When::Floating { .. } => chrono_tz::UTC,
    }
}

/// A rule by the only number that the start's own date has, such as the 15th, follows to the new date's number.
fn move_number(value: &str, shift: &Shift, number: impl Fn(NaiveDate) -> i64) -> Option<String> {
    let (from, to) = (start_reading(&shift.from).date(), start_reading(&shift.to).date());
    (value.parse() == Ok(number(from))).then(|| number(to).to_string())
}

fn move_weekdays(value: &str, freq: Option<&str>, interval: Option<&str>, shift: &Shift) -> Option<String> {
    if shift.days() == 0 {
        return None;
    }
    match freq? {
        // Days of one week could fall into two, of which a rule by every second week visits one only.
        "WEEKLY" if !value.contains(',') || matches!(interval, None | Some("1")) => {
            turn_weekdays(value, shift)
        }
        "MONTHLY" | "YEARLY" => move_nth_weekday(value, shift),
        _ => None,
    }
}

/// Moves every weekday by as many days as the start; none when the start is on none of them.
fn turn_weekdays(value: &str, shift: &Shift) -> Option<String> {
    let days = value.split(',').map(read_weekday).collect::<Option<Vec<_>>>()?;
    if !days.contains(&start_reading(&shift.from).weekday()) {
        return None;
    }
    let turn = usize::try_from(shift.days().rem_euclid(7)).ok()?;
    let turned = days.into_iter().map(|day| weekday_name((0..turn).fold(day, |day, _| day.succ())));
    Some(turned.collect::<Vec<_>>().join(","))
}

/// “The second Tuesday” and “the last Friday” follow to what the new start is of its month.
fn move_nth_weekday(value: &str, shift: &Shift) -> Option<String> {
    let (from, to) = (start_reading(&shift.from).date(), start_reading(&shift.to).date());
    if value == format!("-1{}", weekday_name(from.weekday())) && is_last_of_its_kind(from) {
        let nth = if is_last_of_its_kind(to) { -1 } else { nth_of_its_kind(to) };
        return Some(format!("{nth}{}", weekday_name(to.weekday())));
    }
    (value == format!("{}{}", nth_of_its_kind(from), weekday_name(from.weekday())))
        .then(|| format!("{}{}", nth_of_its_kind(to), weekday_name(to.weekday())))
}

fn nth_of_its_kind(date: NaiveDate) -> i64 {
    i64::from(date.day0() / 7 + 1)
}

fn is_last_of_its_kind(date: NaiveDate) -> bool {
    date.checked_add_days(Days::new(7)).is_none_or(|next| next.month() != date.month())
}

#[cfg(test)]
mod tests {
    use chrono_tz::Europe::Berlin;

    use super::*;

    fn at(text: &str) -> NaiveDateTime {
        NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M").unwrap()
    }

    fn zoned(start: &str) -> When {
        let start = at(start);
        let end = start + TimeDelta::hours(1);
        When::Zoned { start: ZonedTime::new(start, Berlin), end: ZonedTime::new(end, Berlin) }
    }

    fn all_day(start: &str) -> When {
        let start: NaiveDate = start.parse().unwrap();
        When::AllDay { start, end: start + TimeDelta::days(1) }
    }

    /// The rule of a series whose start is moved, with everything else as it was.
    fn moved(rule: &str, from: When, to: When) -> String {
        let mut before = EventContent::new("", from);
        before.recurrence = Some(Recurrence::from_rule(rule).unwrap());
        let mut after = EventContent { when: to, ..before.clone() };
        follow(&before, &mut after);
        after.recurrence.unwrap().rules.remove(0)
    }

    #[test]
    fn a_weekly_rule_follows_to_the_new_weekday() {
        let (monday, tuesday) = (zoned("2026-11-02 10:00"), zoned("2026-11-03 10:00"));
        assert_eq!(moved("FREQ=WEEKLY;BYDAY=MO", monday, tuesday), "FREQ=WEEKLY;BYDAY=TU");
        assert_eq!(moved("FREQ=WEEKLY;BYDAY=MO,SU", monday, tuesday), "FREQ=WEEKLY;BYDAY=MO,TU");
        let sunday = zoned("2026-11-01 10:00");
        assert_eq!(moved("FREQ=WEEKLY;BYDAY=MO", monday, sunday), "FREQ=WEEKLY;BYDAY=SU");
    }

    #[test]
    fn a_rule_that_does_not_name_the_start_is_left_alone() {
        let (monday, tuesday) = (zoned("2026-11-02 10:00"), zoned("2026-11-03 10:00"));
        assert_eq!(moved("FREQ=WEEKLY;BYDAY=TH", monday, tuesday), "FREQ=WEEKLY;BYDAY=TH");
        let every_other = "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,SU";
        assert_eq!(moved(every_other, monday, tuesday), moved(every_other, monday, monday));
    }

    #[test]
    fn monthly_and_yearly_rules_follow_to_the_new_day() {
        let (second, third) = (zoned("2026-11-02 10:00"), zoned("2026-12-03 10:00"));
        assert_eq!(moved("FREQ=MONTHLY;BYMONTHDAY=2", second, third), "FREQ=MONTHLY;BYMONTHDAY=3");
        assert_eq!(moved("FREQ=MONTHLY;BYDAY=1MO", second, third), "FREQ=MONTHLY;BYDAY=1TH");
        let yearly = moved("FREQ=YEARLY;BYMONTH=11;BYMONTHDAY=2", second, third);
        assert_eq!(yearly, "FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=3");
        let last_monday = zoned("2026-11-30 10:00");
        assert_eq!(moved("FREQ=MONTHLY;BYDAY=-1MO", last_monday, second), "FREQ=MONTHLY;BYDAY=1MO");
    }

    #[test]
    fn until_keeps_the_last_occurrence() {
        let rule = "FREQ=DAILY;UNTIL=20261105T090000Z";
        let later = moved(rule, zoned("2026-11-02 10:00"), zoned("2026-11-02 15:00"));
        assert_eq!(later, "FREQ=DAILY;UNTIL=20261105T140000Z");
        let whole_days = moved(rule, zoned("2026-11-02 10:00"), all_day("2026-11-03"));
        assert_eq!(whole_days, "FREQ=DAILY;UNTIL=20261106");
    }

    #[test]
    fn keys_move_on_the_wall_clock_across_a_clock_change() {
        // Berlin's clocks go back on 25 October 2026.
        let shift = Shift::between(&zoned("2026-10-20 10:00"), &zoned("2026-10-20 11:00")).unwrap();
        let before = OriginalStart::Zoned { time: ZonedTime::new(at("2026-10-21 10:00"), Berlin) };
        let after = OriginalStart::Zoned { time: ZonedTime::new(at("2026-10-28 10:00"), Berlin) };
        assert_eq!(shift.moved(&before).key(), "20261021T090000Z");
        assert_eq!(shift.moved(&after).key(), "20261028T100000Z");
    }

    #[test]
    fn keys_move_between_days_and_times() {
        let to_days = Shift::between(&zoned("2026-11-02 22:00"), &all_day("2026-11-03")).unwrap();
        let timed = OriginalStart::Zoned { time: ZonedTime::new(at("2026-11-09 22:00"), Berlin) };
        assert_eq!(to_days.moved(&timed).key(), "20261110");
        let to_times = Shift::between(&all_day("2026-11-03"), &zoned("2026-11-02 22:00")).unwrap();
        let day = OriginalStart::Date { date: "2026-11-10".parse().unwrap() };
        assert_eq!(to_times.moved(&day), timed);
    }

    #[test]
    fn excluded_dates_move_along_but_not_those_just_chosen() {
        let excluded = |text: &str| OriginalStart::Zoned { time: ZonedTime::new(at(text), Berlin) };
        let mut before = EventContent::new("", zoned("2026-11-02 10:00"));
        let mut recurrence = Recurrence::from_rule("FREQ=DAILY").unwrap();
        recurrence.exclusion_dates = vec![excluded("2026-11-04 10:00")];
        before.recurrence = Some(recurrence.clone());

        let mut after = EventContent { when: zoned("2026-11-02 12:00"), ..before.clone() };
        follow(&before, &mut after);
        assert_eq!(after.recurrence.unwrap().exclusion_dates, [excluded("2026-11-04 12:00")]);

        recurrence.exclusion_dates = vec![excluded("2026-11-05 12:00")];
        let mut after =
            EventContent { when: zoned("2026-11-02 12:00"), recurrence: Some(recurrence), ..before.clone() };
        follow(&before, &mut after);
        assert_eq!(after.recurrence.unwrap().exclusion_dates, [excluded("2026-11-05 12:00")]);
    }
}
